import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { knownLanguage } from "./locale.ts";
import type { AttachmentSource, MessageTemplate, TemplateSource } from "./ports.ts";
import { compileTemplate, type Template, type TemplateKind } from "./template.ts";

/** One thing that is wrong with a document. */
export interface Place {
  /** JSON pointer (RFC 6901) into the document; "" is the whole. */
  readonly pointer: string;
  readonly message: string;
  /** Of a mistake within a text: where, both from 1. */
  readonly within?: { readonly line: number; readonly column: number };
}

const keys = {
  sms: ["name", "channel", "language", "text", "transliterate"],
  email: ["name", "channel", "language", "subject", "html", "text", "attachments"],
} as const;
const attachmentKeys = ["name", "type", "content"];
const nameForm = /^[a-z][a-z0-9-]{0,63}$/;
/** RFC 2045 §5.1; nothing that a mail program would take apart. */
const typeForm = /^(?!multipart\/|message\/)[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const controls = /(?![\t\n\r])\p{Cc}/u;
const maxAttachments = 10;
/** Together, in octets: mail servers refuse 10 MB and more, and base64 adds a third. */
export const maxAttachedBytes = 2 * 1024 * 1024;
const maxSourceChars: Readonly<Record<string, number>> = { subject: 1_000, text: 100_000, html: 1_000_000 };

/** What is wrong with a document; empty when it can be published. */
export function documentFaults(value: unknown): readonly Place[] {
  const places: Place[] = [];
  const wrong = (pointer: string, message: string) => places.push({ pointer, message });
  if (!isRecord(value)) return [{ pointer: "", message: "A template is a set of keys: name, channel, text …" }];
  const channel = value["channel"];
  if (channel !== "sms" && channel !== "email") return [{ pointer: "/channel", message: "Give the channel: sms or email." }];
  unknownKeys(value, keys[channel], "", `a template for ${channel}`, wrong);
  const name = value["name"];
  if (typeof name !== "string" || !nameForm.test(name))
    wrong("/name", "Give a name of small letters, digits and dashes, at most 64, that begins with a letter.");
  const language = value["language"];
  if (language !== undefined && (typeof language !== "string" || knownLanguage(language) === undefined))
    wrong("/language", "Give a language tag, such as en-US or es.");
  if (channel === "sms") {
    textFaults(value, "text", "text", true, places);
    const { transliterate } = value;
    if (transliterate !== undefined && typeof transliterate !== "boolean") wrong("/transliterate", "Write true or false.");
  } else {
    textFaults(value, "subject", "line", true, places);
    textFaults(value, "html", "html", false, places);
    textFaults(value, "text", "text", value["html"] === undefined, places);
    attachmentFaults(value["attachments"], wrong);
  }
  return places;
}

/** @throws Fault `template-invalid`, whose detail has the places (pointer and message) */
export function checkDocument(value: unknown): TemplateSource {
  const places = documentFaults(value);
  if (places.length > 0) throw invalidTemplate(places);
  return value as TemplateSource;
}

export function invalidTemplate(errors: readonly Pick<Place, "pointer" | "message">[]): Fault {
  const told = errors.map(({ pointer, message }) => (pointer === "" ? message : `${pointer}: ${message}`)).slice(0, 10);
  return new Fault("template-invalid", `The template cannot be published like this. ${told.join(" ")}`, {
    detail: { errors: errors.map(({ pointer, message }) => ({ pointer, message })) },
  });
}

/** A version that was checked when it was published, ready to be rendered. */
export function compileMessage(source: TemplateSource, published: { readonly versionId: string; readonly version: number }): MessageTemplate {
  const { name, language } = source;
  const known = language === undefined ? undefined : knownLanguage(language);
  const compiled = (text: string, kind: TemplateKind): Template => compileTemplate(text, kind, known);
  const head = { name, ...published, ...(known !== undefined && { language: known }) };
  if (source.channel === "sms") return { ...head, channel: "sms", text: compiled(source.text, "text"), transliterate: source.transliterate ?? false };
  const { subject, html, text, attachments = [] } = source;
  return {
    ...head,
    channel: "email",
    subject: compiled(subject, "line"),
    ...(html !== undefined && { html: compiled(html, "html") }),
    ...(text !== undefined && { text: compiled(text, "text") }),
    attachments: attachments.map(({ content, ...attachment }) => ({ ...attachment, content: Buffer.from(content, "base64") })),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKeys(value: Record<string, unknown>, known: readonly string[], at: string, whose: string, wrong: (at: string, what: string) => void) {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const shown = key.slice(0, 40);
    wrong(pointerTo(at, shown), `“${shown}” is no key of ${whose}.${meant ? ` Did you mean ${meant}?` : ` There are ${known.join(", ")}.`}`);
  }
}

function textFaults(value: Record<string, unknown>, key: string, kind: TemplateKind, required: boolean, places: Place[]): void {
  const text = value[key];
  const pointer = `/${key}`;
  if (text === undefined && !required) return;
  const most = maxSourceChars[key] ?? 0;
  if (typeof text !== "string" || text.trim() === "") places.push({ pointer, message: "Write a text here." });
  else if (text.length > most) places.push({ pointer, message: `The text is ${text.length} characters long; ${most} are allowed.` });
  else if (kind === "line" && /[\r\n]/.test(text.trim())) places.push({ pointer, message: "A subject is one line." });
  else if (controls.test(text) || !text.isWellFormed()) places.push({ pointer, message: "There is a control character in the text; remove it." });
  else places.push(...syntaxFaults(text, kind, pointer));
}

function syntaxFaults(text: string, kind: TemplateKind, pointer: string): Place[] {
  try {
    compileTemplate(text, kind);
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { line, column } = error.detail;
    const within = typeof line === "number" && typeof column === "number" ? { within: { line, column } } : {};
    return [{ pointer, message: `${error.message}.`, ...within }];
  }
}

function attachmentFaults(value: unknown, wrong: (at: string, what: string) => void): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || value.length > maxAttachments) {
    wrong("/attachments", `Write a list of at most ${maxAttachments} attachments.`);
    return;
  }
  let octets = 0;
  for (const [index, each] of value.entries()) {
    const at = `/attachments/${index}`;
    if (!isRecord(each)) {
      wrong(at, "An attachment has a name, a type and its content.");
      continue;
    }
    unknownKeys(each, attachmentKeys, at, "an attachment", wrong);
    const { name, type, content } = each as Partial<Record<keyof AttachmentSource, unknown>>;
    if (typeof name !== "string" || name.length > 100 || !/^[^\p{Cc}/\\:"<>|?*]+$/u.test(name) || /^\.|\.$/.test(name))
      wrong(`${at}/name`, "Give the name of a file, without its folder.");
    if (typeof type !== "string" || !typeForm.test(type)) wrong(`${at}/type`, "Give a media type in small letters, such as application/pdf.");
    if (typeof content !== "string" || content === "" || !base64.test(content)) wrong(`${at}/content`, "Give the content in base64, without blanks.");
    else octets += Math.floor((content.length * 3) / 4);
  }
  if (octets > maxAttachedBytes) wrong("/attachments", `The attachments have ${octets} octets; ${maxAttachedBytes} are allowed together.`);
}
