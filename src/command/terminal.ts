import { readFileSync } from "node:fs";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { type Log, silentLog } from "../kernel/log.ts";
import { oneLine, terminalText } from "./table.ts";

export const version = readVersion();

function readVersion(): string {
  const file = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return file.version;
}

/** A fault as a person at a terminal should see it: what is wrong and what to do, no stack. Anything else keeps its stack. */
export function describeFault(error: unknown): string {
  if (error instanceof Fault) return `carillon: ${terminalText(error.message)}`;
  if (isLabMissing(error))
    return "carillon: The lab, which is the far side of this command, is not in this image. Run it where Carillon is installed from its source.";
  return `carillon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** The image for production leaves the lab out. */
function isLabMissing(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND" && "url" in error && /\/src\/lab\//.test(String(error.url))
  );
}

/** As a shell tells of a program that a signal has ended: 128 and that of SIGPIPE. */
const nobodyReads = 141;

/** Ends the command when nobody reads what it says any more, as `head` does when it has its lines; what cannot be written for another reason is told. */
export function endWithReader(out: NodeJS.WriteStream): void {
  out.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(nobodyReads);
    process.stderr.write(`carillon: Standard output cannot be written: ${fileTrouble(error)}.\n`);
    process.exit(1);
  });
}

/** For tools whose output is for people: what is wrong stands beside it as a sentence, not as a line of JSON. */
export function openTerminalLog(out: Pick<NodeJS.WriteStream, "write">): Log {
  const log: Log = {
    ...silentLog,
    error: ({ err }, message) => out.write(`carillon: ${oneLine(err instanceof Error ? `${message}: ${err.message}` : message)}\n`),
    child: () => log,
  };
  return log;
}

/** Writes a line of progress: in place on a terminal, a plain line now and then elsewhere. */
export interface ProgressLine {
  show(text: string): void;
  /** Leaves the last line standing. */
  end(): void;
}

const plainEveryMs = 5000;

export function openProgress(out: Pick<NodeJS.WriteStream, "write"> & { isTTY?: boolean; columns?: number }, now: () => number): ProgressLine {
  let last = "";
  /** What a reader of plain lines has seen last. */
  let printed = "";
  let printedAt = Number.NEGATIVE_INFINITY;
  const print = () => {
    out.write(`${last}\n`);
    printed = last;
    printedAt = now();
  };
  return {
    show(text) {
      if (text === last) return;
      last = text;
      if (out.isTTY) out.write(`\r\u001b[K${text.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
      else if (now() - printedAt >= plainEveryMs) print();
    },
    end() {
      if (out.isTTY && last !== "") out.write("\n");
      else if (last !== printed) print();
      last = "";
      printed = "";
    },
  };
}

/** `1 row`, `3 rows`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
