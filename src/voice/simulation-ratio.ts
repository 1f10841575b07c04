import { emptyBoard, readyAgents, see } from "./pacing/board.ts";
import type { PacingEvent } from "./pacing/event.ts";
import type { DialPolicy } from "./simulation.ts";

const adaptMs = 15_000;
const dialMs = 2500;
const mostLines = 3;
/** Nothing is concluded from fewer answers of a day. */
const leastAnswers = 50;

/**
 * A dialler of the common kind, for comparison: so many lines for each agent who is free, more while agents wait and fewer while people do, back to one while the day's
 * abandoned are above the target. It knows neither hit rate nor ringing nor conversations. (After the published behaviour of the adaptive modes of open diallers.)
 */
export function ratioPolicy(target: number, dayMs: number): DialPolicy {
  const board = emptyBoard();
  let level = 1;
  let adaptedMs = 0;
  let dialledMs = Number.NEGATIVE_INFINITY;
  let day = { index: 0, answers: 0, abandoned: 0 };
  let sum = 0;
  let samples = 0;

  const adapt = (nowMs: number) => {
    const agents = Math.max(1, board.agents.size);
    level = Math.max(1, Math.min(mostLines, level * (1 + (samples > 0 ? sum / samples : 0) / agents)));
    if (day.answers >= leastAnswers && day.abandoned / day.answers > target) level = 1;
    adaptedMs = nowMs;
    sum = 0;
    samples = 0;
  };
  return {
    observe(event: PacingEvent) {
      see(board, event);
      const index = Math.floor(event.atMs / dayMs);
      if (index !== day.index) day = { index, answers: 0, abandoned: 0 };
      if (event.kind === "connected" || event.kind === "abandoned") day.answers += 1;
      if (event.kind === "abandoned") day.abandoned += 1;
    },
    decide(nowMs) {
      const ready = readyAgents(board);
      sum += ready - board.waiting.size;
      samples += 1;
      if (nowMs - adaptedMs >= adaptMs) adapt(nowMs);
      if (nowMs - dialledMs < dialMs) return 0;
      dialledMs = nowMs;
      return Math.max(0, Math.floor(level * ready) - board.calls.size);
    },
  };
}
