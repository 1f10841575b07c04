import { again, againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import type { Endings } from "./ending-engine.ts";
import type { SmsOptions } from "./options.ts";
import type { Receipt } from "./ports.ts";
import { type ReadReceipt, readReceipt } from "./receipt.ts";
import type { KeptReceipt, ReceiptStore } from "./store-ports.ts";

export interface ReportEngineParts {
  readonly store: ReceiptStore;
  /** Of this process. */
  readonly endings: () => Endings;
  readonly options: Pick<SmsOptions, "binds">;
  readonly clock: Clock;
  readonly logger: Log;
}

/** So long a report waits for its message to be written down, at most. */
const longestWaitMs = 2000;
/** A report that overtook its answer is tried again as soon as that. */
const soonMs = 200;
const sweepMs = 5000;
/** For so long a report is held for a message whose answer is on its way, on whatever node. */
const heldForMs = 10 * 60_000;
const mostHeld = 500;
/** What a process that died had kept is looked at once more by the next one, however long that took: an SMSC reports within days. */
const longestGapMs = 7 * 86_400_000;
const mostLeft = 10_000;
/** No answer comes later than the bind's time-out; a little more, so that it is written down. */
const slackMs = 2000;
const forgetMs = 3_600_000;

/** Brings reports of delivery to their messages, also those that come before the answer to the submit. */
export class ReportEngine {
  readonly #parts: ReportEngineParts;
  readonly #ends: readonly (() => Promise<void>)[];
  /** When those came that were tried by number already, by their ids. */
  readonly #tried = new Map<string, number>();
  /** How far the walk through those behind the newest has come; undefined: it begins anew. */
  #walked: Pick<KeptReceipt, "id" | "at"> | undefined;
  #early = 0;
  /** What earlier processes left has been looked at. */
  #begun = false;
  #turn: Promise<void> | undefined;
  #unmatched = 0;
  #matched = 0;

  constructor(parts: ReportEngineParts) {
    this.#parts = parts;
    const { clock, store, logger } = parts;
    const trouble = (error: unknown) => logger.error({ err: error }, "reports of delivery cannot be looked at; trying again");
    this.#ends = [
      // Only while something was early: nobody asks the database five times a second for nothing.
      again(clock, soonMs, async () => {
        if (this.#early > 0) {
          this.#early -= 1;
          await this.sweep().catch(trouble);
        }
        return true;
      }),
      againDespite(clock, sweepMs, () => this.sweep(), trouble),
      againDespite(clock, forgetMs, () => store.forgetReferences(), trouble),
    ];
  }

  /** Reports that fitted a message at once, and those that did not, since the start. */
  get counts(): { readonly matched: number; readonly held: number } {
    return { matched: this.#matched, held: this.#unmatched };
  }

  /** Resolves when it is stored; rejects when it could not be, and the SMSC has to try again. */
  readonly take = async (receipt: Receipt): Promise<void> => {
    const read = this.#read(receipt);
    if ((await this.#joined(read)) || (await this.#parts.store.receive(read))) this.#matched += 1;
    else {
      this.#unmatched += 1;
      // An answer is written down within this many turns as a rule.
      this.#early = 10;
    }
  };

  /**
   * Tries what is kept again: the newest, and of more than those some behind them each time, so that a flood of reports that are not ours keeps none waiting until it ends.
   */
  readonly sweep = inTurn(() => this.#sweep());

  async #sweep(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const [since, most] = this.#begun ? [now - heldForMs, mostHeld] : [now - longestGapMs, mostLeft];
    const newest = await store.kept(since, most);
    this.#begun = true;
    // What is older is not looked at any more.
    for (const [id, at] of this.#tried) if (at < since || newest.length === 0) this.#tried.delete(id);
    await this.#retry(newest, now);
    if (newest.length < most) {
      this.#walked = undefined;
      return;
    }
    const behind = await store.kept(since, mostHeld, this.#walked ?? newest.at(-1));
    await this.#retry(behind, now);
    this.#walked = behind.length < mostHeld ? undefined : behind.at(-1);
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
  }

  /**
   * It came before its message was written down: it is written with it, or waits for it. It would not find it, and be kept for later, which costs more.
   * @returns whether it is written
   */
  async #joined(read: ReadReceipt): Promise<boolean> {
    // The answer may have come in the same segment: then it is being taken up in this very turn of the event loop.
    await this.#nextTurn();
    const { store, endings, clock } = this.#parts;
    const { id, receipt } = read;
    const written = store.join(read) ?? (id === undefined ? undefined : endings().written(receipt.bind, id));
    if (!written) return false;
    return await new Promise((resolve) => {
      const timer = clock.after(longestWaitMs, () => resolve(false));
      written.then((joined) => {
        timer.cancel();
        resolve(joined === true);
      });
    });
  }

  /** One timer for all reports of a segment. */
  #nextTurn(): Promise<void> {
    if (this.#turn === undefined) {
      const turn = Promise.withResolvers<void>();
      this.#turn = turn.promise;
      this.#parts.clock.after(0, () => {
        this.#turn = undefined;
        turn.resolve();
      });
    }
    return this.#turn;
  }

  async #retry(kept: readonly KeptReceipt[], now: number): Promise<void> {
    if (kept.length === 0) return;
    await this.#parts.store.retry(
      kept.map((receipt) => this.#read(receipt)),
      kept.map(({ id }) => id),
    );
    for (const receipt of kept) if (this.#mayAssign(receipt, now)) await this.#assign(receipt);
  }

  #mayAssign({ id, bind, at }: KeptReceipt, now: number): boolean {
    const timeoutMs = this.#parts.options.binds.find(({ name }) => name === bind)?.responseTimeoutMs ?? 0;
    return !this.#tried.has(id) && now > at + timeoutMs + slackMs;
  }

  async #assign(receipt: KeptReceipt): Promise<void> {
    const { store, logger } = this.#parts;
    this.#tried.set(receipt.id, receipt.at);
    const given = await store.assignByNumber(this.#read(receipt), receipt.id);
    const { id, bind, state } = receipt;
    if (given) logger.info({ report: id, bind, state }, "a report was given to the only message it can be of");
    else logger.warn({ report: id, bind, state }, "a report fits no message of ours; carillon message unmatched shows it");
  }

  #read(receipt: Receipt): ReadReceipt {
    const messageIds = this.#parts.options.binds.find(({ name }) => name === receipt.bind)?.messageIds ?? "same";
    return readReceipt(receipt, messageIds);
  }
}
