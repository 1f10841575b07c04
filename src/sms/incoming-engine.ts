import type { MessageRulesStore, OwnKeyword } from "../attempt/message-rules-ports.ts";
import type { AttemptLog } from "../attempt/ports.ts";
import { asksSomething, type Keyword, keywordOf } from "../compliance/keyword.ts";
import { stoppedChannels } from "../compliance/opt-out-law.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { maskPhone } from "../kernel/phone.ts";
import { decodeText, partOf, sameKey, withoutTables } from "./incoming.ts";
import type { SmsOptions } from "./options.ts";
import type { Incoming } from "./ports.ts";
import { addPiece, joinedText, partsWaitMs } from "./reassembly.ts";
import type { SmsEngine } from "./sms-engine.ts";
import type { IncomingStore, Joining, KnownMessage } from "./store-ports.ts";

export interface IncomingEngineParts {
  readonly store: IncomingStore;
  readonly attempts: Pick<AttemptLog, "effect">;
  readonly withhold: (attemptId: string, at: number, result: "canceled", reason: string) => Promise<void>;
  readonly engine: Pick<SmsEngine, "send">;
  /** What a campaign has of its own. */
  readonly rules: Pick<MessageRulesStore, "rules">;
  readonly options: SmsOptions;
  readonly clock: Clock;
  readonly logger: Log;
}

type Found = Keyword<OwnKeyword>;

const lookMs = 5000;
/** An SMSC that heard no answer brings a message again within minutes; what comes later is another one of the same words. */
const againWithinMs = 60 * 60_000;
/** What waits longer is nobody's any more. */
const orphanedMs = 10_000;
/** An answer that comes later than this is no answer. */
const answerWithinMs = 10 * 60_000;
/** Words of one's own are answered no oftener to one number: a program there that answers with the very word would go on for ever. */
const ownAnswers = { most: 10, withinMs: 3_600_000 };

/** Stores what people write before the SMSC is told so, and then does what it says: STOP, HELP and START for everybody, words of one's own. */
export class IncomingEngine {
  readonly #parts: IncomingEngineParts;
  readonly #joining: Joining;
  readonly #under = new Map<string, { readonly known: Promise<void>; readonly ended: Promise<void> }>();
  readonly #end: () => Promise<void>;

