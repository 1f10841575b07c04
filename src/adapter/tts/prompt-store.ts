import { createHash } from "node:crypto";
import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type EnsureOptions,
  type PromptBook,
  type PromptFile,
  type PromptRef,
  type PromptRenderer,
  type PromptStore,
  promptKey,
} from "../../ivr/ports.ts";
import type { SoundExaminer, SoundReport, UploadedSounds } from "../../ivr/prompt-ports.ts";
import type { RecordingFinding, RecordingReport, Recordings } from "../../ivr/recording-ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { fileTrouble } from "../../kernel/file-error.ts";
import { makeFolder } from "../../kernel/folder.ts";
import type { AudioPool } from "./audio-pool.ts";
import { pruneFolder } from "./prune.ts";
import { type RecordingSource, RecordingSources } from "./recording-source.ts";
import { voiceFor } from "./voices.ts";
import { wholeDurationMs, writeWav } from "./wav.ts";

export interface PromptStoreOptions {
  /** Where rendered prompts are kept. Several processes may share it. */
  readonly dir: string;
  /** The same folder as the media server sees it; the same path when left out. */
  readonly mediaDir?: string;
  /** Where the recordings are that scripts name with `file:` and nobody has uploaded; without it there are none. */
  readonly recordingsDir?: string;
  /** Recordings that every node has; they go before those of the folder. */
  readonly uploaded?: UploadedSounds;
  /** The voices, the preferred ones first; `voiceFor` picks one for each language. */
  readonly voices: readonly PromptRenderer[];
  readonly pool: AudioPool;
  readonly clock: Clock;
  /** Prompts worked on at once, at most. Default 4. */
  readonly concurrency?: number;
}

/** Part of every name, so that a change in how sound is made leaves old files unused instead of wrongly used. */
const format = "8k-pcm16-1";
/** A file that was seen is believed in for this long without looking again. */
const trustMs = 60_000;
const maxRemembered = 20_000;
/** Files are marked as used at most this often. */
const touchMs = 3_600_000;
/** Nobody who was given a prompt still plays it after so long: calls and conversations last hours, uses are marked hourly. */
export const leastKeptMs = 86_400_000;

/** Something that can be made a file of, and the name of that file. */
interface Source {
  readonly name: string;
  readonly make: () => Promise<Int16Array>;
}

interface Made {
  readonly file: PromptFile;
  readonly rendered: boolean;
}

/** Prompts as files named after what is in them: rendered once, played by everybody. */
export class DiskPromptStore implements PromptStore, Recordings, SoundExaminer {
  readonly #options: PromptStoreOptions;
  readonly #underWay = new Map<string, { readonly made: Promise<Made>; readonly urgent: boolean }>();
  readonly #seen = new Map<string, { file: PromptFile; at: number }>();
  readonly #recordings: RecordingSources;
  #writes = 0;

  constructor(options: PromptStoreOptions) {
    // The media server knows no working directory of ours.
    this.#options = { ...options, dir: resolve(options.dir) };
    this.#recordings = new RecordingSources(options);
  }

