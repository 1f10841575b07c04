import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import {
  type PromptBook,
  type PromptFile,
  type PromptProgress,
  type PromptRef,
  type PromptRenderer,
  type PromptStore,
  promptKey,
} from "../../ivr/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { AudioPool } from "./audio-pool.ts";
import { wholeDurationMs, writeWav } from "./wav.ts";

export interface PromptStoreOptions {
  /** Where rendered prompts are kept. Several processes may share it. */
  readonly dir: string;
  /** The same folder as the media server sees it; the same path when left out. */
  readonly mediaDir?: string;
  /** Where the recordings are that scripts name with `file:`; without it there are none. */
  readonly recordingsDir?: string;
  readonly renderer: PromptRenderer;
  readonly pool: AudioPool;
  readonly clock: Clock;
  /** Prompts worked on at once, at most. Default 4. */
  readonly concurrency?: number;
}

/** Part of every name, so that a change in how sound is made leaves old files unused instead of wrongly used. */
const format = "8k-pcm16-1";
const maxRecordingBytes = 50 * 1024 * 1024;
/** A file that was seen is believed in for this long without looking again. */
const trustMs = 60_000;
const maxRemembered = 20_000;
/** Files are marked as used at most this often. */
const touchMs = 3_600_000;

/** Prompts as files named after what is in them: rendered once, played by everybody. */
export class DiskPromptStore implements PromptStore {
  readonly #options: PromptStoreOptions;
  readonly #underWay = new Map<string, Promise<{ file: PromptFile; rendered: boolean }>>();
  readonly #seen = new Map<string, { file: PromptFile; at: number }>();
  readonly #recordings = new Map<string, { stamp: string; name: string }>();
  #writes = 0;

  constructor(options: PromptStoreOptions) {
    // The media server knows no working directory of ours.
    this.#options = { ...options, dir: resolve(options.dir) };
  }

