import { type AddressObject, type Attachment, type ParsedMail, type SimpleParserOptions, simpleParser } from "mailparser";
import { type MailAttachment, mostAttachments, mostReadOctets, mostTextLength, type RawMail, type ReadMail } from "../../email/inbox-ports.ts";
import { type Mailbox, readMailbox } from "../../kernel/mailbox.ts";

const mostRecipients = 50;
const mostReferences = 50;
const mostValueLength = 1000;
const mostNameLength = 200;
/** A mail made to keep us busy is HTML; a person's own words are not that long. */
const mostHtmlLength = 512 * 1024;
const reportTypes = ["message/delivery-status", "message/global-delivery-status"];
const returnedTypes = ["message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"];

/** Takes a mail apart with mailparser. Never rejects: of what it cannot read the head is read line by line. */
export async function readMail(mail: RawMail): Promise<ReadMail> {
  const raw = Buffer.from(mail.raw.subarray(0, mostReadOctets));
  const options = { keepDeliveryStatus: true, skipImageLinks: true, skipTextToHtml: true, skipTextLinks: true };
  return await parsedWithText(raw, { ...options, maxHtmlLengthToParse: mostHtmlLength })
    // Longer HTML is refused as a whole: then without it.
    .catch(() => simpleParser(raw, { ...options, skipHtmlToText: true }))
    .then((parsed) => readParsed(mail, parsed))
    // What the library makes of a field that is there twice is not always what its types say.
    .catch(() => headOnly(mail));
}

/** What its head says line by line, without its text. */
export function headOnly(mail: RawMail): ReadMail {
  return { ...unread(Buffer.from(mail.raw.subarray(0, mostTextLength))), recipients: recipientsOf(mail, undefined) };
}

/** Of HTML mailparser makes a text only where it is the whole mail. Where it is a part, with pictures or files beside it and no text, it is read once more as one. */
async function parsedWithText(raw: Buffer, options: SimpleParserOptions): Promise<ParsedMail> {
  const parsed = await simpleParser(raw, options);
  const { html } = parsed;
  if ((parsed.text ?? "").trim() !== "" || typeof html !== "string") return parsed;
  const alone = ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64", "", Buffer.from(html).toString("base64")];
  const { text } = await simpleParser(Buffer.from(alone.join("\r\n")), options);
  return { ...parsed, ...(text !== undefined && { text }) };
}

function readParsed(mail: RawMail, parsed: ParsedMail): ReadMail {
  const fields = fieldsOf(parsed);
  const part = (types: readonly string[]) => parsed.attachments.find(({ contentType }) => types.includes(String(contentType).toLowerCase()));
  const [status, report, returned] = [part(reportTypes), part(["message/feedback-report"]), part(returnedTypes)];
  const type = parsed.headers.get("content-type");
  const reportType = typeof type === "object" && "params" in type && type.value === "multipart/report" ? type.params["report-type"] : undefined;
  const from = mailboxesIn(parsed.from)[0];
  const returnPath = mail.envelope?.from.toLowerCase() ?? pathIn(fields["return-path"]);
  return {
    ...(parsed.messageId !== undefined && { messageId: parsed.messageId.slice(0, mostValueLength) }),
    ...(from !== undefined && { from }),
    ...(returnPath !== undefined && { returnPath }),
    recipients: recipientsOf(mail, parsed),
    subject: (parsed.subject ?? "").slice(0, mostValueLength),
    references: referencesOf(parsed),
    fields,
    ...(reportType !== undefined && { reportType: reportType.toLowerCase().slice(0, 100) }),
    text: (parsed.text ?? "").slice(0, mostTextLength),
    ...(status && { deliveryStatus: textOf(status) }),
    ...(report && { feedbackReport: textOf(report) }),
    ...(returned && { returned: textOf(returned) }),
    attachments: parsed.attachments.slice(0, mostAttachments).map(attachmentOf),
  };
}

/** What it is called, and no path: whoever keeps it by that name keeps it where they mean to. */
function attachmentOf({ filename = "", contentType, size }: Attachment): MailAttachment {
  const name = shownLine(String(filename).replace(/^.*[/\\]/s, ""), mostNameLength);
  return { filename: name === "" ? "unnamed" : name, type: shownLine(String(contentType), mostNameLength).toLowerCase(), octets: size };
}

/** On one line, and as it reads: without what turns the direction of a text, so that gpj.exe does not stand there as exe.jpg. */
function shownLine(text: string, most: number): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, most)
    .toWellFormed();
}

function textOf({ content }: Attachment): string {
  return content.subarray(0, mostTextLength).toString("latin1");
}

/** The lines as they came, unfolded: mailparser makes objects of some fields. Of two with one name the first, which the last server wrote. */
function fieldsOf({ headerLines }: ParsedMail): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const { key, line } of headerLines.slice(0, 500)) {
    const value = line.slice(line.indexOf(":") + 1).replace(/\r?\n[ \t]+/g, " ");
    fields[key.toLowerCase()] ??= value.trim().slice(0, mostValueLength);
  }
  return fields;
}

function referencesOf({ inReplyTo, references }: ParsedMail): readonly string[] {
  const ids = [inReplyTo ?? "", ...[references ?? []].flat().reverse()];
  return [...new Set(ids.flatMap((id) => id.match(/<[^<>\s]{1,250}>/g) ?? []))].slice(0, mostReferences);
}

/** Of the envelope, when there is one: To and Cc are only what the sender wrote. */
function recipientsOf({ envelope }: RawMail, parsed: ParsedMail | undefined): readonly string[] {
  const lines = parsed?.headerLines ?? [];
  const delivered = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to"].flatMap((name) =>
    lines.flatMap(({ key, line }) => (key === name ? (line.slice(name.length + 1).match(/[^\s<>,;"]{1,64}@[^\s<>,;"]{1,255}/g) ?? []) : [])),
  );
  const written = parsed === undefined ? [] : [parsed.to ?? [], parsed.cc ?? []].flat().flatMap(mailboxesIn);
  const all = [...(envelope?.to ?? []), ...delivered, ...written].map((box) => box.toLowerCase().slice(0, 320));
  return [...new Set(all)].slice(0, mostRecipients);
}

function mailboxesIn(field: AddressObject | undefined): readonly Mailbox[] {
  return (field?.value ?? []).flatMap(({ address }) => {
    const read = address === undefined || address === "" ? undefined : readMailbox(address.trim());
    return read !== undefined && "mailbox" in read ? [read.mailbox] : [];
  });
}

/** `<>` is the null sender. */
function pathIn(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value.replace(/^<|>$/g, "").trim().toLowerCase();
}

function unread(raw: Buffer): Omit<ReadMail, "recipients"> {
  const head =
    raw
      .subarray(0, mostTextLength)
      .toString("latin1")
      .split(/\r?\n\r?\n/, 1)[0] ?? "";
  const messageId = /^Message-ID:[ \t]*(<[^<>\s]{1,250}>)/im.exec(head)?.[1];
  return { ...(messageId !== undefined && { messageId }), subject: "", references: [], fields: {}, text: "", attachments: [] };
}
