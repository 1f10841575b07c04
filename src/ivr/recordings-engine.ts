import { Fault } from "../kernel/fault.ts";
import type { Finding, Position } from "./finding.ts";
import type { PromptStore } from "./ports.ts";
import { everyPromptOf } from "./prompt.ts";
import type { Recordings } from "./recording-ports.ts";
import type { Script } from "./script.ts";

/** Faults that mean that the recording is at fault, and how each is mended. */
const mending: Readonly<Record<string, string>> = {
  "prompt-missing": "Put it into the folder of recordings, or say the text instead.",
  "prompt-unplayable": "Record it anew: WAV, telephone quality or better, some minutes at most.",
};

/** The recordings that a script names, in every language, each once. */
export function recordingsOf(script: Script): readonly string[] {
  const prompts = [...script.steps.values()].flatMap(everyPromptOf);
  return [...new Set(prompts.flatMap((prompt) => ("file" in prompt ? [...prompt.file.values()] : [])))];
}

/**
 * Judges every recording of the script, converts it and keeps it ready to be played. What is wrong with one is a finding, at the place
 * in the source where it is named first; an error when it cannot be played.
 * @throws the faults of PromptStore that are not the recordings' own, e.g. `prompt-store`
 */
export async function recordingFindings(
  prompts: PromptStore & Recordings,
  script: Script,
  file: string,
  source: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const recording of recordingsOf(script)) {
    const place = { file, ...placeOf(source, recording) };
    const report = await prompts.check(recording);
    for (const found of report.findings) findings.push({ ...found, ...place, message: `the recording ${recording} ${found.message}` });
    if (report.findings.some(({ severity }) => severity === "error")) continue;
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