  constructor(parts: IncomingEngineParts) {
    this.#parts = parts;
    const { clock, logger, store } = parts;
    this.#joining = { add: addPiece, text: (pieces, bind) => joinedText(pieces, this.#alphabet(bind)) };
    this.#end = againDespite(
      clock,
      lookMs,
      async () => {
        const now = clock.now();
        for (const id of await store.joinOverdue(now - partsWaitMs, this.#joining)) void this.#handle(id);
        for (const id of await store.waiting(now - orphanedMs)) void this.#handle(id);
        await store.forgetUnconfirmed(now - againWithinMs);
      },
      (error) => logger.error({ err: error }, "incoming messages cannot be looked at; trying again"),
    );
  }

  /**
   * Resolves when it is stored and, if it opts somebody out, that holds: what the SMSC was told is taken must hold although this process dies at once. Rejects when it
   * could not be stored, and the SMSC has to bring it again. What it brings again because it was not told, as after a crash, is not stored twice.
   */
  readonly take = async (incoming: Incoming): Promise<void> => {
    const { store } = this.#parts;
    const mark = partOf(incoming);
    const key = sameKey(incoming);
    const octets = withoutTables(incoming, this.#alphabet(incoming.bind));
    if (mark) {
      await Promise.all((await store.keepPart({ ...incoming, ...octets }, mark, this.#joining, key)).map((id) => this.#handle(id)));
      return;
    }
    const { bind, from, to, at, details } = incoming;
    const text = decodeText(octets, this.#alphabet(bind));
    await this.#handle(await store.keep({ bind, from, to, at, details, text, complete: true }, key));
  };

  /** The SMSC has been told that it has arrived. */
  confirmed(incoming: Incoming): void {
    this.#parts.store.confirm(sameKey(incoming)).catch((error: unknown) => {
      this.#parts.logger.warn(
        { err: error },
        "that a message is confirmed could not be written down; one of the same words is taken for it for a while",
      );
    });
  }

  /** Resolves when nothing is being handled any more. */
  async close(): Promise<void> {
    await this.#end();
    await Promise.all([...this.#under.values()].map(({ ended }) => ended));
  }

  #alphabet(bind: string): "gsm" | "latin-1" {
    return this.#parts.options.binds.find(({ name }) => name === bind)?.dataCoding0 ?? "gsm";
  }

  /** Never rejects. @returns when it is known what it means; the answer may take longer */
  async #handle(id: string): Promise<void> {
    const under = this.#under.get(id);
    // Brought again meanwhile: that one is told no sooner.
    if (under) return await under.known;
    const understood = Promise.withResolvers<void>();
    const ended = this.#understand(id, understood.resolve)
      .catch((error: unknown) => this.#parts.logger.error({ err: error, message: id }, "a message could not be handled; it is tried again"))
      .finally(() => this.#under.delete(id));
    const known = Promise.race([understood.promise, ended]);
    this.#under.set(id, { known, ended });
    await known;
  }

  /** @param known called when all of it that must hold does */
  async #understand(id: string, known: () => void): Promise<void> {
    const { store, options, logger, rules } = this.#parts;
    const message = await store.message(id);
    if (message?.state !== "waiting") return;
    const asked = message.afterText !== undefined && asksSomething(message.afterText);
    const { campaignId: campaign, contactId: contact } = message;
    const { keywords = [], agentGroup = options.agentGroup } = campaign === undefined ? {} : await rules.rules(campaign);
    // Of two that are the same the later one counts: the campaign's.
    const found: Found | undefined = keywordOf(message.text, {
      asked,
      custom: [...options.keywords, ...keywords],
      more: { stop: options.stopWords, help: options.helpWords },
    });
    logger.info(
      { message: id, from: maskPhone(message.from), campaign, contact, meaning: found?.kind ?? "none", word: found?.word },
      "a message came in",
    );
    if (!found) await this.#unknown(id, agentGroup);
    else if (found.kind === "custom") {
      known();
      await this.#custom(message, found.custom);
    } else await this.#common(message, found, known);
  }

  /** Somebody has to read it, where there is anybody for it. */
  async #unknown(id: string, group: string | undefined): Promise<void> {
    const { store, logger } = this.#parts;
    if (await store.hand(id, group)) return;
    if (group !== undefined)
      logger.error({ message: id, group }, "there is no such group of agents; what somebody wrote is kept, and nobody answers");
    await store.settle(id, "kept");
  }

  async #common(message: KnownMessage, { kind, word, all }: Exclude<Found, { kind: "custom" }>, known: () => void): Promise<void> {
    const { store, attempts, options, clock, logger } = this.#parts;
    const { id, from, to } = message;
    const at = clock.now();
    const attemptId = await store.openAnswer(id, at, at + answerWithinMs);
    if (kind === "stop") {
      const reason = `keyword ${word}`;
      // Written before it is answered, and before it is done with.
      const channels = all ? [] : stoppedChannels(at, from);
      await attempts.effect(attemptId, at, [{ kind: "suppress", channels, scope: "account", reason }]).catch((error: unknown) => {
        // A sender without a number (a word) is nobody whom anything could reach.
        if (!isNobody(error)) throw error;
        logger.warn({ message: id, from }, "whoever wrote STOP has no number that could be suppressed");
      });
    }
    const held = kind === "start" && (await store.lift(from, at)) === "held";
    known();
    const answered = (await store.answers(from, to, kind, at - options.answerOnceWithinS * 1000, 1)) > 0;
    await store.settle(id, kind, word);
    const texts = { stop: options.stopAnswer, help: options.helpAnswer, start: held ? options.startHeldAnswer : options.startAnswer };
    await this.#answer(message, attemptId, at + answerWithinMs, answered ? undefined : texts[kind], "it was answered to lately");
  }

  async #custom(message: KnownMessage, { keyword, answer, webhook }: OwnKeyword): Promise<void> {
    const { store, clock } = this.#parts;
    const { id, from, to, text, contactId = "", campaignId = "" } = message;
    const at = clock.now();
    const attemptId = answer === undefined ? undefined : await store.openAnswer(id, at, at + answerWithinMs);
    const answers = answer === undefined ? 0 : await store.answers(from, to, "keyword", at - ownAnswers.withinMs, ownAnswers.most);
    const told = { message: id, from, to, text, keyword, contact: contactId, campaign: campaignId, idempotencyKey: `message ${id}` };
    if (webhook === undefined) await store.settle(id, "keyword", keyword);
    else await store.settleTold(id, keyword, webhook, told);
    const enough = answers >= ownAnswers.most;
    if (attemptId !== undefined)
      await this.#answer(message, attemptId, at + answerWithinMs, enough ? undefined : answer, "it was answered to often lately");
  }

  /** It goes before what campaigns send, and waits for its bind. */
  async #answer({ from, to }: KnownMessage, attemptId: string, untilMs: number, text: string | undefined, why: string): Promise<void> {
    const { engine, options, withhold, clock } = this.#parts;
    const sender = options.senders.find(({ address }) => address === to);
    if (text && sender) await engine.send(sender, { attemptId, to: from, text, untilMs });
    else await withhold(attemptId, clock.now(), "canceled", sender ? why || "no answer is configured" : "the number written to is no sender of ours");
  }
}

function isNobody(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "attempt-unknown";
}
