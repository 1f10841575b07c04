import type { MessageLog } from "../attempt/message-ports.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { MessageTemplates } from "../template/ports.ts";
import { compose } from "./compose.ts";
import type { SmsOptions } from "./options.ts";
import { canBeAnswered } from "./route.ts";
import type { SmsEngine } from "./sms-engine.ts";
import type { WishedMessage, WishStore } from "./store-ports.ts";

export interface WishEngineParts {
  readonly store: WishStore;
  readonly engine: Pick<SmsEngine, "send">;
  readonly templates: Pick<MessageTemplates, "current">;
  readonly log: Pick<MessageLog, "withhold">;
  readonly options: SmsOptions;
  readonly clock: Clock;
  readonly logger: Log;
}

/** Somebody on the telephone is told that a message is on its way. */
const lookMs = 1000;
const atOnce = 100;

/** Sends what scripts and agents want to have sent by SMS, each once, from the first sender that can be answered. */
export class WishEngine {
  readonly #parts: WishEngineParts;
  readonly #end: () => Promise<void>;

  constructor(parts: WishEngineParts) {
    this.#parts = parts;
    const { clock, logger, options } = parts;
    // Without a sender somebody else's node may have one: what waits is left to it until it expires.
    this.#end =
      options.senders.length === 0
        ? () => Promise.resolve()
        : againDespite(
            clock,
            lookMs,
            () => this.#look(),
            (error) => logger.error({ err: error }, "messages that are wished for cannot be taken; trying again"),
          );
  }

  /** Takes no more; resolves when those taken are on their way. */
  close(): Promise<void> {
    return this.#end();
  }

  async #look(): Promise<void> {
    for (;;) {
      const wished = await this.#parts.store.take(atOnce);
      await Promise.all(wished.map((each) => this.#send(each)));
      if (wished.length < atOnce) return;
    }
  }

  async #send({ attemptId, to, template: name, fields }: WishedMessage): Promise<void> {
    const { engine, templates, options, clock, log, logger } = this.#parts;
    const sender = options.senders.find(canBeAnswered) ?? options.senders[0];
    if (!sender) return;
    try {
      const template = await templates.current(name);
      const composed = template ? compose(template, fields, sender, options.transliterate) : { held: `there is no template ${name}` };
      if ("text" in composed) await engine.send(sender, { attemptId, to, text: composed.text });
      else await log.withhold(attemptId, clock.now(), "canceled", composed.held);
      logger.info({ attempt: attemptId, template: name, ...("held" in composed && { held: composed.held }) }, "a message that was wished for");
    } catch (error) {
      logger.error({ err: error, attempt: attemptId, template: name }, "a message that was wished for could not be sent");
    }
  }
}
