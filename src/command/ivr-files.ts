import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";

/** Where the scripts of a project are. */
export const scriptsFolder = "ivr-scripts";
const testSuffix = ".test.yaml";
const testsName = /\.test\.ya?ml$/i;

/** The files that paths mean. */
export interface FoundFiles {
  readonly files: readonly string[];
  /** YAML files of the folders that are something else. */
  readonly skipped: readonly string[];
  /** Files of tests among those that were named. */
  readonly tests: readonly string[];
}

/**
 * The scripts that a path means: itself, or those of a folder, or of its ivr-scripts when it has none of its own. What is not there is
 * lint's to say.
 * @throws Fault `scripts-missing` for a folder without scripts
 */
export async function scriptFiles(path: string): Promise<FoundFiles> {
  const found = await stat(path).catch(() => undefined);
  // Whoever names *.yaml means the scripts among them.
  if (found?.isFile() && testsName.test(path)) return { files: [], skipped: [], tests: [path] };
  if (!found?.isDirectory()) return { files: [path], skipped: [], tests: [] };
  const skipped: string[] = [];
  for (const folder of [path, join(path, scriptsFolder)]) {
    const names = (await namesIn(folder)).filter((name) => /\.ya?ml$/i.test(name) && !testsName.test(name));
    const files: string[] = [];
    for (const name of names) {
      const file = join(folder, name);
      if (await looksLikeScript(file)) files.push(file);
      else skipped.push(file);
    }
    if (files.length > 0) return { files, skipped, tests: [] };
  }
  const other =
    skipped.length === 0 ? "" : ` ${skipped.join(", ")} ${skipped.length === 1 ? "is" : "are"} skipped: no line there begins with script:.`;
  throw new Fault("scripts-missing", `There are no scripts in ${path}.${other} Scripts are files called NAME.yaml that begin with script: NAME.`);
}

/** The files of tests that a path means: itself, the one beside a script, or those of a folder or of its ivr-scripts. */
export async function testFiles(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: Error) => {
    throw new Fault("tests-missing", `${path} cannot be read: ${fileTrouble(error)}. Name a script, a file of tests or a folder.`, { cause: error });
  });
  if (!found.isDirectory()) return [path.endsWith(testSuffix) ? path : path.replace(/\.ya?ml$/, testSuffix)];
  for (const folder of [path, join(path, scriptsFolder)]) {
    const names = (await namesIn(folder)).filter((name) => name.endsWith(testSuffix));
    if (names.length > 0) return names.map((name) => join(folder, name));
  }
  throw new Fault("tests-missing", `There are no tests in ${path}. They are files called NAME${testSuffix}.`);
}

/** In order; none when there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** Whether somebody meant it to be a script, however wrong it is otherwise. What cannot be read is lint's to say. */
async function looksLikeScript(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => "script:");
  return /^["']?(?:script|steps)["']?[ \t]*:/m.test(text);
}
