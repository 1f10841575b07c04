import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Coverage, percent, type Share } from "../ivr/coverage.ts";
import { formatFinding } from "../ivr/finding.ts";
import { type CasesReport, failuresOf, passed, runCases } from "../ivr/run-cases.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { Fault } from "../kernel/fault.ts";

export interface TestOptions {
  /** Steps that must be entered by some case, in percent. */
  readonly minCoverage?: number;
  readonly json?: boolean;
}

const suffix = ".test.yaml";

/**
 * `carillon ivr test [FILE|DIR…]`: runs the tests of scripts, without a telephone.
 * @returns 1 when a case fails, a file cannot be read, or a script is covered less than asked for
 */
export async function testScripts(paths: readonly string[], { minCoverage = 0, json = false }: TestOptions): Promise<number> {
  const files = (await Promise.all(paths.map(testFiles))).flat();
  const reports: CasesReport[] = [];
  for (const file of files) reports.push(await testOne(file));
  const short = reports.filter(({ coverage }) => coverage && percent(coverage.steps) < minCoverage);
  if (json) console.log(JSON.stringify(reports, null, 2));
  else {
    for (const report of reports) console.log(describe(report));
    for (const { file, coverage } of short) {
      console.log(`${file}: ${coverage ? percent(coverage.steps) : 0} % of the steps are tried, ${minCoverage} % are asked for`);
    }
    const failed = reports.reduce((sum, report) => sum + (passed(report) ? 0 : 1), 0);
    const cases = reports.reduce((sum, report) => sum + report.cases.length, 0);
    console.log(
      `${reports.length} ${reports.length === 1 ? "script" : "scripts"}, ${cases} cases, ${failed === 0 ? "all passed" : `${failed} failed`}`,
    );
  }
  return short.length === 0 && reports.every(passed) ? 0 : 1;
}

/** The files of tests that a path means: itself, those of a folder, or the one beside a script. */
export async function testFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: Error) => {
    throw new Fault("tests-missing", `${path} cannot be read: ${error.message}. Name a script, a file of tests or a folder.`, { cause: error });
  });
  if (!found.isDirectory()) return [path.endsWith(suffix) ? path : path.replace(/\.ya?ml$/, suffix)];
  const files = (await readdir(path)).filter((name) => name.endsWith(suffix)).sort();
  if (files.length === 0) throw new Fault("tests-missing", `There are no tests in ${path}. They are files called NAME${suffix}.`);
  return files.map((name) => join(path, name));
}

async function testOne(file: string): Promise<CasesReport> {
  const source = await readFile(file, "utf8").catch((error: Error) => {
    throw new Fault("tests-missing", `${file} cannot be read: ${error.message}. Tests of NAME.yaml are in NAME${suffix} beside it.`, {
      cause: error,
    });
  });
  const { script, findings } = await loadScriptFile(file.replace(suffix, ".yaml"));
  return script ? runCases(source, file, script) : { file, findings, cases: [] };
}

function describe(report: CasesReport): string {
  const { file, findings, cases, coverage } = report;
  const failures = failuresOf(report);
  const failed = cases.filter(({ faults }) => faults.length > 0).length;
  const warnings = findings.filter(({ severity }) => severity === "warning").map(formatFinding);
  if (!coverage) return [...failures, `${file}: not run`].join("\n");
  const counted = `${cases.length - failed} of ${cases.length} cases passed`;
  return [...warnings, ...failures, `${file}: ${counted}; ${coverageText(coverage)}`, ...untried(coverage)].join("\n");
}

function coverageText({ steps, ways }: Coverage): string {
  const text = (what: string, share: Share) => `${what} ${percent(share)} % (${share.covered} of ${share.total})`;
  return `${text("steps", steps)}, ${text("ways", ways)}`;
}

/** What no case tries, a line each. */
function untried({ steps, ways }: Coverage): string[] {
  const left = (what: string, { missing }: Share) => (missing.length === 0 ? [] : [`  not tried, ${what}: ${missing.join("; ")}`]);
  return [...left("steps", steps), ...left("ways", ways)];
}