  async ensure(refs: Iterable<PromptRef>, onProgress?: (progress: PromptProgress) => void): Promise<PromptBook> {
    const wanted = [...new Map(Array.from(refs, (ref) => [promptKey(ref), ref] as const))];
    const book = new Map<string, PromptFile>();
    let rendered = 0;
    let next = 0;
    const work = async () => {
      for (let entry = wanted[next++]; entry; entry = wanted[next++]) {
        const [key, ref] = entry;
        const made = await this.#one(ref);
        book.set(key, made.file);
        if (made.rendered) rendered += 1;
        onProgress?.({ done: book.size, total: wanted.length, rendered });
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: Math.min(this.#options.concurrency ?? 4, wanted.length) }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return book;
  }

  /**
   * A prompt at a fixed place, `<dir>/<name>.wav`, for the media server's own dialplan (the goodbye).
   * @param name small letters and dashes
   */
  async place(name: string, ref: PromptRef): Promise<PromptFile> {
    if (!/^[a-z][a-z-]*$/.test(name)) throw new Fault("prompt-missing", `“${name}” is no name for a prompt`);
    const made = (await this.ensure([ref])).get(promptKey(ref));
    if (!made) throw new Fault("prompt-missing", `${name} could not be made`);
    const source = made.path.slice(this.#mediaDir.length + 1);
    await this.#write(`${name}.wav`, await readFile(join(this.#options.dir, source)));
    return { path: join(this.#mediaDir, `${name}.wav`), durationMs: made.durationMs };
  }

  /**
   * Removes prompts that nobody used lately, longest unused first, until the folder is small enough.
   * @param keepMs what was used within this time stays in any case; at least two hours, since uses are marked hourly
   */
  async prune(maxBytes: number, keepMs: number): Promise<{ removed: number; bytes: number }> {
    const now = this.#options.clock.now();
    const oldest = now - Math.max(keepMs, 2 * touchMs);
    const files: { path: string; bytes: number; usedAt: number }[] = [];
    for (const entry of await readdir(this.#options.dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
      const path = join(entry.parentPath, entry.name);
      const named = entry.isFile() && (/^[0-9a-f]{62}\.wav$/.test(entry.name) || entry.name.endsWith(".part"));
      const found = named ? await stat(path).catch(() => undefined) : undefined;
      if (found) files.push({ path, bytes: found.size, usedAt: found.mtimeMs });
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let removed = 0;
    for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (file.usedAt > oldest || (bytes <= maxBytes && !file.path.endsWith(".part"))) continue;
      await rm(file.path, { force: true });
      bytes -= file.bytes;
      removed += 1;
    }
    if (removed > 0) this.#seen.clear();
    return { removed, bytes };
  }

  get #mediaDir(): string {
    return this.#options.mediaDir ?? this.#options.dir;
  }

  async #one(ref: PromptRef): Promise<{ file: PromptFile; rendered: boolean }> {
    const name = "say" in ref ? hashed(format, "say", this.#options.renderer.identity, ref.say) : await this.#recordingName(ref.file);
    const now = this.#options.clock.now();
    const seen = this.#seen.get(name);
    if (seen && now - seen.at < trustMs) return { file: seen.file, rendered: false };
    const underWay = this.#underWay.get(name);
    if (underWay) return { ...(await underWay), rendered: false };
    const made = this.#make(name, ref);
    this.#underWay.set(name, made);
    try {
      const { file, rendered } = await made;
      this.#seen.delete(name);
      this.#seen.set(name, { file, at: now });
      const first = this.#seen.keys().next().value;
      if (this.#seen.size > maxRemembered && first !== undefined) this.#seen.delete(first);
      return { file, rendered };
    } finally {
      this.#underWay.delete(name);
    }
  }

  async #make(name: string, ref: PromptRef): Promise<{ file: PromptFile; rendered: boolean }> {
    // Two levels, so that no folder holds a million files.
    const relative = join(name.slice(0, 2), `${name.slice(2)}.wav`);
    const path = join(this.#mediaDir, relative);
    const present = await this.#durationOf(relative);
    if (present !== undefined) return { file: { path, durationMs: present }, rendered: false };
    const samples = "say" in ref ? (await this.#options.renderer.render(ref.say)).samples : await this.#convert(ref.file);
    await this.#write(relative, writeWav(samples));
    return { file: { path, durationMs: Math.round(samples.length / 8) }, rendered: true };
  }

  /** How long the file is that is already there; undefined when there is none or it is not whole. */
  async #durationOf(relative: string): Promise<number | undefined> {
    const path = join(this.#options.dir, relative);
    const file = await open(path).catch(() => undefined);
    if (!file) return undefined;
    try {
      const { size, mtimeMs } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(44), 0, 44, 0);
      const now = this.#options.clock.now();
      if (now - mtimeMs > touchMs) await utimes(path, now / 1000, now / 1000).catch(() => {});
      return wholeDurationMs(buffer.subarray(0, bytesRead), size);
    } finally {
      await file.close();
    }
  }

  /** Written beside and renamed, so that nobody, in whatever process, ever sees half a prompt. */
  async #write(relative: string, bytes: Buffer): Promise<void> {
    const path = join(this.#options.dir, relative);
    const part = `${path}.${process.pid}.${this.#writes++}.part`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(part, bytes, { mode: 0o644 });
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw new Fault(
        "prompt-store",
        `prompts cannot be written to ${this.#options.dir}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }

  async #recordingPath(name: string): Promise<string> {
    const { recordingsDir } = this.#options;
    const missing = (why: string) => new Fault("prompt-missing", `the recording ${name} ${why}`, { detail: { file: name } });
    if (recordingsDir === undefined) throw missing("cannot be found: no folder of recordings is configured");
    const root = await realpath(recordingsDir).catch(() => undefined);
    const path = root && (await realpath(join(root, name)).catch(() => undefined));
    if (!root || !path) throw missing(`is not in ${recordingsDir}`);
    // Links and dots must not lead out of the folder: scripts come from strangers.
    if (!path.startsWith(root + sep)) throw missing("lies outside the folder of recordings");
    return path;
  }

  /** Named after the bytes of the recording; they are read again only when its size or date changed. */
  async #recordingName(name: string): Promise<string> {
    const path = await this.#recordingPath(name);
    const found = await stat(path);
    const stamp = `${found.size} ${found.mtimeMs} ${found.ino}`;
    const known = this.#recordings.get(path);
    if (known?.stamp === stamp) return known.name;
    if (!found.isFile() || found.size > maxRecordingBytes) {
      throw new Fault("prompt-unplayable", `the recording ${name} is larger than ${maxRecordingBytes / 1024 / 1024} MB or no file`, {
        detail: { file: name },
      });
    }
    const fresh = hashed(
      format,
      "file",
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    );
    this.#recordings.set(path, { stamp, name: fresh });
    return fresh;
  }

  async #convert(name: string): Promise<Int16Array> {
    try {
      return await this.#options.pool.convert(await readFile(await this.#recordingPath(name)), false);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "prompt-unplayable") throw error;
      throw new Fault("prompt-unplayable", `the recording ${name} cannot be played: ${error.message}`, { cause: error, detail: { file: name } });
    }
  }
}

function hashed(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
