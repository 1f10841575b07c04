/** How much is reserved ahead of the bind, in seconds of what it took lately: as long as it takes to claim what leaves next. Nor is more begun, whatever a begin takes. */
const reservedS = 0.4;
/** How much is begun ahead at most, in times of what leaves while a begin is under way. More are begun when half of it is left: many at a time, since a handful costs as much. */
const begins = 2.5;
const leastBegunS = 0.03;
/** The weight of one more begin in their mean. */
const ofOneBegin = 0.02;
const rateOverMs = 500;

/**
 * How far ahead of its bind a lane works. What is reserved costs nothing when the process dies: it goes back. What is begun counts as unknown then, though most of it never left: so of
 * that there is no more than keeps the bind busy while the next ones are committed. Times in ms; `now` is epoch ms.
 */
export class Ahead {
  #left = 0;
  #leftSince: number;
  #perSecond = 0;
  /** What a begin takes, in the mean. */
  #beginMs: number | undefined;

  constructor(now: number) {
    this.#leftSince = now;
  }

  /** Something has left once. */
  get moving(): boolean {
    return this.#perSecond > 0 || this.#left > 0;
  }

  left(): void {
    this.#left += 1;
  }

  /** A begin took so long. */
  began(tookMs: number): void {
    this.#beginMs = this.#beginMs === undefined ? tookMs : this.#beginMs + (tookMs - this.#beginMs) * ofOneBegin;
  }

  /** How many may be reserved and not have left. @param room how many may leave at once */
  reserved(now: number, room: number): number {
    return Math.max(room, Math.ceil(this.#rate(now) * reservedS));
  }

  /** How many more of them may be begun now. @param begun how many are, and have not left */
  toBegin(now: number, room: number, begun: number): number {
    const aheadS = Math.min(reservedS, Math.max(leastBegunS, ((this.#beginMs ?? 0) * begins) / 1000));
    const most = Math.max(room, Math.ceil(this.#rate(now) * aheadS));
    return begun > most / 2 ? 0 : most - begun;
  }

  /** Messages per second, lately. */
  #rate(now: number): number {
    const forMs = now - this.#leftSince;
    if (forMs >= rateOverMs) {
      this.#perSecond = (this.#left * 1000) / forMs;
      this.#left = 0;
      this.#leftSince = now;
    }
    // While it picks up speed the stretch that is under way says more.
    return Math.max(this.#perSecond, forMs >= 50 ? (this.#left * 1000) / Math.max(forMs, rateOverMs / 2) : 0);
  }
}
