import { nearest } from "../kernel/nearest.ts";
import { type Leaf, leaves, type Path, type Shape } from "./shape.ts";

/** One setting from the environment or from the command line. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** Where it came from, for people. */
  readonly from: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a whole file as UTF-8; undefined when there is none. */
export type ReadText = (path: string) => string | undefined;

const prefix = "CARILLON_";
/** Names that begin like ours and are no settings: the path of the file, whom commands ask and with which key, and what tests and our own processes tell each other. */
const notSettings = /^CARILLON_(CONFIG$|URL$|KEY$|AGENT_KEY$|TEST_|INTERNAL_)/;

/** The name of the variable for a setting: trunks.*.maxCps is CARILLON_TRUNKS_<N>_MAX_CPS, N counting from 0. */
export function variableName(path: readonly string[]): string {
  return prefix + path.map((step) => (step === "*" ? "<N>" : step.replace(/([A-Z])/g, "_$1").toUpperCase())).join("_");
}

/** A text from outside as the type its setting has; a text that does not fit is left for the check to refuse. */
export function fromText(shape: Shape, text: string): unknown {
  if (shape.type === "array") return text === "" ? [] : text.split(",").map((part) => part.trim());
  if (shape.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (shape.type === "integer" || shape.type === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return text;
}

/** The settings in the environment. A secret may also be given as NAME_FILE, the path of a file that holds it. */
export function readEnvironment(shape: Shape, environment: Environment, readText: ReadText): { overrides: Override[]; faults: string[] } {
  const overrides: Override[] = [];
  const faults: string[] = [];
  const known = leaves(shape);
  const url = environment["DATABASE_URL"];
  if (url !== undefined && environment["CARILLON_DATABASE_URL"] === undefined)
    overrides.push({ path: ["database", "url"], value: url, from: "environment variable DATABASE_URL" });

  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(prefix) || notSettings.test(name)) continue;
    const hit = findLeaf(known, name);
    if (hit === undefined) {
      const meant = nearest(name, known.map((leaf) => variableName(leaf.path)).concat("CARILLON_CONFIG"));
      faults.push(
        `environment variable ${name}: there is no such setting${meant === undefined ? "; docs/configuration.md lists them" : `; did you mean ${meant}?`}`,
      );
      continue;
    }
    const from = `environment variable ${name}`;
    if (!hit.fromFile) {
      overrides.push({ path: hit.path, value: fromText(hit.leaf.shape, text), from });
      continue;
    }
    if (environment[name.slice(0, -"_FILE".length)] !== undefined)
      faults.push(`${from}: give either it or ${name.slice(0, -"_FILE".length)}, not both`);
    const held = readText(text);
    if (held === undefined) faults.push(`${from}: cannot read ${text}; check that it exists and that this user may read it`);
    else overrides.push({ path: hit.path, value: fromFile(hit.leaf.shape, held), from });
  }
  return { overrides, faults };
}

/** A list has an entry on each line of its file. */
function fromFile(shape: Shape, held: string): string | readonly string[] {
  return shape.type === "array" ? held.split(/\r?\n/).filter((line) => line !== "") : held.replace(/\r?\n$/, "");
}

function findLeaf(known: readonly Leaf[], name: string): { leaf: Leaf; path: Path; fromFile: boolean } | undefined {
  for (const leaf of known) {
    const file = leaf.shape.secret === undefined ? "" : "(_FILE)?";
    const match = new RegExp(`^${variableName(leaf.path).replaceAll("<N>", "(\\d{1,3})")}${file}$`).exec(name);
    if (match === null) continue;
    const indexes = match.slice(1).filter((part) => part !== undefined && part !== "_FILE");
    const path = leaf.path.map((step) => (step === "*" ? Number(indexes.shift()) : step));
    return { leaf, path, fromFile: name.endsWith("_FILE") && file !== "" };
  }
  return undefined;
}
