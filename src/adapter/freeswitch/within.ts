import type { Clock } from "../../kernel/clock.ts";

/** The promise's value, or a rejection when the channel goes away or FreeSWITCH does not answer in time. */
export function within<T>(clock: Clock, timeoutMs: number, gone: Promise<void>, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => reject(new Error("no answer in time")));
    gone.then(() => reject(new Error("the channel is gone")));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
