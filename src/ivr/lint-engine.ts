import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Finding, formatFinding } from "./finding.ts";
import { type LintOptions, lint } from "./lint.ts";

export interface LintFileOptions extends Omit<LintOptions, "hasRecording"> {
  /** The folder in which `file:` prompts must be; not checked when left out. */
  readonly recordingsDir?: string;
}

/** The findings of one script file. A file that cannot be read is a finding too. */
export async function lintFile(path: string, options: LintFileOptions = {}): Promise<Finding[]> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    const message = `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return [{ code: "file-unreadable", severity: "error", file: path, line: 1, column: 1, message, fix: "Check its name and its permissions." }];
  }
  const { recordingsDir, ...rest } = options;
  const hasRecording = recordingsDir === undefined ? {} : { hasRecording: recordingsIn(recordingsDir) };
  return [...lint(source, path, { ...rest, ...hasRecording }).findings];
}

/** Tells whether a recording is in the folder: really in it, not reached from it. */
export function recordingsIn(folder: string): (file: string) => boolean {
  return (file) => {
    const path = join(folder, file);
    return existsSync(path) && realpathSync(path).startsWith(realpathSync(folder) + sep);
  };
}

/** The findings as lines, and a last line that counts them. */
export function formatFindings(findings: readonly Finding[], files: number): string {
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const summary = `${counted(files, "script")}, ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}`;
  return [...findings.map(formatFinding), summary].join("\n");
}
