import { fork } from "node:child_process";

/** One import, or one plain COPY, of a file. */
export interface ImportRun {
  readonly elapsedMs: number;
  /** CPU time of the process, ms. */
  readonly cpuMs: number;
  /** The most memory that the process had resident, MB (10^6 bytes). */
  readonly peakMb: number;
  /** Rows that went in; of the plain COPY, which takes all or fails, nobody counts them. */
  readonly rows: number;
}

/** Runs a program of its own, so that its memory is only its; it answers once and ends. */
export async function runOnce(program: string, args: readonly string[]): Promise<ImportRun> {
  const child = fork(new URL(program, import.meta.url), [...args], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return await new Promise((resolve, reject) => {
    child.once("message", (run) => resolve(run as ImportRun));
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code} and said nothing`)));
  });
}

/** In the program: tells what it measured. @param work gives the rows that went in */
export async function answer(work: () => Promise<number>): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const rows = await work();
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  // In kilobytes of 1024 (getrusage(2)).
  const peakMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
  process.send?.({ elapsedMs, cpuMs: (user + system) / 1000, peakMb, rows } satisfies ImportRun);
}
