import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { ReportStore } from "./ports.ts";

/** Reports are right without it: what is not folded yet is added up by whoever reads. So often, so that it stays little. */
const foldMs = 2000;
/** At once, so that a transaction stays short. */
const most = 20_000;

/** Takes what was appended to the counters into them, again and again; any number of nodes may. @returns the function that ends it */
export function foldCounters(store: Pick<ReportStore, "fold">, clock: Clock, log: Log): () => Promise<void> {
  let ended = false;
  const stop = againDespite(
    clock,
    foldMs,
    async () => {
      for (let taken = most; taken >= most && !ended; ) taken = await store.fold(most);
    },
    (error) => log.warn({ err: error }, "the counters of the reports cannot be added up; trying again"),
  );
  return async () => {
    ended = true;
    await stop();
  };
}
