import type { AnswerAction, AnsweredBy, Answering } from "../attempt/answering.ts";
import { type CallingMode, callingModeNames, isForAgents, optionsOf, type PacingWishes } from "../attempt/calling-mode.ts";
import { type AddressKind, numberKinds } from "../contact/contact.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { channelOf } from "./endings.ts";
import { maxRingTimeoutMs, minRingTimeoutMs } from "./new-campaign.ts";
import { followingsOf, readFollowings, readOnward, type Written } from "./read-after.ts";
import { readCondition } from "./read-condition.ts";
import { readDays } from "./read-days.ts";
import { readLaws } from "./read-laws.ts";
import { isValues, quoted, type Reading, type Values } from "./read-values.ts";
import { parseWindow } from "./read-window.ts";
import { type AttemptLimits, type ContactOrder, type Pass, type PassChannel, passChannels } from "./strategy.ts";

const anyKeys = [
  "channel",
  "who",
  "who_else",
  "addresses",
  "order",
  "window",
  "holidays",
  "lookups",
  "laws",
  "begins",
  "ends",
  "limits",
  "after",
  "max_cps",
] as const;
const voiceKeys = ["script", "mode", "pacing", "trunk", "caller_id", "max_lines", "ring", "amd", "outcomes", "dispositions"] as const;
const messageKeys = ["template", "sender"] as const;

/** What is not said. */
export const passDefaults = { maxCps: 5, maxLines: 20, ringTimeoutMs: 25_000 } as const;
export const mostAttempts = 1000;
export const mostLookups = 5;
export const lookupName = /^[a-z][a-z0-9_-]{0,63}$/;

export function passKeys(channel: PassChannel): readonly string[] {
  return [...anyKeys, ...(channelOf(channel) === "voice" ? voiceKeys : messageKeys)];
}

export function modesOf(channel: PassChannel): readonly CallingMode[] {
  return callingModeNames.filter((mode) => isForAgents(mode) === (channel === "voice-agent"));
}

/** Kinds of addresses that a channel can use, in the order in which it does when nothing is said. */
export function kindsOn(channel: PassChannel): readonly AddressKind[] {
  if (channel === "email") return ["email"];
  return channel === "sms" ? ["mobile", "unknown"] : numberKinds;
}

/** What the document says outside of a pass. */
interface Around {
  /** Of all passes. */
  readonly names: readonly string[];
  /** That hold in every pass. */
  readonly laws: readonly string[];
}

/** Reads a pass. */
export function readPass(
  reading: Reading,
  name: string,
  value: unknown,
  at: string,
  { names, laws: everywhere }: Around,
): { pass: Pass; written: readonly Written[] } {
  const given = isValues(value) ? value["channel"] : undefined;
  if (!isValues(value)) reading.wrong(at, "A pass is a set of keys: channel, script or template, after …");
  const channel = isValues(value) ? reading.word(given, pointerTo(at, "channel"), passChannels, undefined) : "sms";
  const known = passChannels.some((each) => each === given);
  const keys = known ? passKeys(channel) : [...new Set([...passKeys("voice-ivr"), ...passKeys("sms")])];
  const values = isValues(value) ? reading.keys(value, at, keys, known ? `a pass by ${channel}` : "a pass") : {};
  const written = known ? readFollowings(reading, values, at, channelOf(channel)) : [];
  const place = (key: string) => pointerTo(at, key);
  const laws = [...new Set([...everywhere, ...readLaws(reading, values["laws"], place("laws"))])];
  const base = {
    name,
    ...(values["who"] !== undefined && { who: readCondition(reading, values["who"], place("who"), names) }),
    whoElse: values["who_else"] === undefined ? ({ do: "stop" } as const) : readOnward(reading, values["who_else"], place("who_else"), false),
    addresses: readAddresses(reading, values["addresses"], place("addresses"), channel),
    order: readOrder(reading, values["order"], place("order")),
    ...windowOf(reading, values["window"], place("window")),
    ...readDays(reading, values, place),
    ...readLookups(reading, values["lookups"], place("lookups")),
    ...(laws.length > 0 && { laws }),
    limits: readLimits(reading, values["limits"], place("limits")),
    after: followingsOf(written, channelOf(channel)),
    maxCps: reading.number(values["max_cps"], place("max_cps"), { min: 0.01, max: 100_000 }, passDefaults.maxCps),
  };
  if (!known) return { pass: { ...base, channel: "sms", template: "", sender: "" }, written };
  if (channel === "sms" || channel === "email") {
    const template = reading.name(values["template"], place("template"), "the name of a template");
    return {
      pass: { ...base, channel, template, sender: reading.text(values["sender"], place("sender"), "the name of a configured sender", 63) },
      written,
    };
  }
  return { pass: { ...base, channel, ...readCalling(reading, values, place, channel) }, written };
}

