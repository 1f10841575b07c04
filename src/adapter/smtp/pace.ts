import type { MailMoments } from "../../email/ports.ts";
import type { Clock } from "../../kernel/clock.ts";

/** So much of a second is taken at once: ten questions a second to the database, however many messages. */
const blockS = 0.1;

/** Moments of a pool or a domain, one after the other over all nodes. */
export class Pace {
  readonly #moments: number[] = [];
  readonly #name: string;
  readonly #perSecond: number;
  readonly #source: MailMoments;
  readonly #clock: Clock;
  #fetching: Promise<void> | undefined;

  /** @param perSecond above 0 */
  constructor(name: string, perSecond: number, source: MailMoments, clock: Clock) {
    this.#name = name;
    this.#perSecond = perSecond;
    this.#source = source;
    this.#clock = clock;
  }

  /** The next moment (epoch ms; now, or in time to come); undefined, and nothing is taken, when it is after `latestAt` or cannot be had. */
  async moment(latestAt: number): Promise<number | undefined> {
    for (;;) {
      const now = this.#clock.now();
      const next = this.#moments[0];
      if (now > latestAt || (next !== undefined && next > latestAt)) return undefined;
      if (next !== undefined) {
        this.#moments.shift();
        return Math.max(next, now);
      }
      // Over before any of those who wait for it goes on: the first of them asks for more, and the others wait for that.
      this.#fetching ??= this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
      try {
        await this.#fetching;
      } catch {
        // The database is away: nothing could be begun either.
        return undefined;
      }
    }
  }

  async #fetch(): Promise<void> {
    const count = Math.max(1, Math.floor(this.#perSecond * blockS));
    const { firstInMs, stepMs } = await this.#source.starts(this.#name, this.#perSecond, count, 0);
    const first = this.#clock.now() + firstInMs;
    for (let index = 0; index < count; index++) this.#moments.push(first + index * stepMs);
  }
}
