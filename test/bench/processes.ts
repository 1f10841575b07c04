import { type ChildProcess, fork } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import type { LabAddresses } from "../../src/lab/lab.ts";
import type { Answer, LoopOptions, Memory, OrderName, Question, RunOrder, RunReport } from "./protocol.ts";

export const labSecret = "bench-secret";
export const labPassword = "bench-password";

/** A loop in a process of its own, as the benchmark sees it. */
export interface Loop {
  readonly name: string;
  prepare(order: RunOrder): Promise<void>;
  run(order: RunOrder): Promise<RunReport>;
  measure(): Promise<Memory>;
  close(): Promise<void>;
}

/** Starts a loop's program; what it says on standard error goes into a file in the directory. */
export async function startLoop(name: string, program: string, options: LoopOptions): Promise<Loop> {
  const log = openSync(join(options.dir, `${name}.log`), "a");
  const execArgv = ["--expose-gc"];
  const child = fork(new URL(program, import.meta.url), [JSON.stringify(options)], { execArgv, stdio: ["ignore", log, log, "ipc"] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<unknown>();
  waiting.set(0, ready);
  child.on("message", ({ id, value, fault }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (fault === undefined) asked?.resolve(value);
    else asked?.reject(new Error(`${name}: ${fault}`));
  });
  child.once("exit", (code, signal) => {
    for (const asked of waiting.values()) asked.reject(new Error(`${name} ended (${code ?? signal}); see ${join(options.dir, `${name}.log`)}`));
  });
  let questions = 0;
  const ask = (order: OrderName, argument?: RunOrder): Promise<unknown> => {
    questions += 1;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(questions, asked);
    child.send({ id: questions, order, ...(argument && { argument }) } satisfies Question);
    return asked.promise;
  };
  await ready.promise;
  return {
    name,
    prepare: async (order) => {
      await ask("prepare", order);
    },
    run: async (order) => (await ask("run", order)) as RunReport,
    measure: async () => (await ask("measure")) as Memory,
    close: async () => {
      await ask("close");
      await gone(child);
    },
  };
}

export interface LabLoad {
  readonly sinceMs: number;
  readonly cpuMs: number;
  readonly coreShare: number;
  readonly skippedFrames: number;
}

/** The lab in a process of its own. */
export interface LabProcess {
  readonly addresses: LabAddresses;
  books(): Promise<readonly CallSummary[]>;
  /** Calls on the line at the carrier now. */
  linesUp(): Promise<number>;
  /** What the process used since it was last asked. */
  load(): Promise<LabLoad>;
  close(): Promise<void>;
}

export async function startLab(seed: number): Promise<LabProcess> {
  const child = fork(new URL("far-side.ts", import.meta.url), [String(seed)], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const addresses = await new Promise<LabAddresses>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the lab ended with code ${code}`)));
    child.once("message", (message: { readonly addresses: LabAddresses }) => resolve(message.addresses));
  });
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${addresses.control}${path}`);
    if (!response.ok) throw new Error(`the lab answered ${response.status} to ${path}`);
    return response.json();
  };
  return {
    addresses,
    books: async () => ((await ask("/books")) as { readonly calls: readonly CallSummary[] }).calls,
    linesUp: async () => ((await ask("/legs")) as readonly { readonly state: string }[]).filter(({ state }) => state === "up").length,
    load: async () => (await ask("/load")) as LabLoad,
    close: async () => {
      child.kill("SIGTERM");
      await gone(child);
    },
  };
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
