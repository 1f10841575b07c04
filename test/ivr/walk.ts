import { type Action, begin, type CallEvent, type Move, next } from "../../src/ivr/machine.ts";
import type { WebhookEnd } from "../../src/ivr/ports.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";
import { webhookEvent } from "../../src/ivr/webhook-answer.ts";

/** When walks take place, if nothing else is said: Tuesday, 2026-11-24, 15:00 UTC. */
export const tuesday = Date.UTC(2026, 10, 24, 15);

/**
 * What happened, in the words of the examples in docs/ivr.md: `played`, `silence`, `hangup`, `lost`, an end of a transfer, what a webhook
 * answered (JSON, `error`, `timeout`), `recorded`, or keys.
 */
export function eventOf(word: string, action?: Action): CallEvent {
  if (action?.kind === "webhook" && word !== "hangup" && word !== "lost" && !action.keys.includes(word)) return webhookEvent(action, answerOf(word));
  if (action?.kind === "record" && word === "silence") return { kind: "recorded" };
  if (word === "recorded") return { kind: "recorded", said: { recording: "/recordings/a.wav", durationMs: 4_000 } };
  if (word === "played") return { kind: "played" };
  if (word === "silence") return { kind: "digits", digits: "" };
  if (word === "hangup") return { kind: "left", how: "hung-up" };
  if (word === "lost") return { kind: "left", how: "lost" };
  if (word === "talked" && action?.kind === "queue") return { kind: "queued", end: word };
  if (word === "talked" || word === "busy" || word === "no-answer" || word === "failed") return { kind: "transferred", end: word };
  if (word === "no-agent" || word === "nobody") return { kind: "queued", end: word };
  if (action && action.kind !== "collect" && action.kind !== "end" && action.keys.includes(word)) return { kind: "key", key: word };
  return { kind: "digits", digits: word };
}

function answerOf(word: string): WebhookEnd {
  if (word === "timeout") return { end: "timeout" };
  if (word === "error") return { end: "failed", reason: "reset" };
  return { end: "answered", status: 200, body: JSON.parse(word) as unknown };
}

const fits: Readonly<Record<Move["action"]["kind"], readonly CallEvent["kind"][]>> = {
  play: ["played", "key", "left"],
  collect: ["digits", "left"],
  transfer: ["transferred", "key", "left"],
  queue: ["queued", "key", "left"],
  webhook: ["webhook", "key", "left"],
  record: ["recorded", "key", "left"],
  end: [],
};

/** `hears "TEXT"` and `wrote KIND` say what must have come of the move before; true when the word is such a one. */
function witnessed(word: string, move: Move): boolean {
  const [, text] = /^hears "(.*)"$/.exec(word) ?? [];
  const [, kind] = /^wrote (\w+)$/.exec(word) ?? [];
  if (text !== undefined) {
    const heard = JSON.stringify(move.action);
    if (!heard.includes(text)) throw new Error(`“${text}” is not heard in ${move.place.step}, but ${heard}`);
  }
  if (kind !== undefined && !move.effects.some((effect) => effect.kind === kind)) throw new Error(`no ${kind} was written in ${move.place.step}`);
  return text !== undefined || kind !== undefined;
}

/** Walks a script with these events, checking that each is one that could happen there. */
export function walk(
  script: Script,
  verdict: Verdict,
  words: readonly string[],
  fields: Readonly<Record<string, string>> = {},
  at: number = tuesday,
) {
  let move = begin(script, fields, verdict, at);
  const moves = [move];
  const path = [...move.entered];
  const effects = [...move.effects];
  for (const word of words) {
    if (witnessed(word, move)) continue;
    const event = eventOf(word, move.action);
    if (!fits[move.action.kind].includes(event.kind))
      throw new Error(`${word} cannot happen in ${move.place.step}, where it is to ${move.action.kind}`);
    move = next(script, move.place, event, at);
    moves.push(move);
    path.push(...move.entered);
    effects.push(...move.effects);
  }
  return {
    path,
    effects,
    moves,
    last: move,
    end: move.action.kind === "end" ? `${move.action.end} ${move.action.outcome}` : `waiting to ${move.action.kind}`,
  };
}
