import { type Finding, ordered, type Position } from "./finding.ts";
import { link } from "./link.ts";
import { lintAnswers } from "./lint-answers.ts";
import { lintBranches } from "./lint-branch.ts";
import { lintDebt } from "./lint-debt.ts";
import { lintFields } from "./lint-fields.ts";
import { lintKeys } from "./lint-keys.ts";
import { lintLanguages } from "./lint-languages.ts";
import { lintLength } from "./lint-length.ts";
import { lintOptOut } from "./lint-opt-out.ts";
import { lintOutside } from "./lint-outside.ts";
import { lintPrompts } from "./lint-prompts.ts";
import { lintQueues } from "./lint-queue.ts";
import { lintReach } from "./lint-reach.ts";
import { type LintCode, lintRules } from "./lint-rules.ts";
import { lintSecrets } from "./lint-secrets.ts";
import { lintYaml } from "./lint-yaml.ts";
import type { Linter, LintOptions } from "./linter.ts";
import { type Reading, readScript } from "./read.ts";
import type { Script } from "./script.ts";

export type { LintOptions } from "./linter.ts";

/** Each group looks at the whole script, linked with those it goes to, and says what it finds of this one. */
const groups: readonly ((linter: Linter) => void)[] = [
  lintReach,
  lintOptOut,
  lintFields,
  lintAnswers,
  lintSecrets,
  lintKeys,
  lintPrompts,
  lintLanguages,
  lintOutside,
  lintQueues,
  lintDebt,
  lintLength,
  lintBranches,
];

/**
 * Everything that is wrong or doubtful in a script, in reading order: what reading it finds, and when it can be read also what
 * only shows in the whole.
 */
export function lint(source: string, file: string, options: LintOptions = {}): Linted {
  return lintReading(readScript(source, file), source, file, options);
}

export interface Linted {
  readonly findings: readonly Finding[];
  /** When no finding is an error. */
  readonly script?: Script;
}

/** The same of a script that was read. */
export function lintReading({ script, located, findings: read }: Reading, source: string, file: string, options: LintOptions = {}): Linted {
  if (!located) return { findings: read };
  const findings = [...read];
  const report: Linter["report"] = (code: LintCode, place: Position, message: string, fix: string, severity?: Finding["severity"]) => {
    const rule = lintRules[code];
    findings.push({ code, severity: severity ?? (rule === "either" ? "error" : rule), file, ...place, message, fix });
  };
  lintYaml(source, located, report);
  if (script) {
    const whole = link(script, options.others ?? new Map()).script;
    const linter = { script, whole, located, options, report };
    for (const group of groups) group(linter);
  }
  const all = ordered(findings);
  return !script || all.some((finding) => finding.severity === "error") ? { findings: all } : { findings: all, script };
}
