import type { Beat } from "../../src/lab/media/ticker.ts";

/** A machine's time that only passes when told to. */
export function handBeat(): Beat & { pass(ms: number): void } {
  let nowMs = 1000.3;
  let pending: { at: number; fire: () => void } | undefined;
  return {
    nowMs: () => nowMs,
    after(delayMs, fire) {
      const mine = { at: nowMs + delayMs, fire };
      pending = mine;
      return () => {
        if (pending === mine) pending = undefined;
      };
    },
    pass(ms) {
      nowMs += ms;
      while (pending && pending.at <= nowMs + 1e-6) {
        const due = pending;
        pending = undefined;
        due.fire();
      }
    },
  };
}
