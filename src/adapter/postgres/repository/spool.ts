import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "../../../kernel/fault.ts";
import { makeFolder } from "../../../kernel/folder.ts";
import type { Log } from "../../../kernel/log.ts";
import { parseSpooled, type Spooled } from "./spool-line.ts";

/**
 * A file of what the database has not taken yet, flushed to disk line by line, so that neither a killed process nor a
 * database that is away at its end loses it. Emptied whenever everything in it has been written; what a process was killed
 * over may be in it although it was written.
 */
export class Spool {
  /** What earlier processes left, in the order in which it was said. */
  readonly left: readonly { readonly key: string; readonly entry: Spooled }[];
  readonly path: string;
  readonly #file: FileHandle;
  readonly #log: Log;
  /** What is in the file, or on its way there, by key. */
  readonly #kept = new Map<string, Promise<void>>();
  #lines: string[] = [];
  #flushing: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, log: Log, left: Spool["left"]) {
    this.path = path;
    this.#file = file;
    this.#log = log;
    this.left = left;
    for (const { key } of left) this.#kept.set(key, Promise.resolve());
  }

  /** @throws Fault `spool-unusable` */
  static async open(path: string, log: Log): Promise<Spool> {
    try {
      await makeFolder(dirname(path));
      const file = await open(path, "a", 0o600);
      await flushDirectory(dirname(path));
      return new Spool(path, file, log, read(await readFile(path, "utf8"), path, log));
    } catch (cause) {
      throw new Fault(
        "spool-unusable",
        `Cannot write ${path}, where opt-outs and results wait for a database that is away: make it writable, or set database.dataDir.`,
        { cause },
      );
    }
  }

  /** Resolves when it is on the disk; at once when it has been kept before. What comes meanwhile shares the next flush. */
  keep(key: string, entry: Spooled): Promise<void> {
    const known = this.#kept.get(key);
    if (known) return known;
    // The line feed in front ends a line that a full disk or a kill cut short.
    this.#lines.push(`\n${JSON.stringify({ key, ...entry })}\n`);
    this.#flushing ??= this.#inTurn(() => this.#flush());
    const kept = this.#flushing;
    this.#kept.set(key, kept);
    kept.catch(() => this.#kept.delete(key));
    return kept;
  }

  /** The database has it, or refuses it for good. */
  forget(key: string): void {
    if (!this.#kept.delete(key) || this.#kept.size > 0) return;
    this.#inTurn(async () => {
      if (this.#kept.size > 0) return;
      await this.#file.truncate(0);
      await this.#file.datasync();
    }).catch((error: unknown) => this.#log.error({ err: error, file: this.path }, "the file of unwritten records could not be emptied"));
  }

  /** How much it holds. */
  get size(): number {
    return this.#kept.size;
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#flushing = undefined;
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }

  /** One thing at a time on the file. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.catch(() => undefined).then(work);
    this.#last = done;
    return done;
  }
}

function read(text: string, path: string, log: Log): Spool["left"] {
  const left = new Map<string, Spooled>();
  for (const [place, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const parsed = parseSpooled(line);
    // Usually the last one, over which the process was killed before anybody counted on it.
    // Where it stands and not what: it may hold somebody's number.
    if (!parsed) log.warn({ file: path, line: place + 1, characters: line.length }, "a damaged line in the file of unwritten records is left out");
    else left.set(parsed.key, parsed.entry);
  }
  return [...left].map(([key, entry]) => ({ key, entry }));
}

/** A new file is there after a power failure only when its directory has been flushed too. */
async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  await directory.sync().finally(() => directory.close());
}
