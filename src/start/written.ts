import type { Stores } from "../adapter/postgres/stores.ts";
import { WrittenConversations } from "../agent/written-engine.ts";
import type { AnswerSender, WrittenStore } from "../agent/written-ports.ts";
import { answeringSender, threadTo, wordsTemplate } from "../email/answer.ts";
import type { EmailEngine } from "../email/email-engine.ts";
import type { MailSender } from "../email/form.ts";
import { plainTextOf } from "../email/plain-text.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { SmsOptions } from "../sms/options.ts";
import type { SmsEngine } from "../sms/sms-engine.ts";
import { fillMessage, suppliedFields } from "../template/fill.ts";
import type { Agents } from "./agents.ts";

export interface WrittenParts {
  readonly stores: Pick<Stores, "agentContacts" | "templates" | "written">;
  readonly agents: Pick<Agents, "desks" | "work">;
  readonly sms: { readonly engine: Pick<SmsEngine, "send">; readonly options: Pick<SmsOptions, "senders"> };
  readonly email: { readonly engine: Pick<EmailEngine, "answer">; readonly senders: ReadonlyMap<string, MailSender> };
  readonly clock: Clock;
  readonly log: Log;
}

/** What people write that no keyword answers, and the agents who answer it. */
export function openWritten({ stores, agents, sms, email, clock, log }: WrittenParts): WrittenConversations {
  const { agentContacts: contacts, templates, written: store } = stores;
  const senders = { sms: textAnswers(sms), email: mailAnswers(email, store) };
  return new WrittenConversations({ store, desks: agents.desks, contacts, templates, work: agents.work, senders, clock, log });
}

function textAnswers({ engine, options }: WrittenParts["sms"]): AnswerSender {
  const senderFor = (ours: string) => options.senders.find(({ address }) => address === ours);
  return {
    longest: 1600,
    sendsIn: ({ ours }) => senderFor(ours) !== undefined,
    textOf: (template, fields) => (template.channel === "sms" ? fillMessage(template, fields) : noSuchText),
    async send({ ours, person: to }, { attemptId, text }) {
      const from = senderFor(ours);
      if (from) await engine.send(from, { attemptId, to, text });
    },
  };
}

function mailAnswers({ engine, senders }: WrittenParts["email"], store: Pick<WrittenStore, "answered">): AnswerSender {
  const supplied = Object.fromEntries(suppliedFields.map((field) => [field, "-"]));
  return {
    longest: 10_000,
    sendsIn: ({ ours, sender }) => answeringSender(ours, senders.values(), sender) !== undefined,
    textOf(template, fields) {
      if (template.channel !== "email") return noSuchText;
      const made = fillMessage(template, { ...fields, ...supplied });
      if ("held" in made) return made;
      return { text: made.text ?? plainTextOf(made.html ?? "") };
    },
    async send(conversation, { attemptId, text, by }) {
      const { ours, person: address, campaign, contactId, sender: named } = conversation;
      const sender = answeringSender(ours, senders.values(), named);
      if (sender === undefined) return;
      const thread = threadTo(ours, await store.answered(conversation));
      const template = by?.template.channel === "email" ? by.template : wordsTemplate(text);
      const of = { ...(campaign && { campaignId: campaign.id }), ...(contactId !== undefined && { contactId }) };
      await engine.answer({ ...of, attemptId, address, sender: sender.name, fields: by?.fields ?? {}, template, thread });
    },
  };
}

const noSuchText = { held: "the template is one of another channel" };
