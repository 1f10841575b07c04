import type { Clock } from "../kernel/clock.ts";
import { type LineClaim, shareOut } from "./line-share.ts";
import type { Trunk } from "./trunk.ts";
import { TrunkMoments } from "./trunk-moments-engine.ts";
import type { LineGrant, LineWish, TrunkLedger } from "./trunk-ports.ts";

/** What was looked at within that time is to be dialled over. */
const demandMs = 2000;
/** Where nothing has changed here the others are asked about so often: one who comes new has its lines a little later. */
const refreshMs = 1000;
/** Lines that cannot be shared evenly go to the next node after so long. */
const turnMs = 10_000;

/** A node's part of what a trunk allows over all nodes. */
export class TrunkShare {
  readonly moments: TrunkMoments;
  readonly #clock: Clock;
  /** Lines that this node has. */
  lines = 0;
  /** How many of them are its own by right: one that has more begins no new calls with those. */
  fair = 0;
  /** People on the line who wait for another one. */
  waiting = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What the others were told last, and when they answered. */
  #told: Pick<LineWish, "wanted" | "needed"> | undefined;
  #answeredAt = 0;
  #grant: LineGrant = { holders: [{ lines: 0, wanted: 0, needed: 0 }], own: 0 };

  constructor(ledger: TrunkLedger, clock: Clock) {
    this.moments = new TrunkMoments(ledger, clock);
    this.#clock = clock;
  }

  /** Somebody would place calls on it. */
  look(): void {
    this.#lookedAt = this.#clock.now();
  }

  /** Whether no other node has lines of it, or wants any. False as long as that is not known. */
  get alone(): boolean {
    return this.#told !== undefined && this.#grant.holders.length === 1;
  }

  /** See TrunkMoments. */
  get takenUntil(): number {
    return this.moments.takenUntil;
  }

  /**
   * What is asked of the others; until they have answered no more is used than what is kept.
   * @param used lines in use
   * @returns undefined when there is nothing to ask or to tell
   */
  wish(trunk: Trunk, used: number): LineWish | undefined {
    const { name, maxChannels } = trunk;
    const now = this.#clock.now();
    const wanted = this.#wanted(trunk, used);
    const needed = this.waiting > 0 ? used + this.waiting : 0;
    const fair = this.#byRight({ least: needed, wanted }, maxChannels);
    this.fair = fair;
    const kept = Math.max(used, Math.min(this.lines, fair));
    const told = this.#told;
    const news = wanted !== told?.wanted || needed !== told.needed || kept !== this.lines;
    const due = this.lines < fair || (kept > 0 && now - this.#answeredAt >= refreshMs);
    if (!news && !due) return undefined;
    this.lines = kept;
    const free = this.#left({ least: Math.max(kept, needed), wanted }, maxChannels);
    return { trunk: name, maxChannels, kept, asked: Math.max(kept, Math.min(fair, free)), wanted, needed };
  }

  /** What was wished for has come to this. */
  take({ maxChannels, wanted, needed }: LineWish, grant: LineGrant): void {
    this.#told = { wanted, needed };
    this.#answeredAt = this.#clock.now();
    this.#grant = grant;
    this.lines = grant.holders[grant.own]?.lines ?? this.lines;
    this.fair = this.#byRight({ least: needed, wanted }, maxChannels);
  }

  /** Some more than are in use, and not another number with every call. */
  #wanted({ maxChannels, maxCps }: Trunk, used: number): number {
    const most = Math.max(used, maxChannels);
    // Who is on the line may be transferred at any time.
    if (this.#clock.now() - this.#lookedAt >= demandMs) return used > 0 ? Math.min(most, used + 1) : 0;
    const more = Math.max(2, Math.ceil(maxCps));
    const told = this.#told?.wanted ?? 0;
    const enough = told >= Math.min(most, used + Math.ceil(more / 2)) && told <= Math.min(most, used + 2 * more);
    return enough ? told : Math.min(most, used + more);
  }

  /** What is this node's part of all, whoever has it now. */
  #byRight(own: LineClaim, maxLines: number): number {
    const turn = Math.floor(this.#clock.now() / turnMs);
    const { holders, own: at } = this.#grant;
    const claims = holders.map(({ needed, wanted }) => ({ least: needed, wanted })).with(at, own);
    return shareOut(claims, maxLines, turn)[at] ?? own.wanted;
  }

  /** What it can have of that now, so that those who have less get what comes free. */
  #left(own: LineClaim, maxLines: number): number {
    const { holders, own: at } = this.#grant;
    const others = holders.toSpliced(at, 1).map(({ lines, needed, wanted }) => ({ least: Math.max(lines, needed), wanted }));
    return shareOut([own, ...others], maxLines)[0] ?? own.least;
  }
}
