import type { Mailbox } from "../kernel/mailbox.ts";
import { fillMessage } from "../template/fill.ts";
import type { EmailTemplate } from "../template/ports.ts";
import { messageIdOf, replyAddressOf, returnPathOf, splitMailbox } from "./address.ts";
import { withTrackedLinks } from "./click.ts";
import { bodyHashOf, type DkimKey, type HeaderField } from "./dkim.ts";
import { completed } from "./footer.ts";
import { dateOf, displayNameOf, encodedText, field, oneLineOf } from "./header.ts";
import { unsubscribeLink } from "./link.ts";
import type { MailSenderOptions } from "./options.ts";
import { plainTextOf } from "./plain-text.ts";
import { base64Lines, quotedPrintable } from "./quoted-printable.ts";

/** Who it is from, with all that stands in every message of theirs. */
export interface MailSender extends Omit<MailSenderOptions, "dkim"> {
  readonly dkim: readonly DkimKey[];
  /** For marks. */
  readonly key: string;
  readonly publicUrl: string;
}

/** Whom a message is for. */
export interface Addressee {
  readonly attemptId: string;
  readonly campaignId?: string;
  readonly mailbox: Mailbox;
  readonly fields: Readonly<Record<string, string>>;
  /** The campaign's, in place of the sender's. */
  readonly postalAddress?: string;
  readonly phone?: string;
  /** Links in the HTML lead over our redirect. */
  readonly trackLinks?: boolean;
  /** What it answers. */
  readonly thread?: MailThread;
}

/** Of an answer to somebody's mail (RFC 5322 §3.6.4). */
export interface MailThread {
  /** In place of the template's; left out: the template's. */
  readonly subject?: string;
  /** Message-IDs, what is answered last. */
  readonly references: readonly string[];
  /** Where the person's next one is to go, when that is not the mailbox it is from. */
  readonly replyTo?: string;
}

/** A message as it stands, to be signed. */
export interface Composed {
  /** The return path. */
  readonly from: string;
  readonly subject: string;
  readonly header: readonly HeaderField[];
  readonly body: readonly Uint8Array[];
}

/** The messages of one template from one sender: all that is the same in each is made once. */
export interface MailForm {
  /** @param at epoch ms @returns `held`: why this one cannot be sent to them */
  compose(to: Addressee, at: number): Composed | { readonly held: string };
}

