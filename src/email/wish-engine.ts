import type { MessageLog, WishedMessage } from "../attempt/message-ports.ts";
import type { WishCarrier } from "../attempt/wish-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { MessageTemplates } from "../template/ports.ts";
import type { EmailEngine } from "./email-engine.ts";

export interface EmailWishesParts {
  readonly engine: Pick<EmailEngine, "send" | "takes">;
  readonly templates: Pick<MessageTemplates, "current">;
  readonly log: Pick<MessageLog, "withhold">;
  /** Name of the sender that they are from; none, when there is none. */
  readonly sender: string | undefined;
  readonly clock: Clock;
}

/** What is wished for by e-mail. It waits while the mail server cannot be reached, and for its turn, until it is too late. */
export class EmailWishes implements WishCarrier {
  readonly channel = "email";
  readonly #parts: EmailWishesParts;

  constructor(parts: EmailWishesParts) {
    this.#parts = parts;
  }

  get ready(): boolean {
    const { sender, engine } = this.#parts;
    return sender !== undefined && engine.takes(sender);
  }

  async carry({ attemptId, to: address, template: name, fields, untilMs }: WishedMessage): Promise<"done" | "later"> {
    const { engine, templates, log, sender = "", clock } = this.#parts;
    const at = clock.now();
    const template = await templates.current(name);
    if (template?.channel === "email")
      return await engine.send({
        attemptId,
        channel: "email",
        address,
        sender,
        fields,
        templateVersionId: template.versionId,
        permit: { at, untilMs },
      });
    await log.withhold(attemptId, at, "canceled", template ? `template ${name} is not one for e-mail` : `there is no template ${name}`);
    return "done";
  }
}
