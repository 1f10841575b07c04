import { Fault } from "../kernel/fault.ts";
import type { Finding, Position } from "./finding.ts";
import type { PromptStore } from "./ports.ts";
import type { RecordingReport, Recordings } from "./recording-ports.ts";

/** Faults that mean that the recording is at fault, and how each is mended. */
const mending: Readonly<Record<string, string>> = {
  "prompt-missing": "Put it into the folder of recordings, or say the text instead.",
  "prompt-unplayable": "Record it anew: WAV, telephone quality or better, some minutes at most.",
};

/** What lint is told of the recordings that a script plays. @param files as the script names them */
export async function recordingReports(recordings: Recordings, files: readonly string[]): Promise<ReadonlyMap<string, RecordingReport>> {
  const reports = new Map<string, RecordingReport>();
  for (const file of files) reports.set(file, await recordings.check(file));
  return reports;
}

/**
 * Converts every recording of a script and keeps it ready to be played. One that cannot be played is an error, at the place
 * in the source where it is named first.
 * @param recordings as the script names them
 * @throws the faults of PromptStore that are not the recordings' own, e.g. `prompt-store`
 */
export async function recordingFindings(
  prompts: PromptStore,
  recordings: readonly string[],
  file: string,
  source: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const recording of recordings) {
    const place = { file, ...placeOf(source, recording) };
    try {
      await prompts.ensure([{ file: recording }]);
    } catch (error) {
      const fix = error instanceof Fault ? mending[error.code] : undefined;
      if (!(error instanceof Fault) || fix === undefined) throw error;
      findings.push({ code: error.code, severity: "error", ...place, message: error.message, fix });
    }
  }
  return findings;
}

function placeOf(source: string, text: string): Position {
  const before = source.slice(0, Math.max(0, source.indexOf(text)));
  const line = before.split("\n").length;
  return { line, column: before.length - before.lastIndexOf("\n") };
}
