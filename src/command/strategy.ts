import { readFileSync } from "node:fs";
import { ruleFaults } from "../api/strategy-rules.ts";
import { diffVersions } from "../ivr/diff.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { nearest } from "../kernel/nearest.ts";
import type { Stores } from "../main.ts";
import { readStrategy } from "../strategy/read-strategy.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { StrategyVersion } from "../strategy/strategy-ports.ts";
import { editorSchema } from "../strategy/strategy-schema.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { signature } from "./script-publish.ts";
import { strategyText } from "./strategy-words.ts";
import { tableText, terminalText, timeCell } from "./table.ts";

interface ShowOptions extends CommonOptions {
  readonly version?: number;
  readonly source?: boolean;
  readonly json?: boolean;
}

/**
 * A strategy's file, checked.
 * @throws Fault `strategy-file` when it cannot be read, `strategy-invalid` in lines of file, line and column
 */
export function readStrategyFile(file: string): { readonly strategy: Strategy; readonly source: string } {
  const source = contentOf(file);
  const { strategy, faults } = readStrategy(source, ruleFaults);
  if (strategy) return { strategy, source };
  const told = faults.map(({ pointer, line, column, message }) => `${file}:${line}:${column}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
  throw new Fault("strategy-invalid", told.map(terminalText).join("\n"), { detail: { errors: faults } });
}

/** @throws Fault `strategy-file` */
export function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault("strategy-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

/** `carillon strategy check FILE…`: everything that is wrong with each of them. */
export function checkStrategies(files: readonly string[]): string {
  const told: string[] = [];
  const wrong: string[] = [];
  for (const file of files) {
    try {
      const { strategy } = readStrategyFile(file);
      told.push(`${file}: ${strategy.name}, ${`${strategy.passes.length} ${strategy.passes.length === 1 ? "pass" : "passes"}`}, nothing wrong.`);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      wrong.push(error.message);
    }
  }
  if (wrong.length > 0) throw new Fault("strategy-invalid", wrong.join("\n"));
  return told.join("\n");
}

/** `carillon strategy publish FILE` */
export function publishStrategy(file: string, options: CommonOptions): Promise<string> {
  const { source } = readStrategyFile(file);
  return withStores(options, async ({ strategies }) => {
    const { version, fresh } = await strategies.publish(source, signature().by);
    const is = `${version.name} version ${version.version} is`;
    return fresh
      ? `${is} published. Campaigns that run stay on their version until they are moved.`
      : `${is} this document already: nothing is changed.`;
  });
}

/** `carillon strategy list` */
export function listStrategies(options: ShowOptions): Promise<string> {
  return withStores(options, async ({ strategies }) => {
    const all = [...(await allPages((page) => strategies.all(page)))].sort((a, b) => a.name.localeCompare(b.name));
    if (options.json) return JSON.stringify(all.map(shown), null, 2);
    const rows = all.map(({ name, version, strategy, publishedAt, publishedBy }) => {
      const passes = strategy.passes.map((pass) => `${pass.name} (${pass.channel})`);
      return [name, String(version), passes.join(", "), timeCell(publishedAt), publishedBy];
    });
    return rows.length === 0
      ? "No strategy is published yet. Publish one with: carillon strategy publish FILE"
      : tableText(["STRATEGY", "VERSION", "PASSES", "SINCE", "BY"], rows);
  });
}

/** `carillon strategy show NAME`: how it goes; with `--source` the document as it was written. */
export function showStrategy(name: string, options: ShowOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const version = await versionOf(stores, name, options.version);
    if (options.json) return JSON.stringify({ ...shown(version), document: version.strategy, source: version.source }, null, 2);
    if (options.source) return terminalText(version.source).trimEnd();
    return `${name} version ${version.version}, published ${timeCell(version.publishedAt)} by ${version.publishedBy}\n${terminalText(strategyText(version.strategy))}`;
  });
}

/** `carillon strategy diff NAME FROM TO` */
export function diffStrategy(name: string, from: number, to: number, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const text = diffVersions(await versionOf(stores, name, from), await versionOf(stores, name, to));
    return text === "" ? `Versions ${from} and ${to} of ${name} are the same.` : terminalText(text).trimEnd();
  });
}

/** `carillon strategy schema`: for editors that complete and check YAML. */
export function showSchema(): string {
  return editorSchema().trimEnd();
}

/** @throws Fault `strategy-unknown` */
export async function versionOf({ strategies }: Pick<Stores, "strategies">, name: string, number: number | undefined): Promise<StrategyVersion> {
  const found = await strategies.find(name, number);
  if (found) return found;
  const names = (await allPages((page) => strategies.all(page))).map((each) => each.name);
  const meant = number === undefined ? nearest(name, names) : undefined;
  const told = number === undefined ? "" : `version ${number} of `;
  throw new Fault(
    "strategy-unknown",
    `There is no ${told}strategy ${name}.${meant === undefined ? " carillon strategy list has them." : ` Did you mean ${meant}?`}`,
  );
}

function shown({ id, name, version, publishedAt, publishedBy }: StrategyVersion) {
  return { id, name, version, publishedAt: new Date(publishedAt).toISOString(), publishedBy };
}
