import { readCases, type ScriptCase } from "./case.ts";
import { faultsOf } from "./case-verdict.ts";
import { type CaseWalk, walkCase } from "./case-walk.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type Finding, formatFinding, ordered } from "./finding.ts";
import type { Script } from "./script.ts";

/** What came of one case; it passed when there are no faults. */
export interface CaseEnd {
  readonly name: string;
  readonly line: number;
  readonly faults: readonly string[];
}

/** What came of a file of tests. */
export interface CasesReport {
  /** Name of the file of tests, as given. */
  readonly file: string;
  /** What is wrong with the file itself; then no case was run. */
  readonly findings: readonly Finding[];
  readonly cases: readonly CaseEnd[];
  /** Absent when no case was run. */
  readonly coverage?: Coverage;
}

/** A case and what was seen when it was walked. */
export interface WalkedCase {
  readonly one: ScriptCase;
  readonly walk: CaseWalk;
}

/**
 * Runs every case of a file of tests against a script, without a telephone.
 * @param file the name of the file of tests, for messages
 */
export function walkCases(source: string, file: string, script: Script): CasesRun {
  const { cases, findings } = casesFor(source, file, script.name);
  if (!cases) return { report: { file, findings, cases: [] }, walked: [] };
  const walked: WalkedCase[] = [];
  const ends: CaseEnd[] = [];
  let sum = 0;
  for (const one of cases) {
    const { name, line } = one;
    if (sum > mostWalked) {
      ends.push({ name, line, faults: ["is not run: the cases before it say and do too much for one file"] });
      continue;
    }
    const walk = walkCase(script, one);
    sum += weightOf(walk);
    walked.push({ one, walk });
    ends.push({ name, line, faults: faultsOf(one, walk) });
  }
  const paths = walked.map(({ walk }) => walk.path);
  return { report: { file, findings, cases: ends, coverage: coverageOf(script, paths) }, walked };
}

export interface CasesRun {
  readonly report: CasesReport;
  readonly walked: readonly WalkedCase[];
}

/** Characters that all cases together may say and send, with the worth of steps and texts in them: a few seconds of work. */
const mostWalked = 50_000_000;
const stepWeight = 500;
const textWeight = 50;

function weightOf({ path, heard, effects }: CaseWalk): number {
  const sent = effects.flatMap((effect) => (effect.kind === "send" ? Object.values(effect.values) : []));
  return [...heard, ...sent].reduce((sum, text) => sum + text.length + textWeight, path.length * stepWeight);
}

/** The cases of a file that is meant for this script. */
export function casesFor(source: string, file: string, name: string): { cases?: readonly ScriptCase[]; findings: readonly Finding[] } {
  const { script, cases, findings } = readCases(source, file);
  if (!cases || script === name) return { findings, ...(cases && { cases }) };
  const line = source.split("\n").findIndex((text) => text.startsWith("tests:")) + 1;
  const other: Finding = {
    code: "case-other-script",
    severity: "error",
    file,
    line: Math.max(1, line),
    column: 1,
    message: `these are tests of ${script}, and the script is ${name}`,
    fix: `Write \`tests: ${name}\`.`,
  };
  return { findings: ordered([...findings, other]) };
}

/** Whether everything passed. */
export function passed({ findings, cases }: CasesReport): boolean {
  return findings.every(({ severity }) => severity !== "error") && cases.every(({ faults }) => faults.length === 0);
}

/** Each thing that went wrong, as the lines of a text: `file:line: case: fault`. */
export function failuresOf({ file, findings, cases }: CasesReport): string[] {
  const failed = cases.flatMap(({ name, line, faults }) => (faults.length === 0 ? [] : [[`${file}:${line}: ${name}`, ...faults].join("\n    ")]));
  return [...findings.filter(({ severity }) => severity === "error").map(formatFinding), ...failed];
}