  async ensure(refs: Iterable<PromptRef>, { onProgress, urgent = false }: EnsureOptions = {}): Promise<PromptBook> {
    const wanted = [...new Map(Array.from(refs, (ref) => [promptKey(ref), ref] as const))];
    const book = new Map<string, PromptFile>();
    let rendered = 0;
    let next = 0;
    const work = async () => {
      for (let entry = wanted[next++]; entry; entry = wanted[next++]) {
        const [key, ref] = entry;
        const made = await this.#one(ref, urgent);
        book.set(key, made.file);
        if (made.rendered) rendered += 1;
        onProgress?.({ done: book.size, total: wanted.length, rendered });
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: Math.min(this.#options.concurrency ?? 4, wanted.length) }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return book;
  }

  async check(file: string): Promise<RecordingReport> {
    try {
      const source = await this.#recordings.find(file, true);
      const { durationMs, findings } = await this.#options.pool.judge(await source.read());
      return { ...(durationMs !== undefined && { durationMs }), findings };
    } catch (error) {
      if (!(error instanceof Fault) || (error.code !== "prompt-missing" && error.code !== "prompt-unplayable")) throw error;
      const message = error.message.replace(`the recording ${file} `, "");
      const missing = error.code === "prompt-missing";
      return { findings: [missing ? this.#missing(message) : unplayable(message)] };
    }
  }

  async examine(file: Uint8Array): Promise<SoundReport> {
    try {
      return await this.#options.pool.judge(file);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "prompt-unplayable") throw error;
      return { findings: [unplayable(error.message)] };
    }
  }

  hasFile(name: string): Promise<boolean> {
    return this.#recordings.hasFile(name);
  }

  #missing(message: string): RecordingFinding {
    const place = this.#options.recordingsDir === undefined ? "Name the folder in prompts.recordingsDir." : "Put it there, or mend its name.";
    const fix = this.#options.uploaded ? `${place} Or upload it: carillon prompt add.` : place;
    return { code: "prompt-missing", severity: "error", message, fix };
  }

  /**
   * Removes prompts that nobody used for some time; who wants one later gets it anew. What a call may still play stays.
   * @param keepMs what was used within this time stays; at least a day
   */
  async prune(keepMs: number): Promise<{ removed: number; bytes: number }> {
    const pruned = await pruneFolder(this.#options.dir, this.#options.clock.now() - Math.max(keepMs, leastKeptMs));
    if (pruned.removed > 0) this.#seen.clear();
    return pruned;
  }

  get #mediaDir(): string {
    return this.#options.mediaDir ?? this.#options.dir;
  }

  async #one(ref: PromptRef, urgent: boolean): Promise<Made> {
    const source = "say" in ref ? this.#speech(ref.say, ref.language, urgent) : this.#recording(await this.#recordings.find(ref.file), urgent);
    const { name } = source;
    const now = this.#options.clock.now();
    const seen = this.#seen.get(name);
    if (seen && now - seen.at < trustMs) return { file: seen.file, rendered: false };
    const underWay = this.#underWay.get(name);
    // What waits in the queue of later calls is made once more for somebody on the line.
    if (underWay && (underWay.urgent || !urgent)) return { ...(await underWay.made), rendered: false };
    const entry = { made: this.#make(source), urgent };
    this.#underWay.set(name, entry);
    try {
      const made = await entry.made;
      this.#seen.delete(name);
      this.#seen.set(name, { file: made.file, at: now });
      const first = this.#seen.keys().next().value;
      if (this.#seen.size > maxRemembered && first !== undefined) this.#seen.delete(first);
      return made;
    } finally {
      if (this.#underWay.get(name) === entry) this.#underWay.delete(name);
    }
  }

  #speech(text: string, language: string, urgent: boolean): Source {
    const voice = voiceFor(this.#options.voices, language);
    return { name: hashed(format, "say", voice.identity, language, text), make: async () => (await voice.render(text, language, urgent)).samples };
  }

  /** Named after the bytes of the recording: another recording under its name is another file, and calls that play this one go on with it. */
  #recording({ file, sha256, read }: RecordingSource, urgent: boolean): Source {
    const make = async () => {
      try {
        return await this.#options.pool.convert(await read(), false, urgent);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== "prompt-unplayable") throw error;
        throw new Fault("prompt-unplayable", `the recording ${file} cannot be played: ${error.message}`, { cause: error, detail: { file } });
      }
    };
    return { name: hashed(format, "file", sha256), make };
  }

  async #make({ name, make }: Source): Promise<Made> {
    // Two levels, so that no folder holds a million files.
    const relative = join(name.slice(0, 2), `${name.slice(2)}.wav`);
    const path = join(this.#mediaDir, relative);
    const present = await this.#durationOf(relative);
    if (present !== undefined) return { file: { path, durationMs: present }, rendered: false };
    const samples = await make();
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
      if (now - mtimeMs > touchMs) {
        await file.utimes(now / 1000, now / 1000).catch(() => {});
        // Pruning may have taken it away between the opening and the mark; see prune.ts.
        if (!(await stat(path).catch(() => undefined))) return undefined;
      }
      return wholeDurationMs(buffer.subarray(0, bytesRead), size);
    } finally {
      await file.close();
    }
  }

  /** Written beside and renamed, so that nobody, in whatever process, ever sees half a prompt. */
  async #write(relative: string, bytes: Buffer): Promise<void> {
    const path = join(this.#options.dir, relative);
    const part = `${path}.${process.pid}.${this.#writes++}.part`;
    try {
      await makeFolder(dirname(path));
      await writeFile(part, bytes, { mode: 0o644 });
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
      throw new Fault("prompt-store", `prompts cannot be written to ${this.#options.dir}: ${fileTrouble(error)}`, { cause: error });
    }
  }
}

function unplayable(message: string): RecordingFinding {
  return { code: "prompt-unplayable", severity: "error", message: `cannot be played: ${message}`, fix: "Save it as a WAV file, 16-bit PCM." };
}

function hashed(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
