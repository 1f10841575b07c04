import { systemClock } from "../adapter/system/clock.ts";
import { writtenEffect } from "../ivr/case-verdict.ts";
import { formatFinding } from "../ivr/finding.ts";
import { begin, type CallEvent, next, openAnswers, type Place } from "../ivr/machine.ts";
import type { Action, CollectAction, Move, WebhookAction } from "../ivr/place.ts";
import type { PromptRef, WebhookEnd } from "../ivr/ports.ts";
import { anyGroup, type Script, type Step, type Verdict } from "../ivr/script.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { webhookEvent } from "../ivr/webhook-answer.ts";
import type { Clock } from "../kernel/clock.ts";
import { type FieldOptions, fieldsFor } from "./ivr-fields.ts";
import { callTime, clockAt } from "./ivr-time.ts";
import { type Keypad, lineKeypad, pressed, terminalKeypad } from "./keypad.ts";

export interface WalkOptions extends FieldOptions {
  readonly verdict: Verdict;
  /** False: silence only when Enter is pressed. */
  readonly wait?: boolean;
  /** When it takes place, as `callTime` reads it. Default: now. */
  readonly at?: string;
}

/** Somebody who reads what others hear needs about as long as it takes to say it: speech at 14 characters a second. */
const charactersPerSecond = 14;
const answers = "an answer as JSON, timeout or error";
const queueEnds = ["talked", "no-agent", "nobody"] as const;
const transferEnds = ["talked", "busy", "no-answer", "failed"] as const;

/**
 * `carillon ivr walk FILE`: plays a script in the terminal, the keyboard being the keypad.
 * @returns 1 when the script has errors
 * @throws Fault `time-form`, and those of `fieldsFor`
 */
export async function walkScript(path: string, options: WalkOptions): Promise<number> {
  const { script, findings } = await loadScriptFile(path);
  if (!script) {
    console.error(findings.map(formatFinding).join("\n"));
    return 1;
  }
  const fields = await fieldsFor(script, options);
  const clock = options.at === undefined ? systemClock : clockAt(systemClock, callTime(options.at, script, fields));
  const { stdin, stdout } = process;
  const keypad = stdin.isTTY ? terminalKeypad(stdin, stdout, systemClock) : lineKeypad(stdin, stdout);
  if (stdin.isTTY) console.log("Keys are 0-9 * #, Enter is silence or the end of what you keyed in, h hangs up.\n");
  try {
    await new Walk(script, keypad, clock, options.wait ?? true).run(begin(script, fields, options.verdict, clock.now()));
    return 0;
  } finally {
    keypad.close();
  }
}

class Walk {
  readonly #script: Script;
  readonly #keypad: Keypad;
  readonly #clock: Clock;
  readonly #waits: boolean;

  constructor(script: Script, keypad: Keypad, clock: Clock, waits: boolean) {
    this.#script = script;
    this.#keypad = keypad;
    this.#clock = clock;
    this.#waits = waits;
  }

