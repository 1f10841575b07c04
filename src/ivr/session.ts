import type { Effect } from "../attempt/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { pause } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { lacking } from "../template/fields.ts";
import type { Fields } from "../template/template.ts";
import { type Action, begin, type CallEvent, type Move, next, openAnswers } from "./machine.ts";
import { type Broken, type Caller, type PromptBook, type PromptFile, type PromptRef, type PromptStore, promptKey } from "./ports.ts";
import { goodbyeText, promptsFor, refOf } from "./prompt.ts";
import type { Prompt, Script, Verdict } from "./script.ts";

/** Where a session writes down what happens. */
export interface SessionSink {
  /** A step was entered. Not waited for: the person must not wait for a database. Calls come in order. */
  step(step: string): void;
  /** Effects are committed when this resolves; only then does the person hear about it. Tried again if it rejects. */
  effect(effects: readonly Effect[]): Promise<void>;
}

export interface ScriptRun {
  readonly script: Script;
  readonly fields: Fields;
  /** The ready prompts, by what is heard; see `preparePrompts`. */
  readonly prompts: (ref: PromptRef) => PromptFile | undefined;
  readonly caller: Caller;
  readonly sink: SessionSink;
  readonly clock: Clock;
  readonly startAt: Verdict;
  /** Spoken when the call must end early; without it the call is just hung up. */
  readonly goodbye?: PromptFile;
}

export interface ScriptEnd {
  /** `completed`: the script came to an end of its own. `too-long`: over its time limit, or going in circles. */
  readonly end: "completed" | Broken | "too-long";
  readonly outcome: string;
  /** Steps entered, in order. */
  readonly path: readonly string[];
  /** What was keyed in, by name; never secrets. */
  readonly answers: Readonly<Record<string, string>>;
}

/** How often writing an effect is tried, and the pause between two tries. Longer, and the person would hear silence. */
const effectTries = 3;
const effectPauseMs = 200;
/** Time kept back from the call's limit, so that there is room for the goodbye. */
const goodbyeRoomMs = 5_000;

/**
 * Renders everything a contact could hear, and looks it up by what is asked for.
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
  return lookup(await store.ensure([...promptsFor(script, fields, startAt), { say: goodbyeText }]));
}

/** A book of prompts as the session wants it. */
export function lookup(book: PromptBook): (ref: PromptRef) => PromptFile | undefined {
  return (ref) => book.get(promptKey(ref));
}

/**
 * Takes one answered call through its script, and hangs up at the end. Resolves when the conversation is over, whoever ended it.
 * @throws Fault `effect-not-written` when an opt-out could not be committed (the person has heard the goodbye, not a confirmation),
 * `prompt-missing` when a prompt was not made ready, or what the caller threw; the call has been hung up in each case
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const path: string[] = [];
  const limit = new TimeLimit(run.clock, run.script.maxCallMs, () => void run.caller.hangUp().catch(() => {}));
  const ended = (move: Move, end: ScriptEnd["end"], outcome: string): ScriptEnd => ({ end, outcome, path, answers: openAnswers(move.place) });
  let hangsUp = true;
  try {
    let move = begin(run.script, run.fields, run.startAt);
    for (;;) {
      for (const step of move.entered) {
        path.push(step);
        run.sink.step(step);
      }
      if (move.effects.length > 0) await commit(run, move.effects);
      const { action } = move;
      if (action.kind === "end") {
        if (action.end === "too-long") await sayGoodbye(run, limit);
        // Whoever left needs no hanging up; where our media broke, the call may still have another voice to say goodbye with.
        hangsUp = action.end === "completed" || action.end === "too-long";
        return ended(move, action.end, action.outcome);
      }
      if (run.goodbye && limit.leftMs() < Math.min(goodbyeRoomMs, run.script.maxCallMs / 2)) {
        await sayGoodbye(run, limit);
        return ended(move, "too-long", "too_long");
      }
      const event = await limit.unlessOver(act(run, action, limit));
      if (event === "over") return ended(move, "too-long", "too_long");
      move = next(run.script, move.place, event);
    }
  } catch (error) {
    await sayGoodbye(run, limit).catch(() => {});
    throw toFault(error, "session-failed");
  } finally {
    limit.cancel();
    if (hangsUp) await run.caller.hangUp().catch(() => {});
  }
}

async function sayGoodbye(run: ScriptRun, limit: TimeLimit): Promise<void> {
  if (run.goodbye) await limit.unlessOver(run.caller.play([run.goodbye]));
}

async function commit(run: ScriptRun, effects: readonly Effect[]): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await run.sink.effect(effects);
      return;
    } catch (error) {
      if (tried === effectTries) {
        throw new Fault("effect-not-written", `${effects.map((effect) => effect.kind).join(", ")} could not be written: ${String(error)}`, {
          cause: error,
        });
      }
      await pause(run.clock, effectPauseMs);
    }
  }
}

/** The files of these prompts; what renders to nothing is not played. */
function files(run: ScriptRun, prompts: readonly Prompt[]): PromptFile[] {
  return prompts.flatMap((prompt) => {
    const ref = refOf(prompt, run.fields);
    if ("say" in ref && ref.say === "") return [];
    const file = run.prompts(ref);
    if (!file) throw new Fault("prompt-missing", `a prompt of ${run.script.name} was not made ready before the call`);
    return [file];
  });
}

