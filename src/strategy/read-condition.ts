import { isResult, resultNames } from "../attempt/result.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { isValues, quoted, type Reading, type Values } from "./read-values.ts";
import type { Comparison, Condition } from "./strategy.ts";

/** How a comparison is written, and what it becomes. */
export const comparisonKeys = {
  is: "equal",
  is_not: "different",
  less: "less",
  at_most: "at-most",
  more: "more",
  at_least: "at-least",
  one_of: "one-of",
  begins: "begins",
  known: "known",
} as const satisfies Record<string, Comparison>;

const kinds = ["all", "any", "not", "field", "result", "disposition", "event"] as const;
const mostParts = 50;
/** Of conditions in conditions. */
export const deepestCondition = 6;
const never: Condition = { any: [] };

/** Reads who is meant. @param passes names of all passes */
export function readCondition(reading: Reading, value: unknown, at: string, passes: readonly string[], depth = 1): Condition {
  if (!isValues(value)) {
    reading.wrong(
      at,
      "A condition is one of: { field: …, is: … }, { result: … }, { disposition: … }, { event: … }, { all: […] }, { any: […] }, { not: … }.",
    );
    return never;
  }
  if (depth > deepestCondition) {
    reading.wrong(at, `Conditions stand at most ${deepestCondition} deep within each other.`);
    return never;
  }
  const kind = kinds.find((each) => Object.hasOwn(value, each));
  switch (kind) {
    case "all":
    case "any": {
      reading.keys(value, at, [kind], "a condition of several");
      const parts = partsOf(reading, value[kind], pointerTo(at, kind));
      const read = parts.map((part, index) => readCondition(reading, part, pointerTo(pointerTo(at, kind), index), passes, depth + 1));
      return kind === "all" ? { all: read } : { any: read };
    }
    case "not":
      reading.keys(value, at, ["not"], "a condition that is turned round");
      return { not: readCondition(reading, value["not"], pointerTo(at, "not"), passes, depth + 1) };
    case "field":
      return readComparison(reading, value, at);
    case "result": {
      reading.keys(value, at, ["result", "pass"], "a condition on results");
      const words = wordsOf(reading, value["result"], pointerTo(at, "result"));
      for (const word of words)
        if (!isResult(word)) reading.wrong(pointerTo(at, "result"), `${quoted(word)} is no result. ${reading.meant(word, resultNames)}`);
      return { result: words.filter(isResult), ...passOf(reading, value, at, passes) };
    }
    case "disposition":
      reading.keys(value, at, ["disposition", "pass"], "a condition on dispositions");
      return { disposition: wordsOf(reading, value["disposition"], pointerTo(at, "disposition")), ...passOf(reading, value, at, passes) };
    case "event":
      reading.keys(value, at, ["event"], "a condition on events");
      return { event: reading.name(value["event"], pointerTo(at, "event"), "the name of an event") };
    default:
      for (const key of Object.keys(value)) reading.wrong(pointerTo(at, key), `${quoted(key)} is no condition. ${reading.meant(key, kinds)}`);
      if (Object.keys(value).length === 0) reading.wrong(at, `The condition is empty. There are ${kinds.join(", ")}.`);
      return never;
  }
}

function readComparison(reading: Reading, value: Values, at: string): Condition {
  const known = Object.keys(comparisonKeys) as (keyof typeof comparisonKeys)[];
  reading.keys(value, at, ["field", ...known], "a condition on a field");
  const field = reading.text(value["field"], pointerTo(at, "field"), "the name of a column of the list");
  const given = known.filter((key) => Object.hasOwn(value, key));
  const [key] = given;
  if (key === undefined || given.length > 1) {
    reading.wrong(at, `Say how the field is compared, by one of ${known.join(", ")}.${given.length > 1 ? " For several put them under all." : ""}`);
    return never;
  }
  const against = value[key];
  const place = pointerTo(at, key);
  if (key === "known") return { field, is: reading.flag(against, place) ? "known" : "unknown" };
  if (key === "one_of") {
    const parts = partsOf(reading, against, place).filter(isScalar);
    if (Array.isArray(against) && parts.length < against.length) reading.wrong(place, "Write a list of texts or numbers.");
    return { field, is: "one-of", value: parts };
  }
  if (!isScalar(against)) reading.wrong(place, "Write a text or a number.");
  return { field, is: comparisonKeys[key], value: isScalar(against) ? against : "" };
}

function isScalar(value: unknown): value is string | number {
  return (typeof value === "string" && value.length <= 200) || (typeof value === "number" && Number.isFinite(value));
}

function partsOf(reading: Reading, value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= mostParts) return value;
  reading.wrong(at, `Write a list of 1 to ${mostParts}.`);
  return [];
}

/** One word, or a list of them. */
function wordsOf(reading: Reading, value: unknown, at: string): readonly string[] {
  const words = typeof value === "string" ? [value] : partsOf(reading, value, at);
  const texts = words.filter((word) => typeof word === "string");
  if (texts.length < words.length) reading.wrong(at, "Write a word, or a list of words.");
  return texts;
}

function passOf(reading: Reading, { pass }: Values, at: string, passes: readonly string[]): { readonly pass?: string } {
  if (pass === undefined) return {};
  if (typeof pass === "string" && passes.includes(pass)) return { pass };
  reading.wrong(pointerTo(at, "pass"), `There is no pass ${quoted(pass)}. ${reading.meant(String(pass), passes)}`);
  return {};
}
