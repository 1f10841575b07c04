import type { LiveAnswer } from "../attempt/ports.ts";
import type { AbandonmentShare } from "./agent-pacing-ports.ts";
import type { AbandonLedger, Share } from "./pacing/ledger.ts";

interface Unwritten {
  readonly how: LiveAnswer;
  /** When its attempt was ended (epoch ms); undefined while it goes on. */
  endedAt?: number;
}

/** Nobody knows how the campaign stands: nothing may be risked. */
const unknown: AbandonLedger = { day: { answers: 0, abandoned: 0 }, month: { answers: 0, abandoned: 0 } };

/** What this node may still risk of a campaign's headroom: its share as it was read last, and what has happened here since. */
export class Headroom {
  #share: AbandonmentShare | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  /** People who answered here and are not in the ledger yet, by attempt. */
  readonly #unwritten = new Map<string, Unwritten>();

  /** Somebody was connected, or abandoned. */
  happened(attemptId: string, how: LiveAnswer): void {
    this.#unwritten.set(attemptId, { how });
  }

  /** The attempt is ended in the log, which the ledger is written with. */
  written(attemptId: string, at: number): void {
    const entry = this.#unwritten.get(attemptId);
    if (entry) entry.endedAt = at;
  }

  /** @param askedAt when the reading began (epoch ms): what was written before is in it */
  read(share: AbandonmentShare, askedAt: number): void {
    this.#share = share;
    this.#readAt = askedAt;
    for (const [attemptId, { endedAt }] of this.#unwritten) if (endedAt !== undefined && endedAt < askedAt) this.#unwritten.delete(attemptId);
  }

  /** As it was read last. */
  get share(): AbandonmentShare | undefined {
    return this.#share;
  }

  /** People who were abandoned here and are not in the ledger yet. */
  get unwrittenLoss(): number {
    return this.#count("abandoned");
  }

  /**
   * The ledger as this node has to see it: what the other nodes may yet lose counts as lost.
   * @param cap 0..1
   * @param staleMs what was read longer ago counts for nothing
   */
  ledger(now: number, cap: number, staleMs: number): AbandonLedger {
    const share = this.#share;
    if (!share || now - this.#readAt > staleMs) return unknown;
    const abandoned = this.#count("abandoned");
    const answers = abandoned + this.#count("connected");
    const seen = (whole: Share): Share => ({
      answers: whole.answers + answers,
      abandoned: Math.max(whole.abandoned, cap * whole.answers - share.allowed) + abandoned,
    });
    return { day: seen(share.day), month: seen(share.month) };
  }

  #count(how: LiveAnswer): number {
    let count = 0;
    for (const entry of this.#unwritten.values()) if (entry.how === how) count += 1;
    return count;
  }
}
