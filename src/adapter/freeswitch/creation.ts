import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";

/** How long FreeSWITCH may take to make a channel; it takes 14–40 ms when it is well. */
const openTimeoutMs = 5000;

/**
 * A channel that is being made, or a Fault when it takes too long or the connection is lost; one that comes later is let go again.
 * @param lost rejects when the connection is lost
 */
export function created<T extends { dialog: { destroy(): Promise<unknown> } }>(
  making: Promise<T>,
  mediaServer: string,
  clock: Clock,
  lost: Promise<never>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const giveUp = (fault: unknown) => {
      late = true;
      timer.cancel();
      reject(fault);
    };
    const timer = clock.after(openTimeoutMs, () =>
      giveUp(new Fault("freeswitch-timeout", `FreeSWITCH ${mediaServer} did not answer within ${openTimeoutMs} ms`, { retryable: true })),
    );
    lost.catch(giveUp);
    making.then(
      (value) => {
        timer.cancel();
        if (!late) return resolve(value);
        value.dialog.destroy().catch(() => {});
      },
      (error) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
