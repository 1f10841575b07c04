import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { UploadedSounds } from "../../ivr/prompt-ports.ts";
import { Fault } from "../../kernel/fault.ts";

/** A recording that a script names, found. */
export interface RecordingSource {
  /** As the script names it. */
  readonly file: string;
  /** Of its bytes, hex. */
  readonly sha256: string;
  /** The bytes of that hash. @throws Fault `prompt-missing` when it was taken away meanwhile */
  readonly read: () => Promise<Uint8Array>;
}

const maxRecordingBytes = 50 * 1024 * 1024;

/** Where recordings come from: what was uploaded goes before what lies in the folder of this machine, since every node has it. */
export class RecordingSources {
  readonly #dir: string | undefined;
  readonly #uploaded: UploadedSounds | undefined;
  /** Of files, by path: they are read again only when their size or date changed. */
  readonly #hashes = new Map<string, { stamp: string; sha256: string }>();

  constructor({ recordingsDir, uploaded }: { readonly recordingsDir?: string; readonly uploaded?: UploadedSounds }) {
    this.#dir = recordingsDir;
    this.#uploaded = uploaded;
  }

  /**
   * @param now whether an upload of this moment has to be known
   * @throws Fault `prompt-missing`, `prompt-unplayable`; those of the database
   */
  async find(file: string, now = false): Promise<RecordingSource> {
    const uploaded = this.#uploaded;
    const sha256 = await uploaded?.current(file, now);
    if (!uploaded || sha256 === undefined) return await this.#inFolder(file);
    const read = async () => {
      const sound = await uploaded.sound(sha256);
      if (!sound) throw missing(file, "was taken away meanwhile");
      return sound;
    };
    return { file, sha256, read };
  }

  async hasFile(name: string): Promise<boolean> {
    return await this.#path(name).then(
      () => true,
      () => false,
    );
  }

  async #inFolder(file: string): Promise<RecordingSource> {
    const { path, stamp } = await this.#path(file);
    const known = this.#hashes.get(path);
    const read = () => readFile(path);
    if (known?.stamp === stamp) return { file, sha256: known.sha256, read };
    const sha256 = createHash("sha256")
      .update(await read())
      .digest("hex");
    this.#hashes.set(path, { stamp, sha256 });
    return { file, sha256, read };
  }

  async #path(name: string): Promise<{ path: string; stamp: string }> {
    const upload = this.#uploaded ? ", and nobody has uploaded it" : "";
    if (this.#dir === undefined) throw missing(name, `cannot be found: no folder of recordings is configured${upload}`);
    const root = await realpath(this.#dir).catch(() => undefined);
    const path = root && (await realpath(join(root, name)).catch(() => undefined));
    const found = path && (await stat(path).catch(() => undefined));
    if (!root || !path || !found) throw missing(name, `is not in the folder of recordings${upload}`);
    // Links and dots must not lead out of the folder: scripts come from strangers.
    if (!path.startsWith(root + sep)) throw missing(name, "lies outside the folder of recordings");
    if (!found.isFile() || found.size > maxRecordingBytes) {
      const why = found.isFile() ? `is larger than ${maxRecordingBytes / 1024 / 1024} MB` : "is no file";
      throw new Fault("prompt-unplayable", `the recording ${name} ${why}`, { detail: { file: name } });
    }
    return { path, stamp: `${found.size} ${found.mtimeMs} ${found.ino}` };
  }
}

function missing(file: string, why: string): Fault {
  return new Fault("prompt-missing", `the recording ${file} ${why}`, { detail: { file } });
}