  async run(first: Move): Promise<void> {
    let move = first;
    for (;;) {
      for (const step of move.entered) console.log(`── ${step}`);
      for (const effect of move.effects) console.log(`   effect: ${JSON.stringify(writtenEffect(effect))}`);
      const { action, place } = move;
      if (action.kind === "end") {
        console.log(`══ ${action.end === "completed" ? "" : `${action.end}, `}outcome ${action.outcome}${learned(place)}`);
        return;
      }
      move = next(this.#script, place, await this.#happens(action, place), this.#clock.now());
    }
  }

  async #happens(action: Exclude<Action, { kind: "end" }>, place: Place): Promise<CallEvent> {
    const left: CallEvent = { kind: "left", how: "hung-up" };
    // Whoever waits here is the first.
    if (action.kind === "queue") show(action.positions[0] ?? []);
    show("holdPrompts" in action ? action.holdPrompts : action.prompts);
    switch (action.kind) {
      case "play": {
        const key = action.keys === "" ? undefined : await this.#keypad.keyInto(action.keys, saidMs(action.prompts));
        if (key === "hang-up") return left;
        return key === undefined ? { kind: "played" } : { kind: "key", key };
      }
      case "collect": {
        process.stdout.write("   > ");
        const digits = await this.#keypad.keys(this.#waitOf(action));
        return digits === "hang-up" ? left : { kind: "digits", digits };
      }
      case "transfer": {
        const target = "group" in action.target ? `group ${action.target.group}` : action.target.number;
        const keys = [...action.keys].map((key) => `k${key}`);
        const end = await this.#choose(`   transfer to ${target} (${[...transferEnds, ...keys].join(", ")}) > `, [...transferEnds, ...keys]);
        const key = pressed(end, action.keys);
        if (key !== undefined) return { kind: "key", key };
        const known = transferEnds.find((one) => one === end);
        return known === undefined ? left : { kind: "transferred", end: known };
      }
      case "queue": {
        const ends = [...queueEnds, ...[...action.keys].map((key) => `k${key}`)];
        const end = await this.#choose(`   an agent of ${action.group === anyGroup ? "the campaign" : action.group} (${ends.join(", ")}) > `, ends);
        const key = pressed(end, action.keys);
        if (key !== undefined) return { kind: "key", key };
        const known = queueEnds.find((one) => one === end);
        return known === undefined ? left : { kind: "queued", end: known };
      }
      case "webhook": {
        const wanted = [answers, ...[...action.keys].map((key) => `k${key}`)].join(", ");
        const example = answerExample(action, this.#script.steps.get(place.step));
        const answer = await this.#answer(`   webhook ${action.webhook} (${wanted}) > `, example, action.keys);
        if (typeof answer === "string") return answer === "hang-up" ? left : { kind: "key", key: answer };
        return webhookEvent(action, answer);
      }
      case "record": {
        const keys = [...action.keys].map((key) => `; k${key}`).join("");
        const spoken = await this.#keypad.line(`   recording (seconds spoken; Enter is silence${keys}) > `);
        if (spoken === "hang-up") return left;
        const key = pressed(spoken, action.keys);
        if (key !== undefined) return { kind: "key", key };
        const durationMs = Math.round(Number(spoken) * 1000);
        return durationMs > 0 ? { kind: "recorded", said: { recording: "recording", durationMs } } : { kind: "recorded" };
      }
    }
  }

  #waitOf({ prompts, maxDigits, terminators, firstDigitMs, interDigitMs, secret }: CollectAction) {
    return { maxDigits, terminators, interDigitMs, secret, firstDigitMs: this.#waits ? saidMs(prompts) + firstDigitMs : Number.POSITIVE_INFINITY };
  }

  async #choose<T extends string>(question: string, words: readonly T[]): Promise<T | "hang-up"> {
    for (;;) {
      const text = (await this.#keypad.line(question)).replace("_", "-");
      const found = words.find((word) => word === text);
      if (found || text === "hang-up") return found ?? "hang-up";
      console.log(`   Say one of: ${words.join(", ")}, or h to hang up.`);
    }
  }

  /** @param keys that lead away instead */
  async #answer(question: string, example: string, keys: string): Promise<WebhookEnd | string> {
    for (;;) {
      const text = await this.#keypad.line(question);
      const key = pressed(text, keys);
      if (text === "hang-up" || key !== undefined) return key ?? text;
      if (text === "timeout") return { end: "timeout" };
      if (text === "error") return { end: "failed", reason: "as told" };
      try {
        return { end: "answered", status: 200, body: JSON.parse(text) as unknown };
      } catch {
        console.log(`   Give ${answers}, such as ${example}, or h to hang up.`);
      }
    }
  }
}

function saidMs(prompts: readonly PromptRef[]): number {
  return prompts.reduce((sum, ref) => sum + ("say" in ref ? ref.say.length : 0), 0) * (1000 / charactersPerSecond);
}

/** An answer that the step knows what to do with. */
function answerExample({ result }: WebhookAction, step: Step | undefined): string {
  const [value = ""] = step?.verb === "webhook" ? step.on.keys() : [];
  return JSON.stringify(result.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value));
}

function show(prompts: readonly PromptRef[]): void {
  for (const ref of prompts) console.log("say" in ref ? `   “${ref.say}”` : `   [${ref.file}]`);
}

function learned(place: Place): string {
  const known = Object.entries(openAnswers(place)).map(([name, { value }]) => `${name}=${value}`);
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}
