import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Pace } from "../../sms/ports.ts";

/** Moments are taken for so long ahead: one question to the ledger for all of them. */
const aheadS = 0.2;
const mostAtOnce = 5000;
/** A moment that was not used within this is gone, or an idle node would save up a burst. */
const keptMs = 1000;
/** After a question that failed. */
const againMs = 1000;

interface Batch {
  readonly firstAt: number;
  readonly stepMs: number;
  left: number;
  next: number;
}

/** One rate, of a bind or a sender: takes moments of the shared ledger ahead of need, and gives them out as they come. */
export class Rate {
  readonly #name: string;
  readonly #perSecond: number;
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onRoom: () => void;
  readonly #batches: Batch[] = [];
  #due = 0;
  #dueAt = 0;
  #asking = false;
  #closed = false;
  #failedAt: number | undefined;
  #timer: Timer | undefined;

  /** @param onRoom moments have come after somebody found none */
  constructor(name: string, perSecond: number, pace: Pace, clock: Clock, log: Log, onRoom: () => void) {
    this.#name = name;
    this.#perSecond = perSecond;
    this.#pace = pace;
    this.#clock = clock;
    this.#log = log;
    this.#onRoom = onRoom;
  }

  /** Parts that may leave now. Asking has more moments taken; where there are none, onRoom is called when there are. */
  get room(): number {
    this.#ripen();
    // Not one by one: each question is a commit.
    if (this.#due + this.#ahead <= this.#most / 2) void this.#ask();
    if (this.#due <= 0) this.#wake();
    return Math.max(0, this.#due);
  }

  /** One part leaves. Call it only when there is room. */
  take(): void {
    this.#due -= 1;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  get #most(): number {
    return Math.max(1, Math.min(mostAtOnce, Math.ceil(this.#perSecond * aheadS)));
  }

  get #ahead(): number {
    return this.#batches.reduce((sum, { left }) => sum + left, 0);
  }

  #ripen(): void {
    const now = this.#clock.now();
    if (this.#due > 0 && now - this.#dueAt > keptMs) this.#due = 0;
    for (let batch = this.#batches[0]; batch && batch.next <= now; batch = this.#batches[0]) {
      const ripe = Math.min(batch.left, Math.floor((now - batch.next) / batch.stepMs) + 1);
      this.#due = Math.min(this.#due + ripe, this.#most);
      this.#dueAt = now;
      batch.left -= ripe;
      batch.next += ripe * batch.stepMs;
      if (batch.left > 0) break;
      this.#batches.shift();
    }
  }

  #wake(): void {
    // Nobody need be woken while the ledger is being asked: its answer does that.
    const next = this.#batches[0]?.next ?? (this.#failedAt === undefined ? undefined : this.#failedAt + againMs);
    if (this.#closed || this.#timer || this.#asking || next === undefined) return;
    this.#timer = this.#clock.after(Math.max(0, Math.ceil(next - this.#clock.now())), () => {
      this.#timer = undefined;
      this.#onRoom();
    });
  }

  async #ask(): Promise<void> {
    const now = this.#clock.now();
    if (this.#closed || this.#asking || (this.#failedAt !== undefined && now - this.#failedAt < againMs)) return;
    this.#asking = true;
    try {
      const { firstInMs, stepMs } = await this.#pace.starts(this.#name, this.#perSecond, this.#most, 0);
      this.#failedAt = undefined;
      const firstAt = this.#clock.now() + firstInMs;
      this.#batches.push({ firstAt, stepMs, left: this.#most, next: firstAt });
    } catch (error) {
      // Without the ledger nobody knows what the other nodes send: nothing leaves until it answers.
      if (this.#failedAt === undefined) this.#log.warn({ rate: this.#name, reason: String(error) }, "no moments for messages can be taken");
      this.#failedAt = now;
    }
    this.#asking = false;
    if (this.#due <= 0 && !this.#closed) this.#onRoom();
  }
}

/** The ledger of a node that is alone: the same rule, kept in memory. */
export class LocalPace implements Pace {
  readonly #clock: Clock;
  readonly #next = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async starts(
    name: string,
    perSecond: number,
    count: number,
    notBeforeMs: number,
  ): Promise<{ readonly firstInMs: number; readonly stepMs: number }> {
    const now = this.#clock.now();
    const stepMs = 1000 / perSecond;
    const first = Math.max(this.#next.get(name) ?? 0, now + notBeforeMs);
    this.#next.set(name, first + count * stepMs);
    return { firstInMs: first - now, stepMs };
  }
}
