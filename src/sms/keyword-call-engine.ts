import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { KeywordCall, KeywordCallStore } from "./store-ports.ts";

/** Tells somebody else's system of a word of one's own. */
export interface KeywordHook {
  call(name: string, body: Readonly<Record<string, string>>, timeoutMs: number): Promise<{ readonly end: string; readonly status?: number }>;
}

export interface KeywordCallsParts {
  readonly store: KeywordCallStore;
  readonly webhooks: KeywordHook;
  readonly clock: Clock;
  readonly logger: Log;
}

const lookMs = 1000;
const atOnce = 20;
const answerWithinMs = 10_000;
/** Longer than an answer may take: whoever took it has died by then. */
const leaseMs = 60_000;
const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;
/** A system that is away for longer is told by its people, who find the words in the list of messages. */
const giveUpAfterMs = 24 * 3_600_000;

/** How long to wait after so many tries. */
export function pauseAfter(tries: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries - 1, 20));
}

/**
 * Tells webhooks of keywords, each until it has answered with a 2xx, for a day. Whoever dies in between, or hears no answer, tells again: the same `idempotencyKey`
 * says that it is the same.
 */
export class KeywordCalls {
  readonly #parts: KeywordCallsParts;
  readonly #end: () => Promise<void>;

  constructor(parts: KeywordCallsParts) {
    this.#parts = parts;
    const { clock, logger } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.#look(),
      (error) => logger.error({ err: error }, "webhooks cannot be told of keywords; trying on"),
    );
  }

  /** Resolves when those that were begun have ended. */
  async close(): Promise<void> {
    await this.#end();
  }

  async #look(): Promise<void> {
    const due = await this.#parts.store.take(atOnce, leaseMs);
    await Promise.all(due.map((each) => this.#tell(each)));
  }

  async #tell({ id, webhook, body, at, tries }: KeywordCall): Promise<void> {
    const { store, webhooks, clock, logger } = this.#parts;
    const { end, status = 0 } = await webhooks.call(webhook, body, answerWithinMs);
    // What it says beside that it has it is of no use to anybody here.
    if (status >= 200 && status < 300) return await store.end(id, "done");
    const about = { message: body["message"], webhook, end, status, tries };
    if (clock.now() - at < giveUpAfterMs) {
      logger.warn(about, "a webhook could not be told of a keyword; trying again later");
      return await store.putOff(id, pauseAfter(tries));
    }
    logger.error(about, "a webhook could not be told of a keyword; given up");
    await store.end(id, "expired");
  }
}
