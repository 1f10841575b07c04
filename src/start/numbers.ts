import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { CallerIds } from "../voice/caller-id-engine.ts";

/** A number that another node put to rest is not shown here for long. */
const lookMs = 10_000;

/** Learns from time to time what other nodes know of our numbers. @returns the function that ends it */
export function readNumbers(callerIds: CallerIds, clock: Clock, log: Log): () => Promise<void> {
  return again(clock, lookMs, async () => {
    await callerIds.refresh().catch((error) => log.error({ err: error }, "what is known of our numbers cannot be read; trying again"));
    return true;
  });
}
