import { Fault } from "../../kernel/fault.ts";
import { isPhoneNumber } from "../../kernel/phone.ts";
import { valueAt } from "../../kernel/pointer.ts";
import { type LookupAnswer, type LookupKind, type LookupQuestion, type LookupRule, type LookupWord, lookupWords } from "./lookup.ts";
import type { LookupOptions } from "./options.ts";

/** What stands for the words in braces. */
type Filling = Readonly<Record<"number" | "digits" | "clientId" | "date", string>>;

const braces = /\{(number|digits|clientId|date)\}/g;
const agesH: Readonly<Record<LookupKind, number>> = { "line-type": 720, reassigned: 168, customer: 24 };
const refusedWords: Readonly<Record<LookupKind, readonly LookupWord[]>> = {
  "line-type": [],
  reassigned: ["yes", "no-data"],
  customer: ["do-not-contact"],
};
/** What a contact learns of itself is no longer than this, and no more. */
const maxFieldLength = 1000;
const maxReasonLength = 300;

export function subjectOf({ kind, by }: Pick<LookupOptions, "kind" | "by">): "number" | "client-id" {
  return kind === "customer" ? by : "number";
}

export function ruleOf({
  kind,
  fallback,
  refuse,
}: Pick<LookupOptions, "kind" | "fallback"> & { readonly refuse?: readonly LookupWord[] }): LookupRule {
  return { kind, fallback, refuse: refuse ?? refusedWords[kind] };
}

/** How the look-ups of a configuration are judged, by their names. */
export function rulesOf(all: readonly LookupOptions[]): Readonly<Record<string, LookupRule>> {
  return Object.fromEntries(all.map((options) => [options.name, ruleOf(options)]));
}

export function ageMsOf({ kind, ageHours = agesH[kind] }: Pick<LookupOptions, "kind" | "ageHours">): number {
  return ageHours * 3_600_000;
}

/** Why the question cannot be asked of anybody, and what that comes to; undefined when it can. */
export function unaskable({ kind }: Pick<LookupOptions, "kind">, { dated }: LookupQuestion): LookupAnswer | undefined {
  if (kind !== "reassigned" || isDay(dated)) return undefined;
  const reason =
    dated === "" ? "nothing says since when the number is theirs" : "the day since when the number is theirs is not written as YYYY-MM-DD";
  return { word: "no-data", reason, fields: {} };
}

/** A question that somebody wants asked. @throws Fault `lookup-invalid` @param day of kind reassigned */
export function askable(lookup: Pick<LookupOptions, "name" | "kind" | "by">, subject: string, day: string): LookupQuestion {
  const { name, kind } = lookup;
  if (subjectOf(lookup) === "number" && !isPhoneNumber(subject))
    throw new Fault("lookup-invalid", `${name} is asked about numbers: write one in E.164 form, such as +12125550100.`);
  const question = { subject, dated: kind === "reassigned" ? day : "" };
  const never = unaskable(lookup, question);
  if (never !== undefined) throw new Fault("lookup-invalid", `${name} would not be asked: ${never.reason}. Say the date as YYYY-MM-DD (--date).`);
  return question;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

export interface LookupRequest {
  readonly url: string;
  /** Of a POST. */
  readonly body?: string;
}

export function requestOf(
  options: Pick<LookupOptions, "kind" | "by" | "url" | "method" | "body">,
  { subject, dated }: LookupQuestion,
): LookupRequest {
  const known =
    subjectOf(options) === "number"
      ? { number: subject, digits: subject.replace(/^\+/, ""), clientId: "" }
      : { number: "", digits: "", clientId: subject };
  const filling: Filling = { ...known, date: dated };
  const url = filled(options.url, filling, encodeURIComponent);
  return options.method === "GET" ? { url } : { url, body: filled(options.body, filling, (text) => JSON.stringify(text).slice(1, -1)) };
}

function filled(template: string, filling: Filling, written: (text: string) => string): string {
  // Half a character cannot be sent, and is nobody's id.
  return template.replace(braces, (_, name: keyof Filling) => written(filling[name].toWellFormed()));
}

/** Whether what was filled in leads elsewhere than its place in the URL: of an id that is `..` it would be the folder above (RFC 3986 §5.2.4). */
export function leadsElsewhere({ url }: LookupRequest): boolean {
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(url.split(/[?#]/, 1)[0] ?? "");
}

/** What came back, in our words. */
export function readLookup(
  options: Pick<LookupOptions, "kind" | "answer" | "values" | "reason" | "fields">,
  body: unknown,
): LookupAnswer | { readonly failed: string } {
  const { kind, answer, values, reason, fields: wanted } = options;
  const theirs = answer === undefined ? undefined : found(body, answer);
  const word = answer === undefined ? "contact" : wordFor(kind, values, theirs);
  if (word === undefined)
    return {
      failed:
        theirs === undefined
          ? `the answer has no text at ${answer}`
          : `the answer says “${theirs.slice(0, 40)}” at ${answer}, which values does not name`,
    };
  const why = reason === undefined ? undefined : cut(found(body, reason), maxReasonLength);
  const fields: Record<string, string> = {};
  for (const each of wanted) {
    const at = each.indexOf("=");
    const value = cut(found(body, each.slice(at + 1)), maxFieldLength);
    if (value !== undefined) fields[each.slice(0, at)] = value;
  }
  return { word, ...(why !== undefined && why !== "" && { reason: why }), fields };
}

/** No longer than that, and nothing in it that the database cannot keep: an answer that is not kept is asked for again, and paid for again. */
function cut(text: string | undefined, longest: number): string | undefined {
  return text?.slice(0, longest).toWellFormed();
}

/** Of kind customer true is a no: the answer says whether somebody is not to be contacted. */
function wordFor(kind: LookupKind, values: readonly string[], theirs: string | undefined): LookupWord | undefined {
  const said = (theirs ?? "").toLowerCase();
  const meaning = (name: string) => values.find((each) => each.slice(0, each.indexOf("=")).toLowerCase() === name);
  const mapped =
    (theirs === undefined ? undefined : meaning(said)) ?? (isOurs(kind, said) ? `=${said}` : undefined) ?? flagOf(kind, said) ?? meaning("*");
  const ours = mapped?.slice(mapped.indexOf("=") + 1);
  return ours !== undefined && isOurs(kind, ours) ? ours : undefined;
}

function flagOf(kind: LookupKind, said: string): string | undefined {
  if (said !== "true" && said !== "false") return undefined;
  if (kind === "customer") return said === "true" ? "=do-not-contact" : "=contact";
  return kind === "reassigned" ? (said === "true" ? "=yes" : "=no") : undefined;
}

export function isOurs(kind: LookupKind, word: string): word is LookupWord {
  return lookupWords[kind].some((each) => each === word);
}

/** A text, number or flag at a JSON pointer (RFC 6901); undefined where there is none. Only what the answer has of its own. */
function found(body: unknown, pointer: string): string | undefined {
  const at = valueAt(body, pointer);
  if (typeof at === "string") return at.replaceAll("\u0000", "").trim();
  return typeof at === "number" || typeof at === "boolean" ? String(at) : undefined;
}
