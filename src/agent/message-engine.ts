import type { MessageChannel } from "../attempt/message-ports.ts";
import type { AttemptLog } from "../attempt/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { fillMessage, suppliedFields } from "../template/fill.ts";
import type { TemplateStore } from "../template/ports.ts";
import type { AgentContacts } from "./ports.ts";
import type { CampaignDesks } from "./preview-ports.ts";

export interface AgentMessagesParts {
  readonly contacts: Pick<AgentContacts, "spokenTo" | "person" | "reach">;
  readonly campaignDesks: Pick<CampaignDesks, "rules">;
  readonly templates: Pick<TemplateStore, "current" | "all">;
  readonly attempts: Pick<AttemptLog, "effect">;
  /** What this server sends on somebody's wish. */
  readonly sends: readonly MessageChannel[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface MessageWish {
  /** Of the conversation. */
  readonly attemptId: string;
  readonly channel: MessageChannel;
  /** Name of a published template. */
  readonly template: string;
}

/** A template that an agent may send. */
export interface OfferedTemplate {
  readonly name: string;
  readonly channel: MessageChannel;
}

/** A message that somebody was promised on the telephone is of no use much later. */
const withinS = 3600;
/** What an agent sees at once. */
const mostOffered = 500;

/** What agents have sent to people with whom they talk, or have just talked. */
export class AgentMessages {
  readonly #parts: AgentMessagesParts;

  constructor(parts: AgentMessagesParts) {
    this.#parts = parts;
  }

  /** Those that the campaign lets its agents send. */
  async offered(campaignId: string): Promise<readonly OfferedTemplate[]> {
    const { templates, campaignDesks, sends } = this.#parts;
    const [all, { templates: allowed }] = await Promise.all([templates.all({ limit: mostOffered }), campaignDesks.rules(campaignId)]);
    const may = ({ name, channel }: OfferedTemplate) => sends.includes(channel) && (allowed === undefined || allowed.includes(name));
    return all.map(({ source: { name, channel } }) => ({ name, channel })).filter(may);
  }

  /**
   * Has it sent soon. The same template goes once for one conversation, however often it is asked for.
   * @throws Fault `attempt-unknown`, `message-refused` with the reason
   */
  async send(agent: { readonly id: string; readonly name: string }, { attemptId, channel, template }: MessageWish): Promise<void> {
    const { contacts, attempts, sends, clock, log } = this.#parts;
    if (!sends.includes(channel)) throw refused(whyNot[channel].unsent);
    const whom = await contacts.spokenTo(agent.id, attemptId);
    if (!whom) throw new Fault("attempt-unknown", `You talked to nobody of a list in attempt ${attemptId}.`);
    const { contactId, campaignId } = whom;
    const values = await this.#fieldsFor(contactId, campaignId, { channel, template });
    const reach = await contacts.reach(contactId, campaignId, channel);
    if (reach !== "reachable") throw refused(whyNot[channel][reach]);
    const effect = {
      kind: "send",
      channel,
      template,
      values,
      withinS,
      key: `agent ${channel} ${template}`,
      reason: `agent ${agent.name}`,
      agentId: agent.id,
    } as const;
    await attempts.effect(attemptId, clock.now(), [effect]);
    log.info({ agent: agent.id, campaign: campaignId, contact: contactId, attempt: attemptId, channel, template }, "an agent has a message sent");
  }

  /** The person's fields, with which the message can be made. */
  async #fieldsFor(contactId: string, campaignId: string, { channel, template: name }: Omit<MessageWish, "attemptId">) {
    const { contacts, templates, campaignDesks } = this.#parts;
    const [template, person, { templates: allowed }] = await Promise.all([
      templates.current(name),
      contacts.person(contactId),
      campaignDesks.rules(campaignId),
    ]);
    if (template?.channel !== channel) throw refused(`There is no template ${name} for ${channel}; ask for the list of templates.`);
    if (allowed && !allowed.includes(name))
      throw refused(`The campaign lets its agents send ${allowed.join(", ") || "no template"}, and not ${name}.`);
    const fields = person?.fields ?? {};
    const supplied = Object.fromEntries(suppliedFields.map((field) => [field, "-"]));
    const made = fillMessage(template, { ...fields, ...supplied });
    if ("held" in made) throw refused(`The message cannot be made: ${made.held}.`);
    return fields;
  }
}

const whyNot: Readonly<Record<MessageChannel, Readonly<Record<"unsent" | "no-address" | "suppressed", string>>>> = {
  sms: {
    unsent: "This server sends no SMS: it has no sender of them.",
    "no-address": "The person has no number to which an SMS can be sent: none that is a mobile, or may be one.",
    suppressed: "The person wants no SMS, or their number is on a list of those that get none.",
  },
  email: {
    unsent: "This server sends no e-mail: it has no sender of it.",
    "no-address": "The person has no mailbox.",
    suppressed: "The person wants no e-mail, or their mailbox is on a list of those that get none.",
  },
};

function refused(why: string): Fault {
  return new Fault("message-refused", why);
}
