/** How much is reserved ahead of the bind, in seconds of what it takes: as long as it takes to claim what leaves next. Nor is more begun, whatever a begin takes. */
const reservedS = 0.4;
/** How much is begun ahead at most, in times of what leaves while a begin is under way. More are begun when half of it is left: many at a time, since a handful costs as much. */
const begins = 4;
const leastBegunS = 0.04;
/** The weight of one more begin in the mean of what begins take. */
const ofOneBegin = 0.02;
/** After so long what was seen counts half: that much a bind has to show before it is believed to be another one. */
const halvesMs = 500;
/** A window that is answered at once says little: for so long it counts at least. */
const leastFedMs = 10;

/** Of a bind of which nothing is known yet so many times what may leave at once is reserved, if its rate allows: the next ones are begun as soon as the first are answered. */
const reservedAtFirst = 3;

/** One that answers less often does not move: nothing is kept ready for it. */
const leastPerSecond = 0.2;

/**
 * How far ahead of its bind a lane works. What is reserved costs nothing when the process dies: it goes back. What is begun counts as unknown then, though most of it never left: so of
 * that there is no more than keeps the bind busy while the next ones are committed. A bind's rate is what it answers while it has something to do: measured over all the time, a bind
 * that waits for us would seem slow, be given little, and wait again. Times in ms; `now` is epoch ms.
 */
export class Ahead {
  readonly #mostPerSecond: number;
  /** Lately, and the time it took them; what is older counts less. */
  #answered = 0;
  #fedMs = 0;
  /** Since when it is fed, as far as that is not in `#fedMs`; undefined while it has room, and neither anything to take nor to answer. */
  #fedSince: number | undefined;
  /** What a begin takes, in the mean. */
  #beginMs: number | undefined;

  /** @param mostPerSecond more may not leave: by what is configured of the bind and the sender */
  constructor(mostPerSecond: number) {
    this.#mostPerSecond = mostPerSecond;
  }

  /** Something was answered lately. */
  moving(now: number): boolean {
    return this.#rate(now) >= leastPerSecond;
  }

  /** The SMSC has said what becomes of one. */
  answered(): void {
    this.#answered += 1;
  }

  /** Whether the bind has something to take or to answer from now on, or no room. */
  feed(now: number, fed: boolean): void {
    this.#count(now);
    this.#fedSince = fed ? now : undefined;
  }

  /** A begin took so long. */
  began(tookMs: number): void {
    this.#beginMs = this.#beginMs === undefined ? tookMs : this.#beginMs + (tookMs - this.#beginMs) * ofOneBegin;
  }

  /** How many may be reserved and not have left. @param room how many may leave at once */
  reserved(now: number, room: number): number {
    const rate = this.#rate(now);
    return Math.max(room, Math.ceil(rate > 0 ? rate * reservedS : Math.min(room * reservedAtFirst, this.#mostPerSecond * reservedS)));
  }

  /** How many more of them may be begun now. @param begun how many are, and have not left */
  toBegin(now: number, room: number, begun: number): number {
    const aheadS = Math.min(reservedS, Math.max(leastBegunS, ((this.#beginMs ?? 0) * begins) / 1000));
    const most = Math.max(room, Math.ceil(this.#rate(now) * aheadS));
    return begun > most / 2 ? 0 : most - begun;
  }

  /** Messages per second. */
  #rate(now: number): number {
    this.#count(now);
    return Math.min((this.#answered * 1000) / Math.max(this.#fedMs, leastFedMs), this.#mostPerSecond);
  }

  #count(now: number): void {
    if (this.#fedSince === undefined) return;
    this.#fedMs += Math.max(0, now - this.#fedSince);
    this.#fedSince = now;
    while (this.#fedMs >= halvesMs) {
      this.#answered /= 2;
      this.#fedMs /= 2;
    }
  }
}
