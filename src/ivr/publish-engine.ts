import { Fault } from "../kernel/fault.ts";
import { asksForNobody } from "./agent-script.ts";
import { checkScript, type ScriptCheck, type ScriptCheckParts } from "./check-engine.ts";
import { type Finding, formatFinding, hasErrors, ordered } from "./finding.ts";
import type { ScriptReader } from "./reader-ports.ts";
import { recordingFindings } from "./recordings-engine.ts";
import type { Published, Release, ScriptUser, Signature } from "./script-ports.ts";
import type { TextWork, TryWork } from "./script-work.ts";

/** A script, and what goes with it. */
export interface Publication extends TextWork {
  readonly signature: Signature;
  /** Its tests, in the form of docs/ivr.md. */
  readonly tests?: TextWork;
  /** A list it is to be used with, besides those of the campaigns that follow it already. */
  readonly list?: { readonly name: string; readonly columns: readonly string[] | undefined };
}

export interface PublishEnd {
  readonly published: Published;
  /** Doubtful places; none of them an error. */
  readonly warnings: readonly Finding[];
  /** Test cases that passed; undefined when there were no tests. */
  readonly cases: number | undefined;
  /** Campaigns that have not ended and use the script. */
  readonly users: readonly ScriptUser[];
}

/**
 * Publishes a script if nothing speaks against it: it has no errors, also for the lists of the campaigns that follow it; its tests
 * pass; its recordings can be played, and are ready to be; the scripts it goes to are published. Otherwise nothing is written.
 * @throws Fault `script-invalid` with its findings (detail `findings`), `script-tests-failed` (detail `failures`), and those of ScriptReader. Also `script-invalid`
 * when a campaign for agents would follow it and it asks for none
 */
export async function publishScript(parts: ScriptCheckParts, { file, source, signature, tests, list }: Publication): Promise<PublishEnd> {
  const check = await checkScript(parts, { file, source, ...(list && { list }) });
  const { runnable, sound } = check;
  if (!runnable || !sound) throw invalid("the script is not published", check.findings);
  keepAgents("the script is not published", check);
  const heard = await recordingFindings(parts.prompts, runnable.recordings, file, source);
  const findings = ordered([...check.findings, ...heard]);
  if (hasErrors(findings)) throw invalid("the script is not published", findings);
  const cases = tests && (await pass(parts.reader, { file, source, others: runnable.others, tests }));
  await holdPrompts(parts, "the script is not published", runnable.recordings);
  const published = await parts.store.publish(runnable.name, source, signature, check.uses);
  return { published, warnings: findings, cases, users: check.users };
}

export interface RollBackEnd {
  readonly release: Release;
  /** What lint finds in it today, errors too: they kept nobody from going back. */
  readonly findings: readonly Finding[];
  readonly users: readonly ScriptUser[];
}

/**
 * Makes an older version current again. Only what would make its calls fail keeps it from that: that this Carillon cannot
 * read it any more, or that a recording of it is not there.
 * @throws Fault `script-unknown`, `script-current`, `script-invalid`, and those of ScriptReader
 */
export async function rollBack(parts: ScriptCheckParts, name: string, number: number, signature: Signature): Promise<RollBackEnd> {
  const version = await parts.store.version(name, number);
  if (!version) throw new Fault("script-unknown", `There is no version ${number} of script ${name}.`);
  const file = `${name} version ${number}`;
  const check = await checkScript(parts, { file, source: version.source, uses: version.uses });
  if (!check.runnable) throw invalid(`version ${number} of ${name} cannot be run any more`, check.findings);
  keepAgents(`version ${number} of ${name} does not become current`, check);
  const heard = await recordingFindings(parts.prompts, check.runnable.recordings, file, version.source);
  if (hasErrors(heard)) throw invalid(`version ${number} of ${name} cannot be run any more`, heard);
  await holdPrompts(parts, `version ${number} of ${name} cannot be run any more`, check.runnable.recordings);
  const release = await parts.store.release(name, number, signature);
  return { release, findings: check.findings, users: check.users };
}

/** What was there when it was checked is there when calls run it: a prompt may be taken away in between. */
async function holdPrompts({ uploaded, prompts }: ScriptCheckParts, what: string, recordings: readonly string[]): Promise<void> {
  if (!uploaded || recordings.length === 0) return;
  const held = new Set(await uploaded.hold(recordings));
  for (const name of recordings)
    if (!held.has(name) && !(await prompts.hasFile(name)))
      throw new Fault("script-invalid", `${what}: the recording ${name} was taken away meanwhile.`);
}

/** Whoever is called for agents is not to be given to a script that has none for them. */
function keepAgents(what: string, { stranded }: Pick<ScriptCheck, "stranded">): void {
  if (stranded.length === 0) return;
  const followed = `${stranded.length === 1 ? "campaign" : "campaigns"} ${stranded.join(", ")}`;
  throw new Fault("script-invalid", `${what}: ${asksForNobody}. It is followed by ${followed}, whose calls are placed for agents.`);
}

/** @returns how many cases passed */
async function pass(reader: ScriptReader, work: TryWork): Promise<number> {
  const { cases, passed, failed, failures } = await reader.test(work);
  if (passed) return cases;
  const counted = cases === 0 ? "its tests cannot be run" : `${failed} of its ${cases} tests failed`;
  throw new Fault("script-tests-failed", `the script is not published: ${counted}\n${failures.join("\n")}`, { detail: { failures } });
}

function invalid(what: string, findings: readonly Finding[]): Fault {
  const errors = findings.filter(({ severity }) => severity === "error");
  return new Fault("script-invalid", `${what}:\n${errors.map(formatFinding).join("\n")}`, { detail: { findings } });
}