function readCalling(reading: Reading, values: Values, place: (key: string) => string, channel: "voice-ivr" | "voice-agent") {
  const mode = reading.word(values["mode"], place("mode"), modesOf(channel), channel === "voice-agent" ? "progressive" : "ivr");
  const pacing = values["pacing"] === undefined ? undefined : readPacing(reading, values["pacing"], place("pacing"), mode);
  const ring = {
    minS: minRingTimeoutMs / 1000,
    maxS: maxRingTimeoutMs / 1000,
    words: "15 s (the law wants people to have the time to answer) to 2 min",
  };
  return {
    script: reading.text(values["script"], place("script"), "the name of a published script"),
    mode,
    ...(pacing && { pacing }),
    trunk: reading.text(values["trunk"], place("trunk"), "the name of a configured trunk or route", 63),
    callerId: readCallerId(reading, values["caller_id"], place("caller_id")),
    maxLines:
      values["max_lines"] === undefined ? passDefaults.maxLines : reading.whole(values["max_lines"], place("max_lines"), { min: 1, max: 100_000 }),
    ringTimeoutMs: values["ring"] === undefined ? passDefaults.ringTimeoutMs : reading.duration(values["ring"], place("ring"), ring) * 1000,
    ...(values["amd"] !== undefined && { amd: readAnswering(reading, values["amd"], place("amd")) }),
  };
}

/** @param value `[line, crm]`, or one of them */
function readLookups(reading: Reading, value: unknown, at: string): Pick<Pass, "lookups"> {
  if (value === undefined) return {};
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || names.length > mostLookups) reading.wrong(at, `Name one to ${mostLookups} look-ups, such as [line, crm].`);
  const lookups = names.map((name, index) => {
    const place = Array.isArray(value) ? pointerTo(at, String(index)) : at;
    const known = typeof name === "string" && lookupName.test(name);
    if (!known)
      reading.wrong(place, "Write the name of a look-up, as it stands under lookups: in the configuration: small letters, digits, - and _.");
    else if (names.indexOf(name) < index) reading.wrong(place, `${name} stands here twice.`);
    return String(name);
  });
  return { lookups };
}

function readCallerId(reading: Reading, value: unknown, at: string): string {
  if (typeof value === "number") reading.wrong(at, `Put the number in quotes, or YAML drops its +: "+${value}".`);
  else if (typeof value === "string" && value.startsWith("+") && !isPhoneNumber(value))
    reading.wrong(at, `${quoted(value)} is no number in E.164 form, such as "+15550100100".`);
  else return reading.text(value, at, 'a number in E.164 form and in quotes, such as "+15550100100", or the name of a pool of numbers', 63);
  return "";
}

/** `lines_per_agent` in a document is `linesPerAgent` everywhere else. */
function readPacing(reading: Reading, value: unknown, at: string, mode: CallingMode): PacingWishes {
  const written = new Map(optionsOf(mode).map((option) => [snake(option), option]));
  const values = reading.keys(value, at, [...written.keys()], `the pacing of mode ${mode}`);
  const wishes: Record<string, number> = {};
  for (const [key, option] of written) {
    const number = values[key];
    if (number === undefined) continue;
    if (typeof number === "number" && number >= 0) wishes[option] = number;
    else reading.wrong(pointerTo(at, key), "Write a number.");
  }
  return wishes;
}

