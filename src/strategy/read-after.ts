import type { ChannelName } from "../attempt/result.ts";
import { defaultRetries, retryAfterS, retryAtMost } from "../attempt/treatment.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { resultsOn, unreachedOn } from "./endings.ts";
import { parseAtTime, readAtTime } from "./read-at.ts";
import { type DurationRange, isValues, nameForm, quoted, type Reading, type Values } from "./read-values.ts";
import type { Besides, Ending, Following, Onward, Treatment, When } from "./strategy.ts";

/** What an author wrote about some endings, with the place of each part. */
export interface Written {
  /** Those that it is written for: one, or all that `unreached` stands for and that have nothing of their own. */
  readonly endings: readonly Ending[];
  readonly pointer: string;
  readonly treatments: readonly { readonly treatment: Treatment; readonly pointer: string }[];
  readonly besides: readonly { readonly treatment: Besides; readonly pointer: string }[];
}

export const unreachedKey = "unreached";
/** A quarter of a year: what is meant for later is another campaign. */
export const onwardRange = { minS: 0, maxS: 92 * 86_400, words: "0 to 92 d" };
const retryRange = { minS: retryAfterS.min, maxS: retryAfterS.max, words: "1 min to 30 d" };
const mostTreatments = 10;
const oneKeys = ["retry", "next_address", "pass", "campaign", "also", "copy", "callback", "webhook"] as const;
/** Of a callback that is personal: whoever spoke with the person may be gone by then. */
const fallbackS = 3600;
const forms =
  "stop, next_address, { retry: 20 min, at_most: 3 }, { pass: NAME, after: 24 h }, { pass: NAME, at: tomorrow 09:00 }, { campaign: NAME }, { also: NAME }, { copy: CAMPAIGN }, { callback: NAME, at: tomorrow 09:00 }, { webhook: NAME }";

/** What follows each result, outcome and disposition of a pass. @param at pointer of the pass */
export function readFollowings(reading: Reading, pass: Values, at: string, channel: ChannelName): readonly Written[] {
  const results = resultsOn(channel);
  const after = sectionOf(reading, pass, at, "after");
  const own = Object.keys(after).filter((key) => key !== unreachedKey);
  const written: Written[] = [];
  for (const key of own) {
    const result = results.find((each) => each === key);
    const place = pointerTo(pointerTo(at, "after"), key);
    const facts = `${channel === "voice" ? "a call" : channel === "sms" ? "an SMS" : "an e-mail"}`;
    if (result === undefined) reading.wrong(place, `${quoted(key)} is no result of ${facts}. ${reading.meant(key, [...results, unreachedKey])}`);
    else written.push({ endings: [result], pointer: place, ...readFollowing(reading, after[key], place) });
  }
  if (after[unreachedKey] !== undefined) {
    const place = pointerTo(pointerTo(at, "after"), unreachedKey);
    const endings = unreachedOn(channel).filter((result) => !own.includes(result));
    written.push({ endings, pointer: place, ...readFollowing(reading, after[unreachedKey], place) });
  }
  if (channel !== "voice") return written;
  for (const [section, prefix, form] of [
    ["outcomes", "outcome", /^[a-z][a-z0-9_]{0,63}$/],
    ["dispositions", "disposition", nameForm],
  ] as const) {
    const values = sectionOf(reading, pass, at, section);
    for (const key of Object.keys(values)) {
      const place = pointerTo(pointerTo(at, section), key);
      if (!form.test(key)) reading.wrong(place, `${quoted(key)} is no ${prefix}: small letters, digits and ${prefix === "outcome" ? "_" : "-"}.`);
      else written.push({ endings: [`${prefix}:${key}`], pointer: place, ...readFollowing(reading, values[key], place) });
    }
  }
  return written;
}

/** As it runs: by ending, with what is done without anybody's saying about what is our own fault. */
export function followingsOf(written: readonly Written[], channel: ChannelName): Readonly<Partial<Record<Ending, Following>>> {
  const after: Partial<Record<Ending, Following>> = {};
  for (const { endings, treatments, besides } of written) {
    for (const ending of endings) {
      const kept = treatments
        .map(({ treatment }) => treatment)
        .filter((treatment) => endings.length === 1 || treatment.do !== "retry" || mayRetry(ending));
      after[ending] = { treatments: kept, besides: besides.map(({ treatment }) => treatment) };
    }
  }
  const whole = written.filter(({ endings }) => endings.length === 1).flatMap(({ endings }) => endings);
  for (const [result, retry] of Object.entries(defaultRetries) as [Ending, { afterS: number; atMost: number }][]) {
    if (!resultsOn(channel).some((each) => each === result) || whole.includes(result)) continue;
    const { treatments = [], besides = [] } = after[result] ?? {};
    after[result] = { treatments: treatments.some((each) => each.do === "retry") ? treatments : [{ do: "retry", ...retry }, ...treatments], besides };
  }
  return after;
}

/** To try an address again that does not exist, or what was meant for a time that has passed, is left out of `unreached`. */
function mayRetry(ending: Ending): boolean {
  return ending !== "bad-number" && ending !== "bounced-hard" && ending !== "expired";
}

function sectionOf(reading: Reading, pass: Values, at: string, section: string): Values {
  const value = pass[section];
  if (value === undefined) return {};
  if (isValues(value)) return value;
  reading.wrong(pointerTo(at, section), "Write what follows by what it follows, such as busy: { retry: 20 min, at_most: 3 }.");
  return {};
}

