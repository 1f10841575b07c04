import type { Result } from "../attempt/result.ts";
import type { Condition } from "./strategy.ts";

/** What is known of a person when a condition is asked. */
export interface ConditionFacts {
  readonly fields: Readonly<Record<string, string>>;
  /** What happened to them in this strategy campaign. */
  readonly past: {
    readonly attempts: readonly { readonly pass: string; readonly result?: Result; readonly disposition?: string }[];
    /** Names of the events that came. */
    readonly events: readonly string[];
  };
}

/** Whether a condition holds for a person. A field that is missing or blank is unknown: it is different from every value, and less or more than none. */
export function meets(condition: Condition, facts: ConditionFacts): boolean {
  if ("all" in condition) return condition.all.every((part) => meets(part, facts));
  if ("any" in condition) return condition.any.some((part) => meets(part, facts));
  if ("not" in condition) return !meets(condition.not, facts);
  const { attempts, events } = facts.past;
  if ("event" in condition) return events.includes(condition.event);
  if ("result" in condition || "disposition" in condition) {
    const asked = attempts.filter(({ pass }) => condition.pass === undefined || pass === condition.pass);
    if ("result" in condition) return asked.some(({ result }) => result !== undefined && condition.result.includes(result));
    return asked.some(({ disposition }) => disposition !== undefined && condition.disposition.includes(disposition));
  }
  const text = (Object.hasOwn(facts.fields, condition.field) ? (facts.fields[condition.field] ?? "") : "").trim();
  return compares(text, condition);
}

function compares(text: string, { is, value }: Extract<Condition, { field: string }>): boolean {
  if (is === "known") return text !== "";
  if (is === "unknown") return text === "";
  if (Array.isArray(value)) return is === "one-of" && value.some((each: string | number) => sign(text, each) === 0);
  if (value === undefined || typeof value === "object") return false;
  if (is === "begins") return text.startsWith(String(value));
  const order = sign(text, value);
  switch (is) {
    case "equal":
      return order === 0;
    case "different":
      return order !== 0;
    case "less":
      return order !== undefined && order < 0;
    case "at-most":
      return order !== undefined && order <= 0;
    case "more":
      return order !== undefined && order > 0;
    case "at-least":
      return order !== undefined && order >= 0;
    default:
      return false;
  }
}

/** How a field stands to a value: as numbers when the value is one, else as texts, so that days like 2026-12-24 compare as they should. @returns undefined when it stands in no order to it */
function sign(text: string, value: string | number): number | undefined {
  if (text === "") return undefined;
  if (typeof value === "string") return text === value ? 0 : text < value ? -1 : 1;
  const number = Number(text.replace(/^[$€£]\s*/, ""));
  return Number.isFinite(number) ? Math.sign(number - value) : undefined;
}
