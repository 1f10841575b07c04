import type { Clock } from "../../kernel/clock.ts";
import type { Listeners } from "../../kernel/listeners.ts";

/** The promise's value, or a rejection when the channel goes away or FreeSWITCH does not answer in time. */
export function within<T>(clock: Clock, timeoutMs: number, gone: Listeners, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (why: string) => {
      settled();
      reject(new Error(why));
    };
    const timer = clock.after(timeoutMs, () => giveUp("no answer in time"));
    const unhear = gone.on(() => giveUp("the channel is gone"));
    const settled = () => {
      timer.cancel();
      unhear();
    };
    promise.then(resolve, reject).finally(settled);
  });
}
