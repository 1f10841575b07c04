import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { type Finding, hasErrors } from "../ivr/finding.ts";
import { formatFindings, type LintFileOptions, lintFile } from "../ivr/lint-engine.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { openPrompts } from "../start/prompts.ts";
import { lintOptionsOf } from "../start/publishing.ts";
import { type CommonOptions, configFor, withDatabase } from "./context.ts";
import { scriptFiles } from "./ivr-files.ts";

export interface LintCommandOptions extends CommonOptions {
  /** Names of columns with commas between them. */
  readonly columns?: string;
  /** A list in the database, whose columns are taken. */
  readonly list?: string;
  /** The folder of recordings, over that of the configuration. */
  readonly recordings?: string;
  /** Whether recordings may also be prompts that were uploaded. */
  readonly uploaded?: boolean;
  readonly maxCallS?: number;
  readonly json?: boolean;
  /** Whether warnings count as errors. */
  readonly strict?: boolean;
}

/**
 * `carillon ivr lint FILE|DIR…`: prints what is wrong with scripts, held against the configuration when there is one.
 * @returns 1 when a script has an error, or with `strict` a warning
 */
export async function lint(paths: readonly string[], options: LintCommandOptions): Promise<number> {
  const found = await Promise.all(paths.map(scriptFiles));
  const files = found.flatMap((one) => one.files);
  const [skipped, tests] = [found.flatMap((one) => one.skipped), found.flatMap((one) => one.tests)];
  if (files.length === 0)
    throw new Fault("scripts-missing", `There are no scripts among them, but tests: ${tests.join(", ")}. carillon ivr test plays them.`);
  const findings = await withChecks(options, async (checks) => {
    const all: Finding[] = [];
    for (const file of files) all.push(...(await lintFile(file, checks)));
    return all;
  });
  if (options.json) {
    const errors = findings.filter(({ severity }) => severity === "error").length;
    console.log(JSON.stringify({ files, skipped: [...skipped, ...tests], errors, warnings: findings.length - errors, findings }, null, 2));
  } else {
    console.log(formatFindings(findings, files.length));
    if (skipped.length > 0) console.error(`note: skipped, since no line begins with script: in ${skipped.join(", ")}`);
    if (tests.length > 0) console.error(`note: skipped, since they are tests (carillon ivr test plays them): ${tests.join(", ")}`);
  }
  return hasErrors(findings) || (options.strict && findings.length > 0) ? 1 : 0;
}

/** Opens what scripts are held against, and closes it again whatever happens. */
async function withChecks<T>(options: LintCommandOptions, work: (checks: LintFileOptions) => Promise<T>): Promise<T> {
  const configured =
    options.config !== undefined || options.set !== undefined || process.env["CARILLON_CONFIG"] !== undefined || existsSync("carillon.yaml");
  const config = configFor(options, "admin", options.recordings === undefined ? {} : { "prompts.recordingsDir": options.recordings });
  const columns = await columnsFor(options);
  const within = async (sounds?: PromptSounds): Promise<T> => {
    // Nothing is rendered; the folder only has to be one that we may write to.
    const dir = await mkdtemp(join(tmpdir(), "carillon-lint-"));
    const { mediaDir: _elsewhere, ...own } = config.prompts;
    const prompts = openPrompts({ prompts: { ...own, dir } }, systemClock, sounds);
    try {
      return await work({
        ...(configured && lintOptionsOf(config, prompts.languages)),
        // Without a configuration nobody knows where the recordings will be; with one, no folder means that none can be played.
        ...((configured || own.recordingsDir !== undefined || sounds) && { recordings: prompts.store }),
        ...(columns && { columns }),
        ...(options.maxCallS !== undefined && { maxCallMs: options.maxCallS * 1000 }),
      });
    } finally {
      await prompts.close();
      await rm(dir, { recursive: true, force: true });
    }
  };
  return options.uploaded ? await withDatabase(config, ({ prompts }) => within(prompts)) : await within();
}

async function columnsFor({ columns, list, ...common }: LintCommandOptions): Promise<readonly string[] | undefined> {
  if (columns !== undefined)
    return columns
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean);
  if (list === undefined) return undefined;
  return withDatabase(configFor(common, "admin"), async ({ lists }) => {
    const found = await lists.listByName(list);
    if (!found)
      throw new Fault("list-unknown", `There is no list "${list}"; carillon lists shows them. Import one with: carillon import FILE --list ${list}`);
    return found.columns;
  });
}
