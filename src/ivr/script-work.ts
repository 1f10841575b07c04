import { pointerTo } from "../kernel/pointer.ts";
import { asksForAgents } from "./agent-script.ts";
import { diffVersions } from "./diff.ts";
import { type Finding, formatFinding, hasErrors, ordered } from "./finding.ts";
import { link, scriptsNamedBy } from "./link.ts";
import { type LintOptions, lintReading } from "./lint.ts";
import { type ListColumns, lintForLists } from "./lint-lists.ts";
import { type PackedScript, pack } from "./packed.ts";
import { type Reading, readScript } from "./read.ts";
import { recordingsOf } from "./recordings.ts";
import { failuresOf, passed, walkCases } from "./run-cases.ts";
import type { Script } from "./script.ts";
import type { ScriptVersion } from "./script-ports.ts";

/** A text, and the name that findings give it. */
export interface TextWork {
  readonly file: string;
  readonly source: string;
}

/** A script as far as it matters to others. */
export interface Outline {
  readonly findings: readonly Finding[];
  /** There when it can be read. */
  readonly known?: {
    readonly name: string;
    /** The other scripts it names. */
    readonly goesTo: readonly string[];
    /** The recordings it names, in every language, each once. */
    readonly recordings: readonly string[];
  };
}

/** A script with the texts of those it goes to, by name. */
interface WholeWork extends TextWork {
  readonly others: ReadonlyMap<string, string>;
}

export type LoadWork = WholeWork;

/** A script that calls can run, or why there is none. */
export interface Loaded {
  /** There when nothing is wrong. */
  readonly script?: PackedScript;
  /** A line each. */
  readonly faults: readonly string[];
}

export interface CheckWork extends WholeWork {
  readonly options: Omit<LintOptions, "others" | "columns">;
  readonly lists: readonly ListColumns[];
}

export interface Checked {
  /** Of lint, in reading order. */
  readonly findings: readonly Finding[];
  /** Why it cannot be put together with the others; what another one lacks is said where that one is named. */
  readonly unlinked: readonly { readonly finding: Finding; readonly unknown?: string }[];
  /** Whether nothing is an error. */
  readonly sound: boolean;
  /** Whether a person who answers may come to an agent in it. */
  readonly asksForAgents: boolean;
}

export interface TryWork extends WholeWork {
  readonly tests: TextWork;
}

export interface Tried {
  readonly cases: number;
  readonly passed: boolean;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly string[];
}

/** Findings of a severity that are told, and failures. Whoever has more will find the others afterwards. */
const mostTold = 500;
const mostFailures = 100;

/** All that takes long on a long script, as functions of what can be sent to another thread. */
export const scriptWork = { outline, load, check, test, compare };

function outline({ source, file }: TextWork): Outline {
  const { script, findings } = readScript(source, file);
  if (!script) return { findings: shortened(findings) };
  const known = { name: script.name, goesTo: scriptsNamedBy(script), recordings: recordingsOf(script) };
  return { findings: shortened(findings), known };
}

function load({ source, file, others }: LoadWork): Loaded {
  const { script, findings } = readScript(source, file);
  if (!script) return { faults: shortened(findings).map(formatFinding) };
  const linked = link(script, scriptsOf(others));
  if (linked.faults.length > 0) return { faults: linked.faults.map(({ script: from, step, message }) => `${from}, step ${step}: ${message}`) };
  return { script: pack(linked.script), faults: [] };
}

function check({ source, file, others: texts, options, lists }: CheckWork): Checked {
  const reading = readScript(source, file);
  const others = scriptsOf(texts);
  const found = lintForLists((given) => lintReading(reading, source, file, { ...options, others, ...given }), lists);
  const unlinked = linkFindings(reading, others, file);
  const { script } = reading;
  const asks = script !== undefined && unlinked.length === 0 && asksForAgents(link(script, others).script);
  return { findings: shortened(found), unlinked, sound: unlinked.length === 0 && !hasErrors(found), asksForAgents: asks };
}

function test({ source, file, others, tests }: TryWork): Tried {
  const { script } = readScript(source, file);
  if (!script) throw new Error(`${file} cannot be read, and was to be tested`);
  const { report } = walkCases(tests.source, tests.file, link(script, scriptsOf(others)).script);
  const failures = failuresOf(report);
  return { cases: report.cases.length, passed: passed(report), failed: failures.length, failures: failures.slice(0, mostFailures) };
}

function compare({ from, to }: { readonly from: ScriptVersion; readonly to: ScriptVersion }): string {
  return diffVersions(from, to);
}

function scriptsOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, Script> {
  return new Map([...texts].flatMap(([name, text]) => readScript(text, name).script ?? []).map((script) => [script.name, script]));
}

function shortened(findings: readonly Finding[]): readonly Finding[] {
  const { error = [], warning = [] } = Object.groupBy(findings, ({ severity }) => severity);
  return ordered([...error.slice(0, mostTold), ...warning.slice(0, mostTold)]);
}

function linkFindings({ script, located }: Reading, others: ReadonlyMap<string, Script>, file: string): Checked["unlinked"] {
  if (!script || !located) return [];
  return link(script, others).faults.map(({ code, script: from, step: name, message, fix }) => {
    const own = from === script.name;
    const step = (own ? script : others.get(from))?.steps.get(name);
    const finding: Finding = {
      code: code === "script-unknown" ? "script-unpublished" : code,
      severity: "error",
      file,
      ...located.at(own ? `${pointerTo("/steps", name)}/script` : ""),
      message: own ? message : `${from} goes on, and ${message}`,
      fix,
    };
    return { finding, ...(code === "script-unknown" && step?.verb === "script" && { unknown: step.script }) };
  });
}
