import { unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { Fault } from "../../kernel/fault.ts";
import type { RecordingFiles } from "../../privacy/ports.ts";

/** The files in the directory of recordings, as this machine sees it. */
export class RecordingDirectory implements RecordingFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async remove(file: string): Promise<void> {
    await unlink(this.pathOf(file)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }

  /** @throws Fault `recording-path` for what is no file of that directory: names come out of the database, and no name may lead elsewhere */
  pathOf(file: string): string {
    if (file === "" || file !== basename(file) || file === "." || file === ".." || file.includes("\0"))
      throw new Fault("recording-path", `"${file.slice(0, 80)}" is no file in the directory of recordings.`);
    return join(this.#dir, file);
  }
}
