import { parentPort } from "node:worker_threads";

/** What a worker thread is asked: a function of its own, and what that is given. */
export interface Asked {
  readonly id: number;
  readonly name: string;
  readonly work: unknown;
}

/** What it answers. */
export type Answer =
  | { readonly id: number; readonly made: unknown }
  | { readonly id: number; readonly fault: string; readonly stack: string | undefined };

/** Runs in a worker thread: does what is asked, one after the other. Takes and gives what can be cloned (structuredClone). */
export function serveWork(functions: Readonly<Record<string, (work: never) => unknown>>): void {
  const known = new Map<string, (work: never) => unknown>(Object.entries(functions));
  parentPort?.on("message", ({ id, name, work }: Asked) => {
    parentPort?.postMessage(answered(id, () => known.get(name)?.(work as never)));
  });
}

function answered(id: number, work: () => unknown): Answer {
  try {
    return { id, made: work() };
  } catch (error) {
    return error instanceof Error ? { id, fault: error.message, stack: error.stack } : { id, fault: String(error), stack: undefined };
  }
}
