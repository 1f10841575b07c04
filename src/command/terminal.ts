import { readFileSync } from "node:fs";
import { Fault } from "../kernel/fault.ts";

export const version = readVersion();

function readVersion(): string {
  const file = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return file.version;
}

/** A fault as a person at a terminal should see it: what is wrong and what to do, no stack. Anything else keeps its stack. */
export function describeFault(error: unknown): string {
  if (error instanceof Fault) return `carillon: ${error.message}`;
  return `carillon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Writes a line of progress: in place on a terminal, a plain line now and then elsewhere. */
export interface ProgressLine {
  show(text: string): void;
  /** Leaves the last line standing. */
  end(): void;
}

const plainEveryMs = 5000;

export function openProgress(out: NodeJS.WriteStream, now: () => number): ProgressLine {
  let last = "";
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (text === last) return;
      if (out.isTTY) {
        out.write(`\r\u001b[K${text.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
      } else if (now() - shownAt >= plainEveryMs) {
        out.write(`${text}\n`);
        shownAt = now();
      }
      last = text;
    },
    end() {
      if (last !== "") out.write(out.isTTY ? "\n" : now() > shownAt ? `${last}\n` : "");
      last = "";
    },
  };
}
