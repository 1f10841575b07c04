import { charactersPerSecond } from "../../src/ivr/lint-length.ts";
import { type Action, begin, type CallEvent, type Move, maxVisits, next } from "../../src/ivr/machine.ts";
import type { PromptRef } from "../../src/ivr/ports.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";
import { intBetween, pick, type Random } from "../../src/kernel/random.ts";
import { tuesday } from "./walk.ts";

/** How a walk through a whole call went. */
export interface Walked {
  /** `over`: the call's time was up, as a session would have it. */
  readonly end: string;
  readonly visits: number;
  /** Steps in which somebody was asked something, one by one. */
  readonly asked: number;
  /** How often a key led away that works everywhere. */
  readonly keyed: number;
  readonly elapsedMs: number;
  readonly entered: readonly string[];
  readonly spoken: ReadonlySet<string>;
}

/** More things than can happen in any call. */
const mostEvents = 20_000;

/**
 * Walks a script in virtual time with a person who does anything; silent people do nothing at all.
 * @throws Error when the walk does not come to an end
 */
export function walkAtRandom(script: Script, random: Random, verdict: Verdict, silent: boolean, fields: Readonly<Record<string, string>>): Walked {
  let elapsedMs = 0;
  let asked = 0;
  let keyed = 0;
  const entered: string[] = [];
  const spoken = new Set<string>();
  let move: Move = begin(script, fields, verdict, tuesday);
  for (let events = 0; events < mostEvents; events++) {
    entered.push(...move.entered);
    const { action, place } = move;
    const walked = (end: string): Walked => ({ end, visits: place.visits, asked, keyed, elapsedMs, entered, spoken });
    if (action.kind === "end") return walked(place.visits > maxVisits ? "circles" : action.end);
    for (const ref of promptsOf(action)) if ("say" in ref) spoken.add(ref.language);
    if (action.kind === "collect" || action.kind === "record") asked += 1;
    const { event, tookMs } = happens(script, move, random, silent);
    if (event.kind === "key") keyed += 1;
    // Waiting for somebody has limits of its own.
    if (action.kind !== "transfer" && action.kind !== "queue") elapsedMs += tookMs;
    if (elapsedMs >= script.maxCallMs) return { ...walked("over"), elapsedMs: script.maxCallMs };
    move = next(script, place, event, tuesday + elapsedMs);
  }
  throw new Error(`after ${mostEvents} events the walk is still in ${move.place.step}`);
}

function promptsOf(action: Action): readonly PromptRef[] {
  if (action.kind === "end") return [];
  return "holdPrompts" in action ? action.holdPrompts : action.prompts;
}

const heardMs = (action: Action) =>
  promptsOf(action).reduce((sum, ref) => sum + ("say" in ref ? (ref.say.length * 1000) / charactersPerSecond : 2000), 0);

/** What happens next, and after how long. */
function happens(script: Script, { action, place }: Move, random: Random, silent: boolean): { event: CallEvent; tookMs: number } {
  const fullMs = heardMs(action);
  if (!silent && random.next() < 0.02) return { event: { kind: "left", how: pick(random, ["hung-up", "lost"]) }, tookMs: 100 };
  const [key] = action.kind === "end" || silent || random.next() > 0.05 ? "" : pickFrom(random, action.keys);
  // In a recording perhaps after something was said.
  const said = action.kind === "record" && random.next() < 0.5 ? { said: { recording: "/r/a.wav", durationMs: 700 } } : {};
  if (key !== undefined) return { event: { kind: "key", key, ...said }, tookMs: intBetween(random, 0, Math.ceil(fullMs)) };
  switch (action.kind) {
    case "collect": {
      const keys = silent ? "" : keysFor(script, place.step, action.maxDigits, random);
      if (keys === "") return { event: { kind: "digits", digits: "" }, tookMs: fullMs + action.firstDigitMs };
      return { event: { kind: "digits", digits: keys }, tookMs: (action.bargeIn ? 0 : fullMs) + 200 * keys.length };
    }
    case "transfer":
      return {
        event: { kind: "transferred", end: silent ? "no-answer" : pick(random, ["talked", "busy", "no-answer", "failed"]) },
        tookMs: action.ringTimeoutMs,
      };
    case "queue":
      return { event: { kind: "queued", end: silent ? "no-agent" : pick(random, ["talked", "no-agent", "nobody"]) }, tookMs: action.maxWaitMs };
    case "webhook": {
      const end = silent ? "timeout" : pick(random, ["answered", "answered", "error", "timeout"]);
      if (end !== "answered") return { event: { kind: "webhook", end: end === "error" ? "error" : "timeout" }, tookMs: action.timeoutMs };
      const saved = new Map([...action.save.keys()].map((name) => [name, pick(random, strange)]));
      const value = random.next() < 0.1 ? undefined : pick(random, ["ok", "ok", ...strange]);
      return { event: { kind: "webhook", end, saved, ...(value !== undefined && { value }) }, tookMs: 50 };
    }
    case "record": {
      if (silent || random.next() < 0.3) return { event: { kind: "recorded" }, tookMs: fullMs + action.silenceMs };
      const durationMs = intBetween(random, 1, action.maxMs);
      return { event: { kind: "recorded", said: { recording: "/r/a.wav", durationMs } }, tookMs: fullMs + durationMs };
    }
    default:
      return { event: { kind: "played" }, tookMs: fullMs };
  }
}

const pickFrom = (random: Random, keys: string): string => (keys === "" ? "" : pick(random, [...keys]));

/** Values that strangers send. */
export const strange = [
  "gold",
  "7",
  "-1",
  "",
  " ",
  "2026-11-24",
  "{first_name}",
  "__proto__",
  "é\u{1f600}",
  "x".repeat(900),
  "Europe/Berlin",
  "es-US",
];

function keysFor(script: Script, name: string, maxDigits: number, random: Random): string {
  const step = script.steps.get(name);
  if (step?.verb === "menu" && random.next() < 0.6) return pick(random, [...step.keys.keys()]);
  if (random.next() < 0.25) return "";
  return Array.from({ length: intBetween(random, 1, maxDigits) }, () => pick(random, [..."0123456789*#"])).join("");
}
