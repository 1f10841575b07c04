import type { Template } from "./template.ts";

/** A template's document as it is published and kept: plain values, of the shape that document.ts checks. */
export type TemplateSource = SmsSource | EmailSource;

interface AnySource {
  readonly name: string;
  /** BCP 47; how money and dates are written for contacts whose own language is not known. `en-US` when left out. */
  readonly language?: string;
}

export interface SmsSource extends AnySource {
  readonly channel: "sms";
  readonly text: string;
  readonly transliterate?: boolean;
}

export interface EmailSource extends AnySource {
  readonly channel: "email";
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
  readonly attachments?: readonly AttachmentSource[];
}

export interface AttachmentSource {
  readonly name: string;
  readonly type: string;
  /** Base64 (RFC 4648 §4). */
  readonly content: string;
}

/** A message as its author wrote it, published and never changed. */
export type MessageTemplate = SmsTemplate | EmailTemplate;

interface Published {
  readonly name: string;
  /** Of the version, by id. */
  readonly versionId: string;
  readonly version: number;
  /** BCP 47, as the document has it. */
  readonly language?: string;
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

/** A published version with its document. */
export interface TemplateVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly source: TemplateSource;
  /** Epoch ms. */
  readonly publishedAt: number;
  readonly publishedBy: string;
}

/** A stretch of rows: at most `limit`, from behind that id. */
export interface TemplateStretch {
  readonly limit: number;
  readonly afterId?: string;
}

/** Where templates are kept. */
export interface TemplateStore extends MessageTemplates {
  /**
   * The next version of the document's name, current from then on; or, when it is the current one already, that one, and not fresh.
   * Faults: `template-channel` when the name belongs to another channel.
   */
  publish(source: TemplateSource, by: string): Promise<{ readonly version: TemplateVersion; readonly fresh: boolean }>;
  /** The version of that number, or the current one. */
  find(name: string, version?: number): Promise<TemplateVersion | undefined>;
  /** The current version of each template, in ascending order of their ids (of versions). */
  all(stretch: TemplateStretch): Promise<readonly TemplateVersion[]>;
  /** Newest first. */
  versions(name: string, stretch: TemplateStretch): Promise<readonly TemplateVersion[]>;
}

/** A contact of a list, as far as templates go. */
export interface ListedFields {
  readonly id: string;
  readonly clientId?: string;
  /** With `time_zone`, where it is known. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether there is an address of the channel: a number that is no landline, or a mailbox. */
  readonly reachable: boolean;
}

/** The people of a list, a page at a time, in ascending order of their ids. */
export interface TemplateContacts {
  page(listId: string, channel: MessageTemplate["channel"], stretch: TemplateStretch): Promise<readonly ListedFields[]>;
}
