/** Something wrong, or doubtful, in a script file. */
export interface Finding {
  /** Stable, kebab-case; docs/ivr.md lists them. */
  readonly code: string;
  /** An error keeps the script from being published. */
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** What is wrong. */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
}

/** A place in a file; both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One finding as a line: `file:line:column: error code: message. Fix.` */
export function formatFinding(finding: Finding): string {
  return `${finding.file}:${finding.line}:${finding.column}: ${finding.severity} ${finding.code}: ${finding.message}. ${finding.fix}`;
}

/** Whether a script with these findings must not be published. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === "error");
}

/** In reading order, the same finding at the same place once. */
export function ordered(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return [...findings]
    .sort((a, b) => a.line - b.line || a.column - b.column || a.code.localeCompare(b.code))
    .filter((finding) => {
      const key = `${finding.line}:${finding.column}:${finding.code}:${finding.message}`;
      return !seen.has(key) && seen.add(key);
    });
}
