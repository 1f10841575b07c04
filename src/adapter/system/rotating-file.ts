import { appendFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../kernel/folder.ts";
import type { Log } from "../../kernel/log.ts";
import type { PacingLogFile } from "../../voice/agent-pacing-ports.ts";

export interface RotatingFileOptions {
  readonly path: string;
  readonly log: Log;
  /** Default 16 MB. */
  readonly maxBytes?: number;
  /** How many full ones are kept beside the present one, as PATH.1 (the newest), PATH.2, … Default 3. */
  readonly kept?: number;
}

/** Lines are written together, when so many bytes of them wait or at the next turn. */
const flushBytes = 64 * 1024;

/** A file of lines that is followed by another one when it is long enough; the oldest goes. What cannot be written is said once and left out: nobody waits for it. */
export class RotatingFile implements PacingLogFile {
  readonly #options: RotatingFileOptions;
  readonly #maxBytes: number;
  #lines: string[] = [];
  #waiting = 0;
  #bytes = 0;
  #work: Promise<void>;
  #due = false;
  #troubled = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
    const { path } = options;
    this.#work = makeFolder(dirname(path))
      .then(() => stat(path))
      .then(
        ({ size }) => {
          this.#bytes += size;
        },
        () => undefined,
      );
  }

  get full(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#waiting += line.length + 1;
    this.#bytes += line.length + 1;
    if (this.#due && this.#waiting < flushBytes) return;
    this.#due = true;
    setImmediate(() => this.#flush());
  }

  rotate(): void {
    this.#flush();
    this.#bytes = 0;
    const { path, kept = 3 } = this.#options;
    this.#then(async () => {
      for (let number = kept; number > 0; number--)
        await rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`).catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#work;
  }

  #flush(): void {
    this.#due = false;
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#waiting = 0;
    this.#then(() => appendFile(this.#options.path, text));
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      if (!this.#troubled) this.#options.log.error({ err: error, path: this.#options.path }, "a log cannot be written; going on without it");
      this.#troubled = true;
    });
  }
}
