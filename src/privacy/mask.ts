import { isMailbox } from "../kernel/mailbox.ts";

/** What may be hidden of people: numbers, mailboxes, the fields that are marked sensitive, and what was written, said or noted. */
export const hideable = ["numbers", "mailboxes", "fields", "texts"] as const;
export type Hideable = (typeof hideable)[number];

/** What somebody does not see. */
export interface Hiding {
  readonly hides: ReadonlySet<Hideable>;
  /** Names of fields, as contacts have them. */
  readonly sensitive: ReadonlySet<string>;
}

/** What stands in place of what is hidden. Nothing that is written may have it: it would take the place of what is there. */
export const dots = "•••";

const numberLike = /\+[1-9]\d{6,14}/g;
/** Without the plus, as an SMSC or a SIP address has it. */
const bareNumber = /(?<![\w.+-])[1-9]\d{9,14}(?=@|$)/g;
/** Whom a call or a message is for, as a carrier wants it written: 02079460123, 0044…, 9#…, with what is dialled before it (RFC 3261 §19.1, RFC 3966). */
const dialled = /(?<=\bsips?:)[^\s@<>"]{1,100}(?=@)|(?<=\btel:)[\d+*#().-]{1,60}/gi;
/** Within a text: what else a mailbox may have before its @ (RFC 5322 §3.2.3) joins it to a link or to the words around it. */
const mailboxLike = /(?<![A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]+@(?=[A-Za-z0-9-]+\.[A-Za-z])/g;
/** Properties whose texts are a person's, or about them. */
const written = new Set(["text", "html", "subject", "note", "raw", "snippet", "said", "filename"]);
/** Properties with numbers of our own, and links that have to stay whole. */
const ours = new Set(["paymentUrl", "callerId", "calledNumber", "sender", "ownAddress", "trunk", "id", "hash", "previous"]);

/** The same with what is hidden as dots. What is no plain data (a stream, a buffer) is given back as it is. */
export function masked(value: unknown, hiding: Hiding): unknown {
  return hiding.hides.size === 0 ? value : maskValue(value, "", hiding);
}

/** Fields of a contact, with what is hidden as dots. */
export function shownFields(fields: Readonly<Record<string, string>>, hiding: Hiding): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(maskField(field, value, hiding))]));
}

function maskValue(value: unknown, name: string, hiding: Hiding): unknown {
  if (typeof value === "string") return maskText(value, name, hiding);
  const answers = name === "answers" && hiding.hides.has("texts");
  if (Array.isArray(value)) return value.map((part: unknown) => (answers ? maskAnswer(part) : maskValue(part, name, hiding)));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  const entries = Object.entries(value);
  if (name === "fields") return Object.fromEntries(entries.map(([field, part]) => [field, maskField(field, part, hiding)]));
  // By the name of the question, whatever that is.
  if (answers) return Object.fromEntries(entries.map(([question, part]) => [question, maskAnswer(part)]));
  return Object.fromEntries(entries.map(([key, part]) => [key, maskValue(part, key, hiding)]));
}

function maskText(text: string, name: string, { hides }: Hiding): string {
  if (ours.has(name)) return text;
  if (hides.has("texts") && written.has(name)) return dots;
  let shown = text;
  // The last digits tell people which of several it is.
  if (hides.has("numbers"))
    shown = shown
      .replace(dialled, (user) => (digitsOf(user).length < 4 ? user : `${dots}${digitsOf(user).slice(-2)}`))
      .replace(numberLike, (number) => `${dots}${number.slice(-2)}`)
      .replace(bareNumber, (number) => `${dots}${number.slice(-2)}`);
  // Where a mail goes stays: by it a fault of a receiver is told from one person's.
  if (hides.has("mailboxes"))
    shown = isMailbox(text.toLowerCase()) ? `${dots}${text.slice(text.indexOf("@"))}` : shown.replace(mailboxLike, `${dots}@`);
  return shown;
}

/** Of the user of a URI, without its parameters. */
function digitsOf(user: string): string {
  return (user.split(";")[0] ?? "").replace(/\D/g, "");
}

function maskField(field: string, part: unknown, hiding: Hiding): unknown {
  return hiding.hides.has("fields") && hiding.sensitive.has(field) ? dots : maskValue(part, field, hiding);
}

/** An answer may be a text, or have it as its value; its question's name, and what is no text (a score's length), say nothing. */
function maskAnswer(answer: unknown): unknown {
  if (typeof answer === "string") return dots;
  if (typeof answer !== "object" || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, typeof value === "string" && name !== "name" ? dots : value]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether somewhere in it stands what is shown in place of something hidden. */
export function holdsDots(value: unknown): boolean {
  if (typeof value === "string") return value.includes(dots);
  if (Array.isArray(value)) return value.some(holdsDots);
  return typeof value === "object" && value !== null && isPlain(value) && Object.values(value).some(holdsDots);
}
