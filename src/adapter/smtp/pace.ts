/** Moments in a row, so many a second (GCRA): a tenth of a second's worth may come at once, so that timers need not be exact. */
export class Pace {
  #nextAt = Number.NEGATIVE_INFINITY;

  /**
   * @param now epoch ms
   * @param perSecond above 0
   * @returns the next free moment (epoch ms; now, or in time to come), which is taken when it is not after `latestAt`
   */
  moment(now: number, perSecond: number, latestAt: number): number | undefined {
    const intervalMs = 1000 / perSecond;
    const slackMs = Math.max(0, 100 - intervalMs);
    const at = Math.max(now, this.#nextAt - slackMs);
    if (at > latestAt) return undefined;
    this.#nextAt = Math.max(now, this.#nextAt) + intervalMs;
    return at;
  }
}
