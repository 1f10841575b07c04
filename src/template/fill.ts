import { Fault } from "../kernel/fault.ts";
import { lacking } from "./fields.ts";
import type { EmailTemplate, MessageTemplate, SmsTemplate } from "./ports.ts";
import type { Fields, Template } from "./template.ts";

export interface SmsContent {
  readonly channel: "sms";
  readonly text: string;
}

export interface EmailContent {
  readonly channel: "email";
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
}

/** A contact that gets nothing, and why: the end of a sentence for people. */
export interface HeldBack {
  readonly held: string;
  /** The fields that are not there, or blank. */
  readonly lacks: readonly string[];
}

/** Fields of an e-mail that whoever sends it supplies, and no contact has. */
export const suppliedFields: readonly string[] = ["unsubscribe_url", "postal_address", "sender_phone"];

/** The texts that a template is made of. */
export function textsOf(template: MessageTemplate): readonly Template[] {
  if (template.channel === "sms") return [template.text];
  return [template.subject, template.html, template.text].filter((text) => text !== undefined);
}

/** The fields without which a message cannot be made. */
export function neededBy(template: MessageTemplate): readonly string[] {
  return [...new Set(textsOf(template).flatMap(({ needed }) => needed))];
}

/** What a person would get. A field that is missing or blank, or a value that is no number or date and should be one, holds the contact back. */
export function fillMessage(template: SmsTemplate, fields: Fields): SmsContent | HeldBack;
export function fillMessage(template: EmailTemplate, fields: Fields): EmailContent | HeldBack;
export function fillMessage(template: MessageTemplate, fields: Fields): SmsContent | EmailContent | HeldBack;
export function fillMessage(template: MessageTemplate, fields: Fields): SmsContent | EmailContent | HeldBack {
  const lacks = lacking(neededBy(template), fields);
  if (lacks.length > 0) return { held: `the contact has no ${lacks.join(", ")}`, lacks };
  try {
    if (template.channel === "sms") {
      const text = template.text.render(fields);
      return text.trim() === "" ? { held: "the text is empty", lacks } : { channel: "sms", text };
    }
    const { subject, html, text } = template;
    return {
      channel: "email",
      subject: subject.render(fields),
      ...(html && { html: html.render(fields) }),
      ...(text && { text: text.render(fields) }),
    };
  } catch (error) {
    if (error instanceof Fault) return { held: error.message, lacks };
    throw error;
  }
}
