import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "./far-side.ts";

/** What is needed of a tap test. */
export interface Teardown {
  teardown(fn: () => unknown): void;
  passing?(): boolean;
}

/** The command line, as a person starts it. */
export const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** How a process ended: its exit code, or the signal that ended it. */
export type ProcessEnd = number | NodeJS.Signals;

/** A `carillon …` process of its own, in a process group of its own, so that nothing of it is left after the test. */
export interface CliProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  stdout(): string;
  stderr(): string;
  /** Children of this process now: of `serve` it is the worker. */
  children(): readonly number[];
  kill(signal: NodeJS.Signals): void;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Where Node keeps what it has compiled: a command of a test is started hundreds of times, and this halves what it costs. */
const compileCache = fileURLToPath(new URL("../../.tap/compile-cache", import.meta.url));

/** Tests run at any hour of the day, and the people whom they call are in no country. */
const anyHour = { CARILLON_LEGAL_HOURS_KEPT: "false", CARILLON_LEGAL_HOURS_WAIVED_BECAUSE: "the people are of the lab" };

/** Settings of the machine must not get into a test. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(CARILLON_|DATABASE_URL$|NODE_OPTIONS$|TAP)/.test(name));
  return { NODE_COMPILE_CACHE: compileCache, ...Object.fromEntries(own), ...anyHour, ...more };
}

export function startCli(t: Teardown, flags: readonly string[], { env, cwd }: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [cli, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: environment(env),
    ...(cwd && { cwd }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the process could not be started");
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const ended = endOf(child);
  t.teardown(async () => {
    killGroup(pid);
    await ended;
    // What it logged is all there is to understand a failure by.
    if (t.passing?.() === false && err() !== "") process.stderr.write(`carillon ${flags[0]} wrote:\n${err()}`);
  });
  return { pid, ended, stdout: out, stderr: err, children: () => childrenOf(pid), kill: (signal) => child.kill(signal) };
}

/** Runs a command to its end. */
export async function runCli(t: Teardown, flags: readonly string[], options: CliOptions = {}) {
  const run = startCli(t, flags, options);
  const code = await run.ended;
  return { code, stdout: run.stdout(), stderr: run.stderr(), pid: run.pid };
}

/** A running `carillon serve`. */
export interface Server extends CliProcess {
  readonly api: string;
  /** Resolves with the worker's pid once a worker other than `not` answers /readyz with 200. */
  ready(not?: number): Promise<number>;
}

/** Starts `carillon serve`; its API listens on the given port, also after a restart. */
export function startServe(t: Teardown, config: string, port: number, options: CliOptions = {}): Server {
  const server = startCli(t, ["serve", "--config", config, "--set", `api.port=${port}`], options);
  const api = `http://127.0.0.1:${port}`;
  let over = false;
  server.ended.then(() => {
    over = true;
  });
  return {
    ...server,
    api,
    async ready(not) {
      let worker: number | undefined;
      await until(
        async () => {
          if (over) throw new Error(`carillon serve ended:\n${server.stderr()}`);
          worker = server.children().find((pid) => pid !== not);
          return worker !== undefined && (await isReady(api));
        },
        "carillon serve to be ready",
        90_000,
      );
      return worker ?? 0;
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    // A killed process that nobody has waited for yet is still listed, and dead all the same.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Processes of a group that are alive: those of one `startCli` have its pid as their group. */
export function aliveInGroup(group: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.group === group && isAlive(pid));
}

function childrenOf(parent: number): readonly number[] {
  return aliveInGroup(parent).filter((pid) => statOf(pid)?.parent === parent);
}

function statOf(pid: number): { readonly parent: number; readonly group: number } | undefined {
  try {
    // The name in brackets may contain anything; what follows the last bracket is: state, parent, group (proc(5)).
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of it is left.
  }
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? -1));
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

async function isReady(api: string): Promise<boolean> {
  try {
    return (await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(2000) })).status === 200;
  } catch {
    return false;
  }
}