/** It cannot stand in quoted-printable or base64 (RFC 2045 §6.7). */
const boundary = (version: string, place: string) => `=_${place}_${version.replace(/[^0-9A-Za-z]/g, "")}_carillon`;
const octets = (text: string) => Buffer.from(text, "latin1");
const partHead = (type: string) => `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;

/** @throws Fault `template-syntax` when the end that the law wants does not fit what the author wrote */
export function compileForm(template: EmailTemplate, sender: MailSender): MailForm {
  const whole = completed(template, sender);
  const { html } = whole;
  const [outer, inner] = [boundary(template.versionId, "mixed"), boundary(template.versionId, "alternative")];
  const both = html !== undefined;
  const multipart = both || whole.attachments.length > 0;
  const textHead = octets(`--${both ? inner : outer}\r\n${partHead("text/plain")}`);
  const htmlHead = octets(`--${inner}\r\n${partHead("text/html")}`);
  const innerEnd = octets(`--${inner}--\r\n`);
  const attached = whole.attachments.map(({ name, type, content }) =>
    Buffer.concat([octets(`--${outer}\r\n${attachmentHead(name, type)}`), base64Lines(content)]),
  );
  const mixed = attached.length > 0;
  const innerType = `multipart/alternative; boundary="${inner}"`;
  const start = mixed && both ? [octets(`--${outer}\r\nContent-Type: ${innerType}\r\n\r\n`)] : [];
  const end = mixed ? [...attached, octets(`--${outer}--\r\n`)] : [];
  const type = mixed ? `multipart/mixed; boundary="${outer}"` : both ? innerType : "text/plain; charset=utf-8";
  const constant: readonly HeaderField[] = [
    headerField("MIME-Version", "1.0"),
    headerField("Content-Type", type),
    ...(multipart ? [] : [headerField("Content-Transfer-Encoding", "quoted-printable")]),
  ];
  const oneClick = headerField("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  const { mailbox, displayName, bounceDomain, replyDomain, key, publicUrl, unsubscribeScope } = sender;
  const from = headerField("From", displayName === undefined ? mailbox : `${displayNameOf(displayName)} <${mailbox}>`);
  const idDomain = splitMailbox(mailbox)?.domain ?? bounceDomain;

  return {
    compose({ attemptId, campaignId, mailbox: to, fields, thread, ...own }, at) {
      const { postalAddress = sender.postalAddress, phone = sender.phone, trackLinks = false } = own;
      const link = unsubscribeLink(publicUrl, key, attemptId, unsubscribeScope);
      const filled = { ...fields, unsubscribe_url: link, postal_address: postalAddress, sender_phone: phone };
      const content = fillMessage(whole, filled);
      if ("held" in content) return { held: content.held };
      const { html: ownHtml, text: plain = plainTextOf(ownHtml ?? "") } = content;
      const htmlText = ownHtml !== undefined && trackLinks ? withTrackedLinks(ownHtml, publicUrl, key, attemptId) : ownHtml;
      const subjectText = oneLineOf(thread?.subject ?? content.subject);
      const ofCampaign = replyDomain !== undefined && campaignId !== undefined ? replyAddressOf(campaignId, replyDomain) : undefined;
      const reply = thread ? thread.replyTo : ofCampaign;
      const { references = [] } = thread ?? {};
      const answered = references.at(-1);
      const returnPath = returnPathOf(key, attemptId, bounceDomain);
      // With a mark: who has their mail sent on writes from another mailbox than it was for.
      const byMail = replyDomain === undefined ? "" : `, <mailto:${returnPath}?subject=unsubscribe>`;
      const textPart = quotedPrintable(plain);
      const body = !multipart
        ? [textPart]
        : [...start, textHead, textPart, ...(htmlText === undefined ? [] : [htmlHead, quotedPrintable(htmlText), innerEnd]), ...end];
      const header: HeaderField[] = [
        headerField("Date", dateOf(at)),
        from,
        headerField("To", to),
        headerField("Subject", encodedText(subjectText)),
        headerField("Message-ID", messageIdOf(key, attemptId, idDomain)),
        ...(answered === undefined ? [] : [headerField("In-Reply-To", answered), headerField("References", references.join(" "))]),
        ...(reply === undefined ? [] : [headerField("Reply-To", reply)]),
        headerField("List-Unsubscribe", `<${link}>${byMail}`),
        oneClick,
        ...constant,
      ];
      return { from: returnPath, subject: subjectText, header, body };
    },
  };
}

/** The header's octets, DKIM fields first, and the body. */
export function rawOf(signatures: readonly string[], { header, body }: Composed): Buffer {
  return Buffer.concat([octets(`${signatures.join("")}${header.map(([name, text]) => `${name}:${text}\r\n`).join("")}\r\n`), ...body]);
}

/** For DKIM. */
export function hashOf({ body }: Composed): string {
  return bodyHashOf(body);
}

function headerField(name: string, value: string): HeaderField {
  return [name, field(name, value).slice(name.length + 1, -2)];
}

function attachmentHead(name: string, type: string): string {
  const kind = /^[A-Za-z0-9][\w.+-]{0,60}\/[A-Za-z0-9][\w.+-]{0,60}$/.test(type) ? type : "application/octet-stream";
  const shown = [...oneLineOf(name)].slice(0, 60).join("");
  const ascii = shown.replace(/[^\x20-\x7e]|["\\]/g, "_");
  // RFC 2231 §4, for those who read it; the other one for those who do not.
  const encoded = encodeURIComponent(shown.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const extended = ascii === shown ? "" : `;\r\n filename*=utf-8''${encoded}`;
  return `Content-Type: ${kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename="${ascii}"${extended}\r\n\r\n`;
}

/** @returns why it cannot be sent, where it cannot */
export function formOf(template: EmailTemplate, sender: MailSender): MailForm | string {
  try {
    return compileForm(template, sender);
  } catch (error) {
    return `the template cannot be sent: ${error instanceof Error ? error.message : String(error)}`;
  }
}
