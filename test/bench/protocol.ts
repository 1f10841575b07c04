/*
 * What the benchmark's processes say to each other. Each loop (the bare one and Carillon) runs in a process of its own,
 * takes orders over Node's IPC channel, one at a time or a measurement meanwhile, and answers each.
 */
import { setTimeout as pause } from "node:timers/promises";

/** Where the far side is, and what is played: the prompt's file for the bare loop, its text for Carillon. */
export interface LoopOptions {
  readonly host: string;
  readonly adminPort: number;
  readonly eslPort: number;
  readonly carrierPort: number;
  readonly secret: string;
  readonly password: string;
  /** A directory for everything this process writes. */
  readonly dir: string;
}

/** So many calls, at most so many a second and so many at once, each hears a prompt of that length to its end. */
export interface RunOrder {
  readonly calls: number;
  readonly maxCps: number;
  readonly maxLines: number;
  readonly promptMs: number;
}

export interface RunReport {
  readonly calls: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** CPU time of this process, user and system, from the first call until the last is over. */
  readonly cpuMs: number;
}

/** Memory of a process after a collection of its garbage, MiB. `liveMb`: what is in use of the heap, and buffers outside of it. */
export interface Memory {
  readonly rssMb: number;
  readonly liveMb: number;
}

export interface LoopOrders {
  /** Makes ready what a run needs, outside of what is measured. */
  prepare(order: RunOrder): Promise<void>;
  run(order: RunOrder): Promise<RunReport>;
  close(): Promise<void>;
}

type OrderName = keyof LoopOrders | "measure";

interface Question {
  readonly id: number;
  readonly order: OrderName;
  readonly argument?: RunOrder;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly fault?: string;
}

/** In the loop's process: carries out orders until it is told to close. */
export function serveOrders(loop: LoopOrders): void {
  const nothing: RunOrder = { calls: 0, maxCps: 1, maxLines: 1, promptMs: 0 };
  const carryOut = async ({ order, argument = nothing }: Question): Promise<unknown> => {
    if (order === "measure") return measureMemory();
    return loop[order](argument);
  };
  process.on("message", (question: Question) => {
    carryOut(question).then(
      (value) => {
        process.send?.({ id: question.id, value } satisfies Answer);
        if (question.order === "close") process.disconnect();
      },
      (error) => process.send?.({ id: question.id, fault: String(error instanceof Error ? error.stack : error) } satisfies Answer),
    );
  });
  // Nobody is to be left behind when the benchmark is broken off.
  process.once("disconnect", () => process.exit());
  process.send?.({ id: 0, value: "ready" } satisfies Answer);
}

export type { Answer, OrderName, Question };

const mebibyte = 1024 * 1024;

/** Twice, because the first collection only finds out what the second can free. */
function measureMemory(): Memory {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssMb: rss / mebibyte, liveMb: (heapUsed + external) / mebibyte };
}

/** A collection leaves work to other threads of the process, the more the larger its heap is: that is not the calls'. */
const sweepMs = 500;

/** What a piece of work cost this process. */
export async function measured(calls: number, work: () => Promise<number>): Promise<RunReport> {
  globalThis.gc?.();
  await pause(sweepMs);
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const failed = await work();
  const { user, system } = process.cpuUsage(before);
  return { calls, failed, elapsedMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}
