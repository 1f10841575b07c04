import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { Fault } from "../kernel/fault.ts";
import type { Rejection } from "./ports.ts";
import { rejectsHeader, rejectsLine, rejectsObject } from "./rejects.ts";

/** A file of the rows that could not be used. It is made with the first of them: no rejects, no file. */
export class RejectsFile {
  readonly #path: string;
  #header: readonly string[] = [];
  #stream: WriteStream | undefined;
  #fault: unknown;
  #count = 0;
  #form: "csv" | "ndjson" = "csv";

  /** @param path written anew; readable by its owner only, since it holds people's numbers */
  constructor(path: string) {
    this.#path = path;
  }

  /** What it holds: rows of one header, or objects where the rows of the file name their columns themselves. */
  get form(): "csv" | "ndjson" {
    return this.#form;
  }

  /** Rows written so far. */
  get count(): number {
    return this.#count;
  }

  /** The names of the columns of the file; to be told before the first row. */
  headed(header: readonly string[]): void {
    this.#header = header;
  }

  /** Resolves when there is room for the next. Fault `rejects-file` when it cannot be written. */
  async write(rejection: Rejection): Promise<void> {
    const { names } = rejection;
    const stream = this.#stream ?? this.#open(names === undefined ? rejectsHeader(this.#header) : undefined);
    this.#count += 1;
    const room = stream.write(names === undefined ? rejectsLine(rejection) : rejectsObject(rejection, names));
    if (!room && this.#fault === undefined) await once(stream, "drain").catch(() => {});
    this.#check();
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    if (!stream.destroyed) {
      stream.end();
      if (!stream.closed) await once(stream, "close").catch(() => {});
    }
    this.#check();
  }

  #open(header: string | undefined): WriteStream {
    const stream = createWriteStream(this.#path, { mode: 0o600 });
    stream.on("error", (error) => {
      this.#fault = error;
    });
    if (header === undefined) this.#form = "ndjson";
    else stream.write(header);
    this.#stream = stream;
    return stream;
  }

  #check(): void {
    if (this.#fault === undefined) return;
    throw new Fault("rejects-file", `The rejected rows cannot be written to ${this.#path}; give another place for them.`, { cause: this.#fault });
  }
}
