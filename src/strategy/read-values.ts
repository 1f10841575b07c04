import { nearest } from "../kernel/nearest.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { parseDuration } from "./read-duration.ts";

/** Something that is wrong with a document. `pointer` (RFC 6901) leads to it; "" is the whole. */
export interface StrategyFault {
  readonly pointer: string;
  readonly message: string;
}

export type Values = Readonly<Record<string, unknown>>;

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface DurationRange {
  readonly minS: number;
  readonly maxS: number;
  /** The range in words: `1 min to 30 d`. */
  readonly words: string;
}

/** Names of strategies, passes and events, and codes of dispositions. */
export const nameForm = /^[a-z][a-z0-9-]{0,63}$/;
const nameWords = "small letters, digits and hyphens, at most 64, beginning with a letter";

export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `“busi”`, cut short. */
export function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`;
}

/**
 * Reads values of a document and gathers what is wrong with them. What is wrong is read as something harmless in its place, so that the rest is looked at too; nobody may use what was read when
 * there are faults.
 */
export class Reading {
  readonly faults: StrategyFault[] = [];

  wrong(pointer: string, message: string): void {
    // Of a document that is wrong throughout, nobody reads more.
    if (this.faults.length < 100) this.faults.push({ pointer, message });
  }

  /** A set of keys; those that are not known are faults. @param whose `a pass by sms` */
  keys(value: unknown, at: string, known: readonly string[], whose: string): Values {
    if (!isValues(value)) {
      this.wrong(at, `Here ${whose} is expected, with the keys ${known.join(", ")}.`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      this.wrong(pointerTo(at, key), `${quoted(key)} is no key of ${whose}. ${this.meant(key, known)}`);
    }
    return value;
  }

  /** `Did you mean busy?`, or all there are. */
  meant(word: string, known: readonly string[]): string {
    const guess = nearest(word, known);
    return guess !== undefined ? `Did you mean ${guess}?` : known.length === 0 ? "There are none." : `There are ${known.join(", ")}.`;
  }

  /** One of several words. */
  word<Word extends string>(value: unknown, at: string, known: readonly Word[], otherwise: Word | undefined): Word {
    const [first] = known;
    if (value === undefined && otherwise !== undefined) return otherwise;
    const found = known.find((each) => each === value);
    if (found !== undefined) return found;
    const given = value === undefined || value === null ? "It is missing." : `${quoted(value)} is not known here.`;
    this.wrong(at, `${given} ${typeof value === "string" ? this.meant(value, known) : `There are ${known.join(", ")}.`}`);
    return otherwise ?? (first as Word);
  }

  /** The name of a strategy, pass or event. */
  name(value: unknown, at: string, what: string): string {
    if (typeof value === "string" && nameForm.test(value)) return value;
    this.wrong(at, `Give ${what}: ${nameWords}.`);
    return "";
  }

  /** A line of text, such as the name of something that is configured. */
  text(value: unknown, at: string, what: string, mostChars = 200): string {
    if (typeof value === "string" && value.trim() !== "" && value.length <= mostChars && !/\p{Cc}/u.test(value)) return value;
    const quotes = typeof value === "number" || typeof value === "boolean" ? ` Put it in quotes: "${value}".` : "";
    this.wrong(at, `Give ${what}, at most ${mostChars} characters.${quotes}`);
    return "";
  }

  number(value: unknown, at: string, { min, max }: Range, otherwise: number): number {
    if (value === undefined) return otherwise;
    if (typeof value === "number" && value >= min && value <= max) return value;
    this.wrong(at, `Give a number from ${min} to ${max}.`);
    return otherwise;
  }

  whole(value: unknown, at: string, range: Range): number {
    if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
    this.wrong(at, `Give a whole number from ${range.min} to ${range.max}.`);
    return range.min;
  }

  flag(value: unknown, at: string): boolean {
    if (value === undefined || typeof value === "boolean") return value ?? false;
    this.wrong(at, "Write true or false.");
    return false;
  }

  /** @returns seconds */
  duration(value: unknown, at: string, { minS, maxS, words }: DurationRange): number {
    const seconds = typeof value === "string" ? parseDuration(value) : value === 0 ? 0 : undefined;
    if (seconds === undefined) {
      const unit = typeof value === "number" ? ` ${value} what? ${value} min, ${value} h and ${value} d are different.` : "";
      this.wrong(at, `Write a time with its unit, such as 20 min, 24 h or 2 d.${unit}`);
    } else if (seconds < minS || seconds > maxS) this.wrong(at, `The time is out of its range, ${words}.`);
    else return seconds;
    return minS;
  }
}
