import type { Withdrawals } from "../attempt/withdrawal-ports.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { CallEngine } from "../voice/call-engine.ts";

/** Nothing may ring on for 5 s after an opt-out on any channel. */
const lookMs = 1000;

/** Takes back what rings at people who opted out meanwhile. @returns the function that ends it */
export function recallWithdrawn(withdrawals: Withdrawals, engine: CallEngine, node: string, clock: Clock, log: Log): () => Promise<void> {
  let closed = false;
  let timer: Timer | undefined;
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    try {
      if (engine.lines > 0) engine.withdraw(await withdrawals.withdrawn(node));
    } catch (error) {
      log.error({ err: error }, "cannot look for opt-outs; trying again");
    }
    if (!closed) later();
  };
  const later = () => {
    timer = clock.after(lookMs, () => {
      looking = look();
    });
  };
  later();
  return async () => {
    closed = true;
    timer?.cancel();
    await looking;
  };
}
