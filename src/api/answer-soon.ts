import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Scheduled } from "../strategy/schedule-ports.ts";
import type { StartStore } from "../strategy/start-ports.ts";

/** Proxies and programs that wait for an answer give up after half a minute or a minute. */
export const startAnswerMs = 20_000;

/** For the document. @param below where it is told how far the start is, under the campaign */
export const startsLater = (below: string) =>
  `Over a list of millions this takes minutes: after 20 s the answer is 202, and it goes on, also when its server dies or is stopped: another one takes it up, or this one when it runs again within the hour. The campaign is a draft until everybody on the list is due; GET …/{id}${below} has \`starting\` until then.`;

export interface SoonParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly starts: Pick<StartStore, "promise">;
  /** Default `startAnswerMs`. */
  readonly startAnswerMs?: number;
}

/**
 * What an order to start comes to, if that is soon: a list of millions takes minutes. Otherwise undefined, and it goes on by itself.
 * @throws what the order throws, if that is soon; later that is a line of the log
 */
export async function startedSoon<T>(of: Scheduled, order: Promise<T>, { clock, log, starts, startAnswerMs: withinMs = startAnswerMs }: SoonParts) {
  const waited = Promise.withResolvers<undefined>();
  const timer = clock.after(withinMs, () => waited.resolve(undefined));
  try {
    const started = await Promise.race([order, waited.promise]);
    if (started !== undefined) return started;
    order.catch((error: unknown) => {
      const again = error instanceof Fault && error.retryable;
      log.error(
        { err: error, ...of },
        again
          ? "the start of a campaign over a long list was broken off; it is taken up again"
          : "a campaign over a long list could not be started; it is a draft as before",
      );
    });
    await starts.promise(of);
    return undefined;
  } finally {
    timer.cancel();
  }
}
