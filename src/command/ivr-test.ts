import { readFile } from "node:fs/promises";
import { systemClock } from "../adapter/system/clock.ts";
import { type Coverage, percent, type Share } from "../ivr/coverage.ts";
import { formatFinding } from "../ivr/finding.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import { type CasesReport, failuresOf, passed, type WalkedCase, walkCases } from "../ivr/run-cases.ts";
import type { Script } from "../ivr/script.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { type CommonOptions, configFor, withDatabase } from "./context.ts";
import { testFiles } from "./ivr-files.ts";
import { counted, openProgress } from "./terminal.ts";

export interface TestOptions extends CommonOptions {
  /** Steps that must be entered by some case, in percent. */
  readonly minCoverage?: number;
  readonly json?: boolean;
  /** Plays each case as a real call too. */
  readonly call?: boolean;
  /** Seed of all chance on those calls. */
  readonly seed?: number;
  /** Play prompts that were uploaded on them too, out of the database. */
  readonly uploaded?: boolean;
}

/** A file of tests that was run. */
interface Suite {
  readonly report: TestReport;
  readonly script?: Script;
  readonly walked: readonly WalkedCase[];
}

interface TestReport extends CasesReport {
  /** With --call: how many of the cases were played as calls. */
  readonly called?: number;
}

/**
 * `carillon ivr test [FILE|DIR…]`: runs the tests of scripts, without a telephone; with `call` each of them as a real call too, which
 * must agree.
 * @returns 1 when a case fails, a file cannot be read, or a script is covered less than asked for
 */
export async function testScripts(paths: readonly string[], options: TestOptions): Promise<number> {
  const { minCoverage = 0, json = false } = options;
  if (options.uploaded && !options.call)
    throw new Fault("option-alone", "--uploaded is for the calls of --call: without them nothing is played. Give both, or neither.");
  const files = (await Promise.all(paths.map(testFiles))).flat();
  const suites: Suite[] = [];
  for (const file of files) suites.push(await testOne(file));
  const reports = options.call ? await callSuites(suites, options) : suites.map(({ report }) => report);
  const short = reports.filter(({ coverage }) => coverage && percent(coverage.steps) < minCoverage);
  if (json) console.log(JSON.stringify(reports, null, 2));
  else {
    for (const report of reports) console.log(describe(report));
    for (const { file, coverage } of short) {
      console.log(`${file}: only ${coverage ? percent(coverage.steps) : 0} % of the steps are tried, and --min-coverage wants ${minCoverage} %`);
    }
    const failed = reports.reduce((sum, report) => sum + failuresOf(report).length, 0);
    const cases = reports.reduce((sum, report) => sum + report.cases.length, 0);
    const ended = failed === 0 ? "all passed" : `${failed} failed`;
    const tried = short.length === 0 ? "" : `; ${counted(short.length, "script")} tried less than ${minCoverage} %`;
    console.log(`${counted(reports.length, "script")}, ${counted(cases, "case")}, ${ended}${tried}`);
  }
  return short.length === 0 && reports.every(passed) ? 0 : 1;
}

async function testOne(file: string): Promise<Suite> {
  const source = await readFile(file, "utf8").catch((error: Error) => {
    throw new Fault("tests-missing", `${file} cannot be read: ${fileTrouble(error)}. Tests of NAME.yaml are in NAME.test.yaml beside it.`, {
      cause: error,
    });
  });
  const { script, findings } = await loadScriptFile(file.replace(/\.test\.yaml$/, ".yaml"));
  return script ? { script, ...walkCases(source, file, script) } : { report: { file, findings, cases: [] }, walked: [] };
}

/** Plays all cases of all files as calls, and adds what was wrong with these. */
async function callSuites(suites: readonly Suite[], { json, seed = 1, ...options }: TestOptions): Promise<readonly TestReport[]> {
  const { callCases } = await import("./ivr-test-call.ts");
  const cases = suites.flatMap(({ script, walked }) => (script ? walked.map((one) => ({ ...one, script })) : []));
  const line = json ? undefined : openProgress(process.stderr, () => systemClock.now());
  const config = configFor(options, "admin");
  const onNote = (text: string) => console.error(`note: ${text}`);
  const call = (sounds?: PromptSounds) =>
    callCases(cases, { prompts: config.prompts, ...(sounds && { sounds }), seed, onProgress: (text) => line?.show(text), onNote });
  const called = cases.length === 0 ? [] : await (options.uploaded ? withDatabase(config, ({ prompts }) => call(prompts)) : call());
  line?.end();
  const ends = called.values();
  return suites.map(({ report }) => {
    const both = report.cases.map((end) => ({ end, faults: ends.next().value }));
    return {
      ...report,
      called: both.filter(({ faults }) => faults !== undefined).length,
      cases: both.map(({ end, faults = [] }) => ({ ...end, faults: [...end.faults, ...faults.map((fault) => `as a call: ${fault}`)] })),
    };
  });
}

function describe(report: TestReport): string {
  const { file, findings, cases, coverage, called } = report;
  const failures = failuresOf(report);
  const failed = cases.filter(({ faults }) => faults.length > 0).length;
  const warnings = findings.filter(({ severity }) => severity === "warning").map(formatFinding);
  if (!coverage) return [...failures, `${file}: not run`].join("\n");
  const asCalls = called === undefined ? "" : `, ${called} of them played as calls`;
  const ended = `${cases.length - failed} of ${counted(cases.length, "case")} passed${asCalls}`;
  return [...warnings, ...failures, `${file}: ${ended}; ${coverageText(coverage)}`, ...untried(coverage)].join("\n");
}

function coverageText({ steps, ways }: Coverage): string {
  const text = (what: string, share: Share) => `${what} ${percent(share)} % (${share.covered} of ${share.total})`;
  return `${text("steps", steps)}, ${ways.total === 0 ? "no ways to choose from" : text("ways", ways)}`;
}

/** What no case tries, a line each. */
function untried({ steps, ways }: Coverage): string[] {
  const left = (what: string, { missing }: Share) => (missing.length === 0 ? [] : [`  not tried, ${what}: ${missing.join("; ")}`]);
  return [...left("steps", steps), ...left("ways", ways)];
}
