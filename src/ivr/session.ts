import type { Effect } from "../attempt/ports.ts";
import { pause } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { lacking } from "../template/fields.ts";
import type { Fields } from "../template/template.ts";
import { promptsAhead } from "./ahead.ts";
import { goodbyeIn, goodbyeText } from "./goodbye.ts";
import { KeyWatch } from "./key-session.ts";
import { TimeLimit } from "./limit-session.ts";
import { type Action, answeredLate, begin, type CallEvent, next, openAnswers, type Place } from "./machine.ts";
import type { CollectAction, RecordAction, WebhookAction, WebhookEvent } from "./place.ts";
import { type Holding, type PromptBook, type PromptFile, type PromptRef, type PromptStore, promptKey } from "./ports.ts";
import { promptsFor } from "./prompt.ts";
import { ReadyPrompts } from "./ready-session.ts";
import type { Script, Verdict } from "./script.ts";
import type { ScriptEnd, ScriptRun } from "./script-run.ts";
import { SessionFault } from "./session-fault.ts";
import { Waits } from "./wait-session.ts";
import { webhookEvent } from "./webhook-answer.ts";

export type { ScriptEnd, ScriptRun, SessionSink } from "./script-run.ts";

/** How often writing an effect is tried, and the pause between two tries. Longer, and the person would hear silence. */
const effectTries = 3;
const effectPauseMs = 200;
/** Time kept back from the call's limit, so that there is room for the goodbye. */
const goodbyeRoomMs = 5_000;

/**
 * Renders everything a contact could hear that is known before the call, and looks it up by what is asked for.
 * @param startAt who may answer; every verdict when left out. What is not needed is not rendered.
 * @throws as PromptStore.ensure; Fault `contact-lacks-field` (detail `fields`) when a column that the script needs is absent or blank
 * for this contact, who then must not be dialled; Fault `template-too-long`
 */
export async function preparePrompts(
  script: Script,
  fields: Fields,
  store: PromptStore,
  startAt?: readonly Verdict[],
): Promise<(ref: PromptRef) => PromptFile | undefined> {
  const missing = lacking(script.needs, fields);
  if (missing.length > 0) {
    throw new Fault("contact-lacks-field", `the contact has no ${missing.join(", ")}, which ${script.name} needs`, { detail: { fields: missing } });
  }
  return lookup(await store.ensure([...promptsFor(script, fields, startAt), ...script.languages.map(goodbyeIn)]));
}

/** A book of prompts as the session wants it. */
export function lookup(book: PromptBook): (ref: PromptRef) => PromptFile | undefined {
  return (ref) => book.get(promptKey(ref));
}

/**
 * Takes one answered call through its script, and hangs up at the end. Resolves when the conversation is over, whoever ended it.
 * @throws SessionFault with the code `effect-not-written` when an opt-out could not be committed (the person has heard the goodbye, not a confirmation),
 * `prompt-late` when a prompt made of answers was not ready in time, or what the caller or the prompt store threw; the call has been
 * hung up in each case
 */
export function runScript(run: ScriptRun): Promise<ScriptEnd> {
  return new Session(run).run();
}

const tooLong = { end: "too-long", outcome: "too_long" } as const;

class Session {
  readonly #run: ScriptRun;
  readonly #limit: TimeLimit;
  readonly #ready: ReadyPrompts;
  #place: Place | undefined;
  /** What a webhook's wait is filled with; it goes on until the next thing can be heard. */
  #holding: Holding | undefined;
  /** Set when the person left while a webhook was asked that still answered: what it answered counts, and nothing more is begun. */
  #left: Extract<CallEvent, { kind: "left" }> | undefined;
  readonly #keys: KeyWatch;
  readonly #waits: Waits;
  #acted = false;
  /** Webhooks for whose answers nobody waits any more, and what they have answered. */
  readonly #unawaited: Promise<void>[] = [];
  readonly #late: WebhookEvent[] = [];

