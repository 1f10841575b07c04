import { DateTime } from "luxon";
import { check } from "./against-schema.ts";
import { CaseFileSchema, type WrittenCases, type WrittenEvent, type WrittenExpected } from "./case-schema.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import type { QueueEnd, TransferEnd, WebhookEnd } from "./ports.ts";
import type { Verdict } from "./script.ts";
import type { Report } from "./step-reader.ts";
import { readYaml } from "./yaml.ts";

/** Something that happens on the line of a test. Without `at` it happens in whatever step waits for something. */
export type CaseEvent = { readonly at?: string } & (
  | { readonly kind: "keys"; readonly keys: string }
  | { readonly kind: "silence" }
  | { readonly kind: "hang-up" }
  | { readonly kind: "webhook"; readonly answer: WebhookEnd }
  | { readonly kind: "transfer"; readonly end: Extract<TransferEnd, "talked" | "busy" | "no-answer" | "failed"> }
  | { readonly kind: "queue"; readonly end: Extract<QueueEnd, "talked" | "no-agent" | "nobody"> }
  | { readonly kind: "speak"; readonly durationMs: number }
);

/** One call that a script is tested with, and what must come of it. */
export interface ScriptCase {
  readonly name: string;
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly contact: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  /** When it takes place, epoch ms. */
  readonly at: number;
  readonly events: readonly CaseEvent[];
  readonly expected: WrittenExpected;
}

export interface CaseReading {
  /** The script that is tested. There exactly when no finding is an error, as are the cases. */
  readonly script?: string;
  readonly cases?: readonly ScriptCase[];
  readonly findings: readonly Finding[];
}

/** A Tuesday at ten in the morning in New York: when calls of a test take place that names no time. */
const ordinaryTime = Date.UTC(2026, 10, 24, 15);

/**
 * Reads a file of tests; what is wrong comes as findings with their places, all at once.
 * @param file the name to show in findings
 */
export function readCases(source: string, file: string): CaseReading {
  const { located, findings } = readYaml(source, file);
  if (!located || hasErrors(findings)) return { findings: ordered(findings) };
  const report: Report = (code, place, message, fix) => {
    findings.push({ code, severity: "error", file, ...place, message, fix });
    return undefined;
  };
  if (!check(located, report, CaseFileSchema, located.value, "")) return { findings: ordered(findings) };
  const written = located.value as WrittenCases;
  const time = (text: string | undefined, pointer: string): number | undefined => {
    if (text === undefined) return undefined;
    const read = DateTime.fromISO(text, { setZone: true });
    // A time without an offset would be another moment on every machine.
    if (read.isValid && /(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return read.toMillis();
    const fix = "Write it with its offset: 2026-11-24T10:00:00-05:00.";
    report("bad-value", located.at(pointer), `“${text}” is no time`, fix);
    return undefined;
  };
  const common = time(written.time, "/time") ?? ordinaryTime;
  const names = new Set<string>();
  const cases = written.cases.map((one, index): ScriptCase => {
    const pointer = `/cases/${index}`;
    if (names.has(one.case)) {
      report("case-twice", located.at(`${pointer}/case`), `there are two cases “${one.case}”`, "Give each a name of its own.");
    }
    names.add(one.case);
    return {
      name: one.case,
      line: located.keyAt(`${pointer}/case`).line,
      contact: { ...written.contact, ...one.contact },
      verdict: one.verdict ?? "human",
      at: time(one.time, `${pointer}/time`) ?? common,
      events: (one.do ?? []).map(eventOf),
      expected: one.expect,
    };
  });
  const all = ordered(findings);
  return hasErrors(all) ? { findings: all } : { script: written.tests, cases, findings: all };
}

function eventOf(written: WrittenEvent): CaseEvent {
  if (written === "silence") return { kind: "silence" };
  if (typeof written === "string") return { kind: "hang-up" };
  const at = "at" in written && written.at !== undefined ? { at: written.at } : {};
  if ("keys" in written) return { kind: "keys", keys: written.keys, ...at };
  if ("silence" in written) return { kind: "silence", at: written.silence };
  if ("hang_up" in written) return { kind: "hang-up", at: written.hang_up };
  if ("transfer" in written) return { kind: "transfer", end: written.transfer === "no_answer" ? "no-answer" : written.transfer, ...at };
  if ("queue" in written) return { kind: "queue", end: written.queue === "no_agent" ? "no-agent" : written.queue, ...at };
  if ("speak_s" in written) return { kind: "speak", durationMs: Math.round(written.speak_s * 1000), ...at };
  return { kind: "webhook", answer: answerOf(written.webhook), ...at };
}

function answerOf(webhook: Extract<WrittenEvent, { webhook: unknown }>["webhook"]): WebhookEnd {
  if (typeof webhook === "object") return { end: "answered", status: webhook.status ?? 200, body: webhook.body };
  return webhook === "timeout" ? { end: "timeout" } : { end: "failed", reason: "as the test says" };
}
