import { appendFileSync, readFileSync } from "node:fs";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { leaveParent, reportPresence, reportReady, startFailed, supervise, toldToStop } from "../../src/command/supervise.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";

/* Supervisor and worker as processes of their own, five times as fast as life. `supervised.ts BOOK LIFE,LIFE…` */

const clock: Clock = { now: () => Date.now() * 5, after: (delayMs, fire) => systemClock.after(delayMs / 5, fire) };

/** What a worker's life is like. */
const lives: Readonly<Record<string, () => unknown>> = {
  /** Stands still while it starts. */
  stuck: hang,
  /** Has started and then stands still. */
  hung() {
    reportReady();
    setImmediate(hang);
  },
  /** Is well until it is told to stop, and then stands still. */
  stubborn() {
    reportReady();
    note("ready");
    toldToStop().then(hang);
  },
  /** Is well for longer than any silence is borne. */
  async well() {
    reportReady();
    for (let second = 0; second < 15; second += 1) await new Promise<void>((resolve) => clock.after(1000, resolve));
    end(0);
  },
  /** Stops when it is told to, and something is still open. */
  lingering() {
    reportReady();
    note("ready");
    setTimeout(() => {}, 600_000);
    toldToStop().then(() => leaveParent(100));
  },
  "cannot-start": () => end(startFailed),
  crash: () => process.kill(process.pid, "SIGKILL"),
};

const [book = "", plan = "", ...flags] = process.argv.slice(2);
if (!flags.includes("--worker")) {
  const modulePath = process.argv[1] ?? "";
  process.exitCode = await supervise({ modulePath, arguments: [book, plan, "--worker"], successorArguments: ["--successor"], clock, log: silentLog });
} else {
  const lived = readFileSync(book, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("life")).length;
  const life = plan.split(",")[lived] ?? "none";
  note(`life ${life}${flags.includes("--successor") ? " as successor" : ""}`);
  const presence = reportPresence(clock);
  // The first report has left before anything stands still.
  setImmediate(() => (lives[life] ?? (() => end(3)))());
  process.once("exit", () => presence.cancel());
}

function note(text: string): void {
  appendFileSync(book, `${text}\n`);
}

function hang(): void {
  // As dead as a loop without end, but it leaves the processor to others.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function end(code: number): void {
  leaveParent();
  process.exit(code);
}