  constructor(run: ScriptRun) {
    this.#run = run;
    this.#limit = new TimeLimit(run.clock, run.script.maxCallMs, () => void run.caller.hangUp().catch(() => {}));
    this.#keys = new KeyWatch(run.caller);
    this.#ready = new ReadyPrompts(run.prompts, run.store, run.clock);
    const files = (refs: readonly PromptRef[]) => this.#files(refs);
    this.#waits = new Waits({ caller: run.caller, groups: run.groups, keys: this.#keys, limit: this.#limit, ready: this.#ready, files });
  }

  async run(): Promise<ScriptEnd> {
    const path: string[] = [];
    const ended = await this.#converse(path).catch((error: unknown) => toFault(error, "session-failed"));
    await Promise.all(this.#unawaited);
    const answers = this.#place ? openAnswers(this.#withLate(this.#place)) : {};
    if (ended instanceof Fault) throw new SessionFault(ended, answers, this.#acted);
    return { ...ended, path, answers, acted: this.#acted };
  }

  /** Lives until the person is hung up on or gone. @param path is added to */
  async #converse(path: string[]): Promise<Pick<ScriptEnd, "end" | "outcome">> {
    const { script, fields, startAt, sink, clock, caller } = this.#run;
    let hangsUp = true;
    try {
      let move = begin(script, fields, startAt, clock.now());
      for (;;) {
        this.#place = move.place;
        for (const step of move.entered) {
          path.push(step);
          sink.step(step);
        }
        if (move.effects.length > 0) await this.#commit(move.effects);
        const { action } = move;
        if (action.kind === "end") {
          if (action.end === "too-long") await this.#sayGoodbye();
          // Whoever left needs no hanging up; where our media broke, the call may still have another voice to say goodbye with.
          hangsUp = action.end === "completed" || action.end === "too-long";
          return { end: action.end, outcome: action.outcome };
        }
        if (this.#goodbye && this.#limit.leftMs() < Math.min(goodbyeRoomMs, script.maxCallMs / 2)) {
          await this.#sayGoodbye();
          return tooLong;
        }
        const event = this.#left ?? (await this.#limit.unlessOver(this.#act(action, move.place)));
        if (event === "over") return tooLong;
        move = next(script, this.#withLate(move.place), event, clock.now());
      }
    } catch (error) {
      await this.#sayGoodbye().catch(() => {});
      throw error;
    } finally {
      this.#limit.cancel();
      await this.#endHolding().catch(() => {});
      if (hangsUp) await caller.hangUp().catch(() => {});
    }
  }

  get #goodbye(): PromptFile | undefined {
    const { script, prompts } = this.#run;
    return prompts(goodbyeIn(this.#place?.language ?? script.language)) ?? prompts({ say: goodbyeText, language: "en-US" });
  }

  async #sayGoodbye(): Promise<void> {
    await this.#endHolding().catch(() => {});
    if (this.#goodbye) await this.#limit.unlessOver(this.#run.caller.play([this.#goodbye]));
  }

  async #endHolding(): Promise<void> {
    const holding = this.#holding;
    this.#holding = undefined;
    await holding?.stop();
  }

  async #commit(effects: readonly Effect[]): Promise<void> {
    this.#acted = true;
    for (let tried = 1; ; tried++) {
      try {
        await this.#run.sink.effect(effects);
        return;
      } catch (error) {
        if (tried === effectTries) {
          throw new Fault("effect-not-written", `${effects.map((effect) => effect.kind).join(", ")} could not be written: ${String(error)}`, {
            cause: error,
          });
        }
        await pause(this.#run.clock, effectPauseMs);
      }
    }
  }

  /** The files of what is heard next; a webhook's hold prompts go on until they are there. */
  async #files(refs: readonly PromptRef[]): Promise<PromptFile[]> {
    const files = await this.#ready.files(refs);
    await this.#endHolding();
    return files;
  }

  /** The place with what webhooks have answered meanwhile. */
  #withLate(place: Place): Place {
    return this.#late.splice(0).reduce(answeredLate, place);
  }

  /** Does what the walker asked for, and says what happened. */
  async #act(action: Exclude<Action, { kind: "end" }>, place: Place): Promise<CallEvent> {
    this.#ready.warm(promptsAhead(this.#run.script, place));
    switch (action.kind) {
      case "play":
        return this.#play(await this.#files(action.prompts), action.keys);
      case "collect":
        return this.#collect(action);
      case "transfer":
        return this.#waits.transfer(action);
      case "queue":
        return this.#waits.queue(action, place);
      case "webhook":
        this.#acted = true;
        return this.#webhook(action, place);
      case "record":
        return this.#record(action, place);
    }
  }

