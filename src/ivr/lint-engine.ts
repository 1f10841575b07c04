import { type Finding, formatFinding, ordered } from "./finding.ts";
import { type LintOptions, lint } from "./lint.ts";
import { readScript } from "./read.ts";
import type { Recordings } from "./recording-ports.ts";
import { recordingsOf } from "./recordings.ts";
import { recordingReports } from "./recordings-engine.ts";
import { loadScriptFile } from "./script-file-engine.ts";

export interface LintFileOptions extends Omit<LintOptions, "recordings" | "others"> {
  /** The folder in which `file:` prompts must be; not checked when left out. */
  readonly recordings?: Recordings;
}

/**
 * The findings of one script file, in reading order, those of the scripts beside it that it goes to among them as far as they cannot be
 * read. A file that cannot be read is a finding too.
 */
export async function lintFile(path: string, options: LintFileOptions = {}): Promise<Finding[]> {
  const { source, findings, others } = await loadScriptFile(path);
  // What cannot be opened, or has nothing in it.
  if (source === "") return [...findings];
  const { recordings, ...rest } = options;
  const own = readScript(source, path).script;
  const reports = own && recordings && (await recordingReports(recordings, recordingsOf(own)));
  const scripts = new Map([...others.values()].flatMap((text) => readScript(text, path).script ?? []).map((script) => [script.name, script]));
  const linted = lint(source, path, { ...rest, others: scripts, ...(reports && { recordings: reports }) });
  const elsewhere = findings.filter(({ file }) => file !== path);
  return [...ordered([...findings.filter(({ file }) => file === path), ...linted.findings]), ...elsewhere];
}

/** The findings as lines, and a last line that counts them. */
export function formatFindings(findings: readonly Finding[], files: number): string {
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const summary = `${counted(files, "script")}, ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}`;
  return [...findings.map(formatFinding), summary].join("\n");
}
