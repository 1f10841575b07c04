import { type ChildProcess, fork } from "node:child_process";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

export interface SupervisorParts {
  /** The program to run, with its arguments: this very program as a worker. */
  readonly modulePath: string;
  readonly arguments: readonly string[];
  /** Added for a worker that takes over from one that had been well. */
  readonly successorArguments: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** A worker that could not start says why itself and exits with this code (EX_CONFIG of sysexits.h). */
export const startFailed = 78;

const firstRestartMs = 50;
const maxRestartMs = 5000;
/** A worker that lived so long is taken for well; the next restart is quick again. */
const wellAfterMs = 30_000;
/**
 * A worker that is there and does not answer for so many looks in a row is ended: people on the line have heard the media
 * server's goodbye by then, and only a successor can hang up. Counted in looks, so that a machine that slept is no fault.
 */
const lookMs = 1000;
const missedLooks = 10;
/** After a polite SIGTERM people on the line may finish; then the worker is ended for good. */
const stopGraceMs = 120_000;

/**
 * Runs the worker and starts it again when it dies, at once, because people may be on the line. Resolves with the exit
 * code of this process when the worker ended by itself, was told to end, or could not start in the first place.
 */
export function supervise(parts: SupervisorParts): Promise<number> {
  const { modulePath, clock, log } = parts;
  return new Promise((resolve) => {
    let stopping = false;
    let everReady = false;
    /** The worker that is there now. */
    let ready = false;
    let restartMs = firstRestartMs;
    let worker: ChildProcess | undefined;
    let missed = 0;
    let look: Timer | undefined;

    const watch = () => {
      look = clock.after(lookMs, () => {
        missed += 1;
        if (missed > missedLooks) {
          log.error({ seconds: (missed * lookMs) / 1000 }, "the worker does not answer; ending it");
          worker?.kill("SIGKILL");
        } else watch();
      });
    };
    const finish = (code: number) => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      process.off("SIGHUP", passOn);
      resolve(code);
    };
    const start = () => {
      const startedAt = clock.now();
      worker = fork(modulePath, [...parts.arguments, ...(everReady ? parts.successorArguments : [])], { stdio: "inherit", serialization: "json" });
      worker.on("message", (message) => {
        missed = 0;
        if (message === "ready") {
          everReady = true;
          ready = true;
        }
        if (!look) watch();
      });
      worker.once("exit", (code, signal) => {
        look?.cancel();
        look = undefined;
        missed = 0;
        worker = undefined;
        ready = false;
        // One that had to be killed has left people on the line, and nobody comes to hang up.
        if (stopping) return finish(signal === "SIGKILL" ? 1 : 0);
        if (code === 0) return finish(0);
        // A start that never succeeded will not succeed by itself; a worker that had been well is brought back whatever it takes.
        if (code === startFailed && !everReady) return finish(startFailed);
        if (clock.now() - startedAt > wellAfterMs) restartMs = firstRestartMs;
        log.error({ code, signal, restartMs }, "the worker ended; starting it again");
        clock.after(restartMs, () => (stopping ? finish(0) : start()));
        restartMs = Math.min(restartMs * 2, maxRestartMs);
      });
    };
    const stop = () => {
      if (stopping) return;
      stopping = true;
      if (!worker) return finish(0);
      worker.kill("SIGTERM");
      const timer = clock.after(stopGraceMs, () => worker?.kill("SIGKILL"));
      worker.once("exit", () => timer.cancel());
    };
    const passOn = () => {
      // Before it is ready it has no way to take it, and has only just read the file.
      if (ready) worker?.kill("SIGHUP");
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    // In a terminal it says that the terminal is gone, and ends us as it does everybody.
    if (!process.stdin.isTTY) process.on("SIGHUP", passOn);
    start();
  });
}

/**
 * For the worker: resolves when it is to stop, by SIGTERM, by Ctrl-C, or because its supervisor is gone (another one would
 * start a worker of the same name).
 */
export function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
    process.once("disconnect", () => resolve("the supervisor is gone"));
  });
}

/** For the worker: tells the supervisor, if there is one, that it is there, now and until it is canceled. */
export function reportPresence(clock: Clock): Timer {
  let timer: Timer | undefined;
  const report = () => {
    if (!process.connected) return;
    // A supervisor that is gone is noticed by the disconnection, not here.
    process.send?.("here", () => {});
    timer = clock.after(lookMs, report);
  };
  report();
  return { cancel: () => timer?.cancel() };
}

/** For the worker: tells the supervisor, if there is one, that it has started. */
export function reportReady(): void {
  if (process.connected) process.send?.("ready", () => {});
}

/** What is still open when all is closed is an answer that nobody waits for: that to a BYE may take half a minute. */
const lingerMs = 1000;

/**
 * For a process that another one started, when its work is done: the channel to it would keep this process alive, and whatever else does is not waited for.
 * Whoever lingered would be taken for stuck.
 */
export function leaveParent(lingersMs = lingerMs): void {
  process.removeAllListeners("disconnect");
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), lingersMs).unref();
}