  async #play(files: readonly PromptFile[], keys: string): Promise<CallEvent> {
    const { caller } = this.#run;
    const { end, key } = await this.#keys.during(keys, async () => (files.length === 0 ? "played" : caller.play(files)));
    if (end === "hung-up" || end === "lost") return { kind: "left", how: end };
    return key === undefined ? { kind: "played" } : { kind: "key", key };
  }

  async #collect({
    prompts: refs,
    keys,
    minDigits,
    maxDigits,
    firstDigitMs,
    interDigitMs,
    terminators,
    bargeIn,
    secret,
  }: CollectAction): Promise<CallEvent> {
    const { caller } = this.#run;
    const request = { prompts: await this.#files(refs), minDigits, maxDigits, firstDigitMs, interDigitMs, terminators, bargeIn, secret };
    const { end, key } = await this.#keys.during(keys, () => caller.collect(request));
    if (end?.end === "hung-up" || end?.end === "lost") return { kind: "left", how: end.end };
    return key === undefined ? { kind: "digits", digits: end && "digits" in end ? end.digits : "" } : { kind: "key", key };
  }

  async #webhook(action: WebhookAction, place: Place): Promise<CallEvent> {
    const { script, attemptId, caller, webhooks } = this.#run;
    if (!webhooks?.configured.includes(action.webhook)) return { kind: "webhook", end: "error" };
    const files = await this.#files(action.holdPrompts);
    const holding = files.length > 0 ? caller.hold(files) : undefined;
    this.#holding = holding;
    const idempotencyKey = `${attemptId}:${place.step}:${action.visit}`;
    const body = { ...action.body, script: script.name, step: place.step, attemptId, idempotencyKey };
    let answered: Promise<WebhookEvent> | undefined;
    const away = Promise.withResolvers<undefined>();
    const { end, key } = await this.#keys.during(
      action.keys,
      () => {
        answered = webhooks.call(action.webhook, body, action.timeoutMs).then((answer) => webhookEvent(action, answer));
        const left = holding?.left.then((how) => ({ kind: "left", how }) as const);
        return Promise.race([answered, away.promise, ...(left ? [left] : [])]);
      },
      () => away.resolve(undefined),
    );
    if (end?.kind === "left") {
      // What was asked may have been done, a payment taken: that is the truth of this call, whoever is still there to hear it.
      const late = await answered;
      if (late?.end !== "answered") return end;
      this.#left = end;
      return late;
    }
    if (key === undefined) return end ?? { kind: "webhook", end: "error" };
    // The question stays asked. What comes of it is kept, and nobody waits for that on the line.
    if (answered) this.#unawaited.push(answered.then((event) => void this.#late.push(event)));
    return { kind: "key", key };
  }

  async #record(action: RecordAction, place: Place): Promise<CallEvent> {
    const { attemptId, caller } = this.#run;
    const { visit, maxMs, silenceMs, terminators, beep } = action;
    const name = `${attemptId}-${place.step.replaceAll("/", ".")}-${visit}`;
    const prompts = await this.#files(action.prompts);
    const { end, key } = await this.#keys.during(action.keys, () => caller.record({ prompts, name, maxMs, silenceMs, terminators, beep }));
    if (end?.end === "hung-up" || end?.end === "lost") return { kind: "left", how: end.end, ...(end.said && { said: end.said }) };
    const kept = end?.end === "recorded" && { said: { recording: end.recording, durationMs: end.durationMs } };
    return key === undefined ? { kind: "recorded", ...kept } : { kind: "key", key, ...kept };
  }
}
