import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { type Mapping, readMapping } from "../contact/mapping.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText } from "./table.ts";

/** `carillon mapping keep NAME FILE` */
export async function keepMapping(name: string, file: string, options: CommonOptions): Promise<string> {
  if (!/^[a-z0-9][a-z0-9_-]{0,99}$/.test(name)) throw new Fault("mapping-invalid", "Name it with small letters, digits, - and _.");
  const mapping = await mappingFile(file);
  await withStores(options, ({ staged }) => staged.keep(name, mapping, "command line"));
  return `Kept. Import with it: carillon import FILE --list NAME --mapping ${name}`;
}

/** `carillon mapping list` */
export async function listMappings(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  const all = await withStores(options, ({ staged }) => staged.mappings());
  if (options.json) return JSON.stringify(all, undefined, 2);
  if (all.length === 0) return "There are no mappings. Keep one with: carillon mapping keep NAME FILE";
  return tableText(
    ["MAPPING", "FORMAT", "COLUMNS"],
    all.map(({ name, mapping: { format = "recognised", columns = [] } }) => [name, format, String(columns.length)]),
  );
}

/** `carillon mapping show NAME` */
export async function showMapping(name: string, options: CommonOptions): Promise<string> {
  return stringify(await withStores(options, (stores) => keptMapping(stores, name))).trimEnd();
}

/** `carillon mapping remove NAME` */
export async function removeMapping(name: string, options: CommonOptions): Promise<string> {
  if (!(await withStores(options, ({ staged }) => staged.forget(name)))) throw unknown(name);
  return "Forgotten.";
}

/** The mapping of a file, or else the one that is kept under that name. Faults `mapping-invalid`, `mapping-unknown`. */
export async function mappingOf(stores: Pick<Stores, "staged">, word: string): Promise<Mapping> {
  return /[./]/.test(word) ? await mappingFile(word) : await keptMapping(stores, word);
}

async function keptMapping({ staged }: Pick<Stores, "staged">, name: string): Promise<Mapping> {
  const mapping = await staged.mapping(name);
  if (mapping === undefined) throw unknown(name);
  return mapping;
}

async function mappingFile(file: string): Promise<Mapping> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new Fault("mapping-invalid", `Cannot read ${file}: ${fileTrouble(error)}.`, { cause: error });
  });
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new Fault("mapping-invalid", `${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return readMapping(document);
}

function unknown(name: string): Fault {
  return new Fault("mapping-unknown", `There is no mapping ${name}; carillon mapping list has them.`);
}
