import { parentPort } from "node:worker_threads";
import { type Cell, runCell } from "./cell.ts";

/* Runs one cell after another. */

parentPort?.on("message", (cell: Cell) => parentPort?.postMessage(runCell(cell)));