/** Does what the walker asked for, and says what happened. */
async function act(run: ScriptRun, action: Exclude<Action, { kind: "end" }>, limit: TimeLimit): Promise<CallEvent> {
  switch (action.kind) {
    case "play": {
      const prompts = files(run, action.prompts);
      const end = prompts.length === 0 ? "played" : await run.caller.play(prompts);
      return end === "played" ? { kind: "played" } : { kind: "left", how: end };
    }
    case "collect": {
      const { step } = action;
      const menu = step.verb === "menu";
      const collected = await run.caller.collect({
        prompts: files(run, action.prompts),
        minDigits: menu ? 1 : step.minDigits,
        maxDigits: step.maxDigits,
        firstDigitMs: step.firstDigitMs,
        interDigitMs: step.interDigitMs,
        terminators: menu ? "" : step.terminators,
        bargeIn: step.bargeIn,
      });
      return "digits" in collected ? { kind: "digits", digits: collected.digits } : { kind: "left", how: collected.end };
    }
    case "transfer": {
      const { step } = action;
      // The limit is for time alone with the machine; a conversation has its own.
      const holdPrompts = files(run, step.holdPrompts);
      limit.suspend();
      try {
        const talk = step.maxTalkMs === undefined ? {} : { maxTalkMs: step.maxTalkMs };
        const end = await run.caller.transfer({ to: step.to, ringTimeoutMs: step.ringTimeoutMs, holdPrompts, ...talk });
        return end === "hung-up" || end === "lost" ? { kind: "left", how: end } : { kind: "transferred", end };
      } finally {
        limit.resume();
      }
    }
  }
}

/** The longest time with the script, on the call's clock; it can be suspended. */
class TimeLimit {
  readonly #clock: Clock;
  readonly #fire: () => void;
  #remainingMs: number;
  #since: number;
  #timer: { cancel(): void } | undefined;
  #over: () => void = () => {};
  readonly #whenOver: Promise<"over">;

  constructor(clock: Clock, limitMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#remainingMs = limitMs;
    this.#since = clock.now();
    this.#whenOver = new Promise((resolve) => {
      this.#over = () => resolve("over");
    });
    this.#fire = () => {
      this.#over();
      onOver();
    };
    this.#timer = clock.after(limitMs, this.#fire);
  }

  leftMs(): number {
    return this.#remainingMs - (this.#timer ? this.#clock.now() - this.#since : 0);
  }

  suspend(): void {
    this.#remainingMs = this.leftMs();
    this.cancel();
  }

  resume(): void {
    this.cancel();
    this.#since = this.#clock.now();
    this.#timer = this.#clock.after(Math.max(0, this.#remainingMs), this.#fire);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** What the work gives, or `over` as soon as the time is up. */
  unlessOver<T>(work: Promise<T>): Promise<T | "over"> {
    return Promise.race([work, this.#whenOver]);
  }
}
