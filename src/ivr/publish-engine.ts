import { Fault } from "../kernel/fault.ts";
import { checkScript, type ScriptCheckParts } from "./check-engine.ts";
import { type Finding, formatFinding, hasErrors, ordered } from "./finding.ts";
import { recordingFindings } from "./recordings-engine.ts";
import { caseByCase, failuresOf, passed } from "./run-cases.ts";
import type { Script } from "./script.ts";
import type { Published, Release, ScriptUser, Signature } from "./script-ports.ts";
import { finish, inTurn } from "./turn-engine.ts";

/** Tests of a script, as a text in the form of docs/ivr.md. */
export interface TestSource {
  /** For messages. */
  readonly file: string;
  readonly source: string;
}

export interface Publication extends TestSource {
  readonly signature: Signature;
  readonly tests?: TestSource;
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
 * @throws Fault `script-invalid` with every finding (detail `findings`), `script-tests-failed` (detail `failures`)
 */
export async function publishScript(parts: ScriptCheckParts, { file, source, signature, tests, list }: Publication): Promise<PublishEnd> {
  const check = await checkScript(parts, { file, source, ...(list && { list }) });
  const { script, name } = check;
  if (!script || name === undefined) throw invalid("the script is not published", check.findings);
  const heard = await recordingFindings(parts.prompts, script, file, source);
  const findings = ordered([...check.findings, ...heard]);
  if (hasErrors(findings)) throw invalid("the script is not published", findings);
  const cases = tests && (await inTurn(parts.store, () => pass(tests, script)));
  const published = await parts.store.publish(name, source, signature, check.uses);
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
 * @throws Fault `script-unknown`, `script-current`, `script-invalid`
 */
export async function rollBack(parts: ScriptCheckParts, name: string, number: number, signature: Signature): Promise<RollBackEnd> {
  const version = await parts.store.version(name, number);
  if (!version) throw new Fault("script-unknown", `There is no version ${number} of script ${name}.`);
  const file = `${name} version ${number}`;
  const check = await checkScript(parts, { file, source: version.source, uses: version.uses });
  if (!check.runnable) throw invalid(`version ${number} of ${name} cannot be run any more`, check.findings);
  const heard = await recordingFindings(parts.prompts, check.runnable, file, version.source);
  if (hasErrors(heard)) throw invalid(`version ${number} of ${name} cannot be run any more`, heard);
  const release = await parts.store.release(name, number, signature);
  return { release, findings: check.findings, users: check.users };
}

/** Failures that are told; there may be a thousand. */
const mostTold = 100;

/** @returns how many cases passed */
async function pass(tests: TestSource, script: Script): Promise<number> {
  const { report } = await finish(caseByCase(tests.source, tests.file, script));
  if (passed(report)) return report.cases.length;
  const failures = failuresOf(report);
  const told = failures.slice(0, mostTold);
  const counted = report.cases.length === 0 ? "its tests cannot be run" : `${failures.length} of its ${report.cases.length} tests failed`;
  throw new Fault("script-tests-failed", `the script is not published: ${counted}\n${told.join("\n")}`, { detail: { failures: told } });
}

function invalid(what: string, findings: readonly Finding[]): Fault {
  const errors = findings.filter(({ severity }) => severity === "error");
  return new Fault("script-invalid", `${what}:\n${errors.map(formatFinding).join("\n")}`, { detail: { findings } });
}
