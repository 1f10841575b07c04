import type { Withdrawals } from "../attempt/withdrawal-ports.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { CallEngine } from "../voice/call-engine.ts";

/** Nothing may ring on for 5 s after an opt-out on any channel. */
const lookMs = 1000;

/** Takes back what rings at people who opted out meanwhile. @returns the function that ends it */
export function recallWithdrawn(
  withdrawals: Withdrawals,
  engines: readonly Pick<CallEngine, "lines" | "withdraw">[],
  node: string,
  clock: Clock,
  log: Log,
): () => Promise<void> {
  return again(clock, lookMs, async () => {
    try {
      const dialling = engines.filter(({ lines }) => lines > 0);
      if (dialling.length === 0) return true;
      const withdrawn = await withdrawals.withdrawn(node);
      for (const engine of dialling) engine.withdraw(withdrawn);
    } catch (error) {
      log.error({ err: error }, "cannot look for opt-outs; trying again");
    }
    return true;
  });
}
