import { randomUUID } from "node:crypto";
import { refuseSuppressed } from "../compliance/suppressed-engine.ts";
import type { SuppressionStore } from "../compliance/suppression-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Mailbox } from "../kernel/mailbox.ts";
import type { MessageTemplates } from "../template/ports.ts";
import { splitMailbox } from "./address.ts";
import { compileForm, type MailSender } from "./form.ts";
import type { MailPools } from "./ports.ts";
import { signedMail } from "./sign-engine.ts";

export interface TestMailsParts {
  readonly templates: Pick<MessageTemplates, "current">;
  readonly pools: MailPools;
  readonly suppressions: Pick<SuppressionStore, "about" | "lists">;
  readonly senders: ReadonlyMap<string, MailSender>;
  readonly clock: Clock;
}

export interface TestMail {
  /** Name of a template; its current version is sent. */
  readonly template: string;
  readonly sender: string;
  readonly to: Mailbox;
  readonly fields: Readonly<Record<string, string>>;
}

const turnWithinMs = 30_000;

/** Sends one e-mail to whoever wants to see it. It belongs to no attempt: nothing is recorded, and its marks lead nowhere. */
export class TestMails {
  readonly #parts: TestMailsParts;

  constructor(parts: TestMailsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the next server has taken it, with what it said.
   * Faults: `suppressed`, `sender-unknown`, `template-unknown`, `template-held` (a field is missing), `email-not-sent`.
   */
  async send({ template: name, sender: from, to, fields }: TestMail): Promise<{ readonly subject: string; readonly response: string }> {
    const { templates, pools, suppressions, senders, clock } = this.#parts;
    const sender = senders.get(from);
    if (!sender) throw new Fault("sender-unknown", `There is no sender ${from} under email.senders.`);
    const template = await templates.current(name);
    if (template?.channel !== "email") throw new Fault("template-unknown", `There is no e-mail template ${name}.`);
    const at = clock.now();
    await refuseSuppressed(suppressions, { kind: "mailbox", value: to }, "email", at);
    // A key that nobody has: a mark of it is good for no attempt.
    const composed = compileForm(template, { ...sender, key: randomUUID() }).compose({ attemptId: "1", mailbox: to, fields }, at);
    if ("held" in composed) throw new Fault("template-held", `It cannot be made for them: ${composed.held}.`);
    const signed = await signedMail(composed, sender.dkim, at);
    const place = await pools.place(sender.pool, splitMailbox(to)?.domain ?? "", turnWithinMs);
    if (!place) {
      const { note = "it has too much to do" } = pools.all.find((pool) => pool.name === sender.pool) ?? {};
      throw new Fault("email-not-sent", `Mail pool ${sender.pool} does not take it: ${note}.`);
    }
    const end = await place.send({ from: composed.from, to, raw: signed.octets() });
    if (end.end === "accepted") return { subject: composed.subject, response: end.response };
    throw new Fault("email-not-sent", end.end === "refused" ? `The server said: ${end.text}` : `It was not sent: ${end.why}`);
  }
}
