import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parse } from "yaml";

/* Readers of the files that are shipped beside the program: XML, YAML, the Dockerfile, files of variables. */

export const root = resolve(import.meta.dirname, "../..");

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Files below a folder of the project that have that ending, as paths from the project's root. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Without the blanks around it. */
  readonly text: string;
  readonly children: readonly Element[];
}

interface Parsed {
  readonly "#name": string;
  readonly $?: Record<string, string>;
  readonly _?: string;
  readonly $$?: readonly Parsed[];
}

interface Xml2js {
  parseString(text: string, options: Readonly<Record<string, unknown>>, done: (error: Error | null, found: Record<string, Parsed>) => void): void;
}

/** The parser of the event socket's library too. It has no types of its own. */
const xml2js: Xml2js = createRequire(import.meta.url)("xml2js");

/** @throws when it is not well-formed */
export function readXml(path: string): Element {
  let top: Parsed | undefined;
  xml2js.parseString(read(path), { strict: true, async: false, explicitChildren: true, preserveChildrenOrder: true }, (error, found) => {
    if (error) throw new Error(`${path}: ${error.message.replaceAll("\n", ", ")}`);
    top = Object.values(found)[0];
  });
  if (top === undefined) throw new Error(`${path}: nothing in it`);
  return element(top);
}

function element(parsed: Parsed): Element {
  return { name: parsed["#name"], attributes: parsed.$ ?? {}, text: (parsed._ ?? "").trim(), children: (parsed.$$ ?? []).map(element) };
}

/** The element and all below it that have that name, in the order of the file. */
export function all(top: Element, name: string): readonly Element[] {
  return [...(top.name === name ? [top] : []), ...top.children.flatMap((child) => all(child, name))];
}

/** What `<param name= value=>` say in a file of FreeSWITCH's. */
export function params(path: string): Readonly<Record<string, string>> {
  return Object.fromEntries(all(readXml(path), "param").map(({ attributes }) => [attributes["name"] ?? "", attributes["value"] ?? ""]));
}

/** A service of docker-compose.yml, in the forms that ours has. */
export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly network_mode?: string;
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly (string | { readonly type: string; readonly source: string; readonly target: string; readonly read_only?: boolean })[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly restart?: string;
  readonly stop_grace_period?: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** docker-compose.yml with the values of these variables in it. @throws when one is missing that has to be there */
export function readCompose(variables: Readonly<Record<string, string>>): Compose {
  const tree: unknown = parse(read("docker-compose.yml"), { merge: true });
  return filled(tree, variables) as Compose;
}

function filled(tree: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof tree === "string") return interpolated(tree, variables);
  if (Array.isArray(tree)) return tree.map((part: unknown) => filled(part, variables));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, filled(value, variables)]));
}

/** As Compose does it: ${NAME}, ${NAME:-otherwise}, ${NAME:?why}, $$. An innermost one is filled in first. */
function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  const innermost = /(?<!\$)\$\{([A-Z0-9_]+)(?:(:[-?])([^{}$]*))?\}/;
  let left = text;
  for (let found = innermost.exec(left); found !== null; found = innermost.exec(left)) {
    const [whole, name = "", how, rest = ""] = found;
    const given = variables[name] ?? "";
    if (given === "" && how === ":?") throw new Error(`${name}: ${rest}`);
    left = left.replace(whole, () => (given === "" && how === ":-" ? rest : given));
  }
  return left.replaceAll("$$", "$");
}

/** The names of the variables that docker-compose.yml asks for, and which of them must be given. */
export function variablesOfCompose(): { readonly names: ReadonlySet<string>; readonly wanted: ReadonlySet<string> } {
  const text = read("docker-compose.yml").replace(/^ *#.*$/gm, "");
  const namesOf = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name = ""]) => name));
  return { names: namesOf(/(?<!\$)\$\{([A-Z0-9_]+)/g), wanted: namesOf(/(?<!\$)\$\{([A-Z0-9_]+):\?/g) };
}

/** Instructions of the Dockerfile in their order, each on one line, without comments. */
export function dockerfile(): readonly { readonly instruction: string; readonly rest: string }[] {
  const joined = read("Dockerfile")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "");
  return joined
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [instruction = "", ...rest] = line.split(" ");
      return { instruction, rest: rest.join(" ").trim() };
    });
}
