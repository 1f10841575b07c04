import { format } from "node:util";
import type { Log } from "../../kernel/log.ts";

const levels = { error: "warn", warn: "warn", log: "info", info: "info", debug: "debug" } as const;

/**
 * Libraries that print to the console (drachtio-fsmrf when a connection is lost) write log lines from then on, so that the output of
 * a server is one stream of JSON. What they call an error is to us a warning: ours say what it means.
 */
export function consoleToLog(log: Log, target: Pick<Console, keyof typeof levels> = console): void {
  for (const [name, level] of Object.entries(levels)) {
    target[name as keyof typeof levels] = (...said: unknown[]) => log[level]({ from: "console" }, format(...said));
  }
}
