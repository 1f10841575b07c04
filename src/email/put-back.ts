/** Nobody is looked at again sooner. */
const leastMs = 60_000;
/** A rate that is raised meanwhile is felt by then. */
const mostMs = 4 * 3_600_000;

/**
 * When those of a campaign come again whose turn with a mail server was too far away. One after the other, as fast as the server takes them: if they all came at once, all but a few would have to
 * be put back again, each time with an attempt that says so.
 */
export class PutBacks {
  /** When the last one comes (epoch ms), by campaign, then by what has the rate. */
  readonly #last = new Map<string, Map<string, number>>();

  /** @param perSecond undefined: nothing slows it down @returns epoch ms */
  again(campaignId: string, what: string, perSecond: number | undefined, now: number): number {
    const soonest = now + leastMs;
    if (perSecond === undefined) return soonest;
    const ofCampaign = this.#last.get(campaignId) ?? new Map<string, number>();
    this.#last.set(campaignId, ofCampaign);
    const next = Math.max(soonest, (ofCampaign.get(what) ?? 0) + 1000 / perSecond);
    const at = next > now + mostMs ? soonest : next;
    ofCampaign.set(what, at);
    return at;
  }

  /** It is stopped, or starts anew. */
  forget(campaignId: string): void {
    this.#last.delete(campaignId);
  }
}