function readFollowing(reading: Reading, value: unknown, at: string): Pick<Written, "treatments" | "besides"> {
  const several = Array.isArray(value);
  const parts: readonly unknown[] = several ? value : [value];
  if (parts.length === 0 || parts.length > mostTreatments) {
    reading.wrong(at, `Write 1 to ${mostTreatments} treatments: ${forms}.`);
    return { treatments: [], besides: [] };
  }
  const read = parts.map((part, index) => ({ pointer: several ? pointerTo(at, index) : at, part }));
  const treatments: { treatment: Treatment; pointer: string }[] = [];
  const besides: { treatment: Besides; pointer: string }[] = [];
  for (const { part, pointer } of read) {
    const treatment = readTreatment(reading, part, pointer);
    if (treatment === undefined) continue;
    if (isBesides(treatment)) besides.push({ treatment, pointer });
    else treatments.push({ treatment, pointer });
  }
  return { treatments, besides };
}

function isBesides(treatment: Treatment | Besides): treatment is Besides {
  return ["begin-pass", "begin-campaign", "callback", "webhook"].includes(treatment.do);
}

function readTreatment(reading: Reading, value: unknown, at: string): Treatment | Besides | undefined {
  if (value === "stop") return { do: "stop" };
  if (value === "next_address") return { do: "next-address", afterS: 0 };
  const kind = isValues(value) ? oneKeys.find((key) => Object.hasOwn(value, key)) : undefined;
  if (!isValues(value) || kind === undefined) {
    const [key] = isValues(value) ? Object.keys(value) : [typeof value === "string" ? value : ""];
    reading.wrong(at, `${quoted(isValues(value) ? (key ?? "") : value)} is no treatment. Write one of ${forms}.`);
    return undefined;
  }
  const place = pointerTo(at, kind);
  switch (kind) {
    case "retry": {
      reading.keys(value, at, ["retry", "at_most"], "a retry");
      const every = readOwnTime(reading, value["retry"], place, retryRange);
      if (value["at_most"] === undefined) reading.wrong(at, "Say how often, at most: { retry: 20 min, at_most: 3 }.");
      else return { do: "retry", ...every, atMost: reading.whole(value["at_most"], pointerTo(at, "at_most"), { min: 1, max: retryAtMost.max }) };
      return undefined;
    }
    case "next_address":
      reading.keys(value, at, ["next_address"], "the next address");
      return { do: "next-address", ...readOwnTime(reading, value["next_address"], place, onwardRange) };
    case "also":
      reading.keys(value, at, ["also", ...whenKeys], "a pass besides");
      return { do: "begin-pass", pass: reading.name(value["also"], place, "the name of a pass"), ...readWhen(reading, value, at) };
    case "copy":
      reading.keys(value, at, ["copy", ...whenKeys], "a campaign besides");
      return { do: "begin-campaign", campaign: reading.text(value["copy"], place, "the name of a campaign"), ...readWhen(reading, value, at) };
    case "callback":
      return readCallback(reading, value, at);
    case "webhook":
      reading.keys(value, at, ["webhook"], "telling a webhook");
      return { do: "webhook", webhook: reading.text(value["webhook"], place, "the name of a webhook") };
    default:
      return readOnward(reading, value, at);
  }
}

function readCallback(reading: Reading, value: Values, at: string): Besides {
  reading.keys(value, at, ["callback", ...whenKeys, "personal", "fallback"], "a callback");
  const personal = reading.flag(value["personal"], pointerTo(at, "personal"));
  const fallback = value["fallback"];
  if (fallback !== undefined && !personal) reading.wrong(pointerTo(at, "fallback"), "A fallback is for personal callbacks: add personal: true.");
  const spare = { fallbackS: fallback === undefined ? fallbackS : reading.duration(fallback, pointerTo(at, "fallback"), onwardRange) };
  return {
    ...{ do: "callback", agents: reading.name(value["callback"], pointerTo(at, "callback"), "the name of a pass by voice-agent") },
    ...readWhen(reading, value, at),
    ...(personal && { personal: spare }),
  };
}

const whenKeys = ["after", "at"] as const;

/** @param fields see `readAtTime` */
function readWhen(reading: Reading, value: Values, at: string, fields = true): When {
  const afterS = value["after"] === undefined ? 0 : reading.duration(value["after"], pointerTo(at, "after"), onwardRange);
  return { afterS, ...(value["at"] !== undefined && { at: readAtTime(reading, value["at"], pointerTo(at, "at"), fields) }) };
}

/** A while, or a time of day, in one: `20 min`, `tomorrow 09:00`. A time of day comes after a minute at the earliest. */
function readOwnTime(reading: Reading, value: unknown, at: string, range: DurationRange): When {
  const time = typeof value === "string" ? parseAtTime(value) : undefined;
  return time === undefined ? { afterS: reading.duration(value, at, range) } : { afterS: range.minS, at: time };
}

/** `stop`, or on to another pass or campaign. @param fields see `readAtTime` */
export function readOnward(reading: Reading, value: unknown, at: string, fields = true): Onward {
  if (value === "stop") return { do: "stop" };
  const kind = isValues(value) ? (["pass", "campaign"] as const).find((key) => Object.hasOwn(value, key)) : undefined;
  if (!isValues(value) || kind === undefined) {
    reading.wrong(at, "Write stop, { pass: NAME, after: 24 h } or { campaign: NAME }.");
    return { do: "stop" };
  }
  reading.keys(value, at, [kind, ...whenKeys], kind === "pass" ? "going on to a pass" : "going on to a campaign");
  const when = readWhen(reading, value, at, fields);
  const place = pointerTo(at, kind);
  if (kind === "pass") return { do: "pass", pass: reading.name(value["pass"], place, "the name of a pass"), ...when };
  return { do: "campaign", campaign: reading.text(value["campaign"], place, "the name of a campaign"), ...when };
}
