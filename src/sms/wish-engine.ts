import type { MessageLog, WishedMessage } from "../attempt/message-ports.ts";
import type { WishCarrier } from "../attempt/wish-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { MessageTemplates } from "../template/ports.ts";
import { compose } from "./compose.ts";
import type { SenderOptions, SmsOptions } from "./options.ts";
import { canBeAnswered } from "./route.ts";
import type { SmsEngine } from "./sms-engine.ts";

export interface SmsWishesParts {
  readonly engine: Pick<SmsEngine, "carry" | "takes">;
  readonly templates: Pick<MessageTemplates, "current">;
  readonly log: Pick<MessageLog, "withhold">;
  readonly options: SmsOptions;
  readonly clock: Clock;
}

/** What is wished for by SMS, from the first sender that can be answered. What no bind takes just now waits for one until it is too late. */
export class SmsWishes implements WishCarrier {
  readonly channel = "sms";
  readonly #parts: SmsWishesParts;
  readonly #sender: SenderOptions | undefined;

  constructor(parts: SmsWishesParts) {
    this.#parts = parts;
    const { senders } = parts.options;
    this.#sender = senders.find(canBeAnswered) ?? senders[0];
  }

  /** Without a sender, or a bind that is up, somebody else's node may have one. */
  get ready(): boolean {
    return this.#sender !== undefined && this.#parts.engine.takes(this.#sender);
  }

  async carry({ attemptId, to, template: name, fields, untilMs }: WishedMessage): Promise<"done" | "later"> {
    const { engine, templates, options, clock, log } = this.#parts;
    const sender = this.#sender;
    if (!sender) return "later";
    const template = await templates.current(name);
    const composed = template ? compose(template, fields, sender, options.transliterate) : { held: `there is no template ${name}` };
    // What comes later than it was wished for is of no use to anybody.
    const validityS = Math.max(1, Math.ceil((untilMs - clock.now()) / 1000));
    if ("text" in composed) return await engine.carry(sender, { attemptId, to, text: composed.text, validityS, untilMs });
    await log.withhold(attemptId, clock.now(), "canceled", composed.held);
    return "done";
  }
}
