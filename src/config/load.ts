import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../kernel/fault.ts";
import { check, type Finding, mended, withDefaults } from "./check.ts";
import { checkRules, type Purpose } from "./rules.ts";
import { type Config, configSchema } from "./schema.ts";
import { isTable, type Leaf, leaves, type Path, pathText, type Shape, startsWith } from "./shape.ts";
import { type Environment, fromText, type Override, type ReadText, readEnvironment } from "./source-environment.ts";
import { readFileSource } from "./source-file.ts";

export interface LoadRequest {
  readonly env: Environment;
  /** Path of the file (--config). Otherwise CARILLON_CONFIG, otherwise ./carillon.yaml if there is one. */
  readonly file?: string;
  /** Settings from the command line by their path, e.g. { "api.port": 8081, "trunks.0.host": "127.0.0.1" }; texts are read as in the environment. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Default `serve`. */
  readonly purpose?: Purpose;
  /** What relative paths count from. Default: the working directory. */
  readonly cwd?: string;
  readonly readText?: ReadText;
}

const shape: Shape = configSchema;

/**
 * Defaults < file < environment < flags, checked as a whole.
 * @throws Fault `config-invalid` with every fault at once, a line each, beginning with file:line:column or the name of
 * the variable or flag; `detail.faults` has them as a list.
 */
export function loadConfig(request: LoadRequest): Config {
  const readText = request.readText ?? readTextFile;
  const cwd = request.cwd ?? process.cwd();
  const faults: string[] = [];

  const named = request.file ?? request.env["CARILLON_CONFIG"];
  const name = named ?? "carillon.yaml";
  const text = readText(resolve(cwd, name));
  if (text === undefined && named !== undefined)
    faults.push(`${name}: cannot read this configuration file; check the path and that this user may read it`);
  const file = readFileSource(name, text ?? "");
  faults.push(...file.faults);
  const fileFaults = faults.length;

  const fromEnvironment = readEnvironment(shape, request.env, (path) => readText(resolve(cwd, path)));
  faults.push(...fromEnvironment.faults);
  const overrides = [...fromEnvironment.overrides, ...Object.entries(request.flags ?? {}).map(([path, value]) => fromFlag(path, value))];
  const settings: Record<string, unknown> = structuredClone(file.settings);
  for (const override of overrides) {
    if (!put(settings, override.path, override.value))
      faults.push(`${override.from}: there is no ${pathText(override.path.slice(0, -1))} to put it into; number entries from 0 without gaps`);
  }

  const place = (finding: Finding) => {
    const { path } = finding;
    const from = overrides.findLast((override) => startsWith(path, override.path))?.from;
    if (from === flagName(path)) return `${from}: ${finding.message}`;
    return `${from ?? (text === undefined ? "configuration" : file.place(path, finding.key))} ${pathText(path)}: ${finding.message}`;
  };
  const full = withDefaults(shape, settings);
  const findings = check(shape, full);
  faults.push(...findings.map(place));
  // A file that cannot be read says nothing about what is missing, so the rules would only add noise to its own fault.
  if (fileFaults === 0) {
    const ruled = checkRules(mended(shape, full) as Config, request.purpose ?? "serve");
    faults.push(...ruled.filter((rule) => !findings.some((finding) => startsWith(rule.path, finding.path))).map(place));
  }
  if (faults.length > 0) throw invalid(faults);
  return absolutePaths(full as Config, cwd);
}

function invalid(faults: readonly string[]): Fault {
  const head = faults.length === 1 ? "The configuration has a fault:" : `The configuration has ${faults.length} faults:`;
  return new Fault("config-invalid", [head, ...faults.map((line) => `  ${line}`)].join("\n"), { detail: { faults } });
}

function fromFlag(path: string, value: unknown): Override {
  const steps = path.split(".").map((step) => (/^\d{1,3}$/.test(step) ? Number(step) : step));
  const leaf = leaves(shape).find((known) => matches(known, steps));
  return { path: steps, value: leaf !== undefined && typeof value === "string" ? fromText(leaf.shape, value) : value, from: flagName(steps) };
}

/** As the command line has it; a shorthand such as --port stands for one of these. */
function flagName(path: Path): string {
  return `--set ${pathText(path)}`;
}

function matches(leaf: Leaf, path: Path): boolean {
  return leaf.path.length === path.length && leaf.path.every((step, at) => (step === "*" ? typeof path[at] === "number" : step === path[at]));
}

/** Puts a value where the path says, making sections and the next entry of a list on the way. False when it does not fit. */
function put(root: Record<string, unknown>, path: Path, value: unknown): boolean {
  let here: unknown = root;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const fresh = () => (typeof path[depth + 1] === "number" ? [] : {});
    if (Array.isArray(here) && typeof step === "number") {
      if (step > here.length) return false;
      here[step] = last ? value : (here[step] ?? fresh());
      here = here[step];
    } else if (isTable(here) && step !== "__proto__") {
      here[step] = last ? value : (here[step] ?? fresh());
      here = here[step];
    } else return false;
  }
  return true;
}

function absolutePaths(config: Config, cwd: string): Config {
  const copy: Config = structuredClone(config);
  copy.database.dataDir = resolve(cwd, copy.database.dataDir);
  copy.prompts.dir = resolve(cwd, copy.prompts.dir);
  copy.voice.recordingsDir = resolve(cwd, copy.voice.recordingsDir);
  return copy;
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
