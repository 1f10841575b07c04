import type { Template } from "./template.ts";

/** A message as its author wrote it, published and never changed. */
export type MessageTemplate = SmsTemplate | EmailTemplate;

interface Published {
  readonly name: string;
  /** Of the version, by id. */
  readonly versionId: string;
  readonly version: number;
}

export interface SmsTemplate extends Published {
  readonly channel: "sms";
  readonly text: Template;
  /** Letters that GSM 03.38 lacks are written with those it has, where that keeps the message out of UCS-2. */
  readonly transliterate: boolean;
}

export interface EmailTemplate extends Published {
  readonly channel: "email";
  readonly subject: Template;
  readonly html?: Template;
  /** Made from the HTML when left out. */
  readonly text?: Template;
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  readonly name: string;
  /** Such as application/pdf. */
  readonly type: string;
  readonly content: Uint8Array;
}

/** Where the channels find what they send. */
export interface MessageTemplates {
  /** A published version; undefined when there is none. Read once and kept: a version never changes. */
  version(id: string): Promise<MessageTemplate | undefined>;
  /** The version that is current for a name; undefined when there is none. */
  current(name: string): Promise<MessageTemplate | undefined>;
}
