import { begin, type CallEvent, type Move, next } from "../../src/ivr/machine.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";

/** What happened, in the words of the examples in docs/ivr.md: `played`, `silence`, `hangup`, `lost`, an end of a transfer, or keys. */
export function eventOf(word: string): CallEvent {
  if (word === "played") return { kind: "played" };
  if (word === "silence") return { kind: "digits", digits: "" };
  if (word === "hangup") return { kind: "left", how: "hung-up" };
  if (word === "lost") return { kind: "left", how: "lost" };
  if (word === "talked" || word === "busy" || word === "no-answer" || word === "failed") return { kind: "transferred", end: word };
  return { kind: "digits", digits: word };
}

const fits: Readonly<Record<Move["action"]["kind"], readonly CallEvent["kind"][]>> = {
  play: ["played", "left"],
  collect: ["digits", "left"],
  transfer: ["transferred", "left"],
  end: [],
};

/** Walks a script with these events, checking that each is one that could happen there. */
export function walk(script: Script, verdict: Verdict, words: readonly string[], fields: Readonly<Record<string, string>> = {}) {
  let move = begin(script, fields, verdict);
  const moves = [move];
  const path = [...move.entered];
  const effects = [...move.effects];
  for (const word of words) {
    const event = eventOf(word);
    if (!fits[move.action.kind].includes(event.kind))
      throw new Error(`${word} cannot happen in ${move.place.step}, where it is to ${move.action.kind}`);
    move = next(script, move.place, event);
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