export function snake(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export const answerActions = {
  machine: ["message", "script", "connect", "hang-up"],
  fax: ["hang-up", "script", "connect"],
  sit: ["hang-up", "connect"],
  silence: ["connect", "hang-up"],
  unknown: ["connect", "hang-up"],
} as const satisfies Record<AnsweredBy, readonly AnswerAction[]>;
export const amdProfiles = ["b2c", "b2b"] as const;

function readAnswering(reading: Reading, value: unknown, at: string): Answering {
  if (typeof value === "string") return { profile: reading.word(value, at, amdProfiles, undefined) };
  const values = reading.keys(value, at, ["profile", "tuning", "holdout", ...Object.keys(answerActions)], "answering-machine detection");
  const actions: Partial<Record<AnsweredBy, AnswerAction>> = {};
  for (const who of Object.keys(answerActions) as AnsweredBy[])
    if (values[who] !== undefined) actions[who] = reading.word<AnswerAction>(values[who], pointerTo(at, who), answerActions[who], undefined);
  const { tuning } = values;
  if (tuning !== undefined && !isValues(tuning)) reading.wrong(pointerTo(at, "tuning"), "Write the parameters by their names.");
  const profile = reading.word(values["profile"], pointerTo(at, "profile"), amdProfiles, undefined);
  const holdout = values["holdout"] === undefined ? undefined : reading.number(values["holdout"], pointerTo(at, "holdout"), { min: 0, max: 1 }, 0);
  return {
    profile,
    ...(isValues(tuning) && { tuning }),
    ...(Object.keys(actions).length > 0 && { actions }),
    ...(holdout !== undefined && { holdoutShare: holdout }),
  };
}

function readAddresses(reading: Reading, value: unknown, at: string, channel: PassChannel): readonly AddressKind[] {
  const kinds = kindsOn(channel);
  if (value === undefined) return kinds;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) reading.wrong(at, `Name at least one kind: ${kinds.join(", ")}.`);
  const read = list.slice(0, 10).map((each) => reading.word(each, at, kinds, undefined));
  if (new Set(read).size < list.length) reading.wrong(at, "Name each kind once.");
  return read;
}

export const orderWords = ["list", "newest", "oldest", "random"] as const;
export const callbacksFirstWord = "callbacks_first";

function readOrder(reading: Reading, value: unknown, at: string): ContactOrder {
  if (value === undefined) return { by: "list" };
  if (value === callbacksFirstWord) return { by: "list", callbacksFirst: true };
  if (!isValues(value)) return { by: reading.word(value, at, orderWords, undefined) };
  const byField = value["field"] !== undefined || value["by"] === undefined;
  const values = reading.keys(value, at, byField ? ["callbacks_first", "field", "as", "largest_first"] : ["callbacks_first", "by"], "an order");
  const first = reading.flag(values["callbacks_first"], pointerTo(at, "callbacks_first")) ? { callbacksFirst: true as const } : {};
  if (!byField) return { by: reading.word(values["by"], pointerTo(at, "by"), orderWords, undefined), ...first };
  return {
    ...first,
    by: "field",
    field: reading.text(values["field"], pointerTo(at, "field"), "the name of a column of the list"),
    as: reading.word(values["as"], pointerTo(at, "as"), ["number", "text"] as const, "number"),
    largestFirst: reading.flag(values["largest_first"], pointerTo(at, "largest_first")),
  };
}

function windowOf(reading: Reading, value: unknown, at: string): Pick<Pass, "window"> {
  if (value === undefined) return {};
  const window = typeof value === "string" ? parseWindow(value) : undefined;
  if (window === undefined) reading.wrong(at, "Write weekdays and hours within one day, such as mon-fri 09:00-18:00, or sat 10:00-14:00.");
  return window ? { window } : {};
}

/** @param value `{ per_contact: 8, per_address: 4 }` */
export function readLimits(reading: Reading, value: unknown, at: string): AttemptLimits {
  if (value === undefined) return {};
  const values = reading.keys(value, at, ["per_contact", "per_address"], "limits");
  const limit = (key: string) => reading.whole(values[key], pointerTo(at, key), { min: 1, max: mostAttempts });
  return {
    ...(values["per_contact"] !== undefined && { perContact: limit("per_contact") }),
    ...(values["per_address"] !== undefined && { perAddress: limit("per_address") }),
  };
}
