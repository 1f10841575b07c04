import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Cell, type CellFigures, runCell } from "./cell.ts";

/** Figures of all cells, in their order. @param threads 0 runs them here */
export async function runCells(cells: readonly Cell[], threads: number, progress: (done: CellFigures) => void): Promise<readonly CellFigures[]> {
  if (threads === 0) {
    return cells.map((cell) => {
      const figures = runCell(cell);
      progress(figures);
      return figures;
    });
  }
  const found: CellFigures[] = [];
  // The long ones first, so that none is left alone at the end.
  const waiting = [...cells.entries()].toSorted(([, a], [, b]) => workOf(b) - workOf(a));
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL("worker.ts", import.meta.url));
      try {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          worker.postMessage(next[1]);
          // An error of the worker rejects here.
          const [figures] = (await once(worker, "message")) as [CellFigures];
          found[next[0]] = figures;
          progress(figures);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return found;
}

function workOf({ answers, policy, hitRate, agents }: Cell): number {
  return (answers / hitRate) * (policy === "pacer" ? 3 : policy === "ideal" ? 2 : 0.2) * (1 + 20 / agents);
}
