import { readdirSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { encode, type Law } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";
import { join, silence, silenceStream, toneStream } from "../media/tone.ts";
import { readWav } from "../media/wav.ts";

/** A sound ready to be sent: encoded once per law, padded with silence to whole frames. */
export class Prompt {
  readonly samples: number;
  /** How often it plays; Infinity for ever. */
  readonly times: number;
  readonly #pcm: Int16Array;
  readonly #encoded = new Map<Law, Uint8Array>();

  constructor(pcm: Int16Array, times = 1) {
    this.#pcm = pcm;
    this.samples = pcm.length;
    this.times = times;
  }

  bytes(law: Law): Uint8Array {
    let bytes = this.#encoded.get(law);
    if (!bytes) {
      const padded = new Int16Array(Math.ceil(this.#pcm.length / frameSamples) * frameSamples);
      padded.set(this.#pcm);
      bytes = encode(law, padded);
      this.#encoded.set(law, bytes);
    }
    return bytes;
  }

  get pcm(): Int16Array {
    return this.#pcm;
  }
}

/** Sounds kept of either kind; those least lately played go first. A campaign may have a prompt of its own for every contact. */
const mostKept = 500;

/** Sounds remembered, so that a prompt played on a thousand calls is read and encoded once. A file that has changed is read again. */
export class PromptCache {
  readonly #musicFolder: () => string | undefined;
  readonly #streams = new Map<string, Prompt>();
  readonly #files = new Map<string, { modifiedMs: number; prompt: Prompt }>();

  /** @param musicFolder of local_stream://; without it there is no music */
  constructor(musicFolder: () => string | undefined = () => undefined) {
    this.#musicFolder = musicFolder;
  }

  /**
   * The sound of a path, or of silence_stream://, tone_stream://, local_stream://, file_string://one!two. {parameters} in front are ignored.
   * @returns undefined when FreeSWITCH could not open it either
   */
  find(name: string): Prompt | undefined {
    const bare = name.replace(/^\{[^}]*\}\s*/, "");
    try {
      if (bare.startsWith("file_string://")) return this.#joined(bare.slice("file_string://".length));
      if (bare.startsWith("silence_stream://")) return this.#stream(bare, silenceStream);
      if (bare.startsWith("tone_stream://")) return this.#stream(bare, toneStream);
      if (bare.startsWith("local_stream://")) return this.#music();
      return bare.includes("://") ? undefined : this.#file(bare);
    } catch {
      // Not there, no permission, no sound in it: to the dialplan it is all FILE NOT FOUND.
      return undefined;
    }
  }

  /** mod_dptools, file_string: parts that cannot be opened are passed over; none at all is no file. It begins with 250 ms of silence. */
  #joined(list: string): Prompt | undefined {
    const parts = list.split("!").map((part) => this.find(part));
    const found = parts.filter((part) => part !== undefined && part.times !== Number.POSITIVE_INFINITY);
    return found.length === 0 ? undefined : new Prompt(join([silence(250), ...found.map((part) => part?.pcm ?? new Int16Array(0))]));
  }

  /** mod_local_stream: all WAV files of the folder, one after the other, for ever. Here they begin anew for each listener. */
  #music(): Prompt | undefined {
    const folder = this.#musicFolder();
    if (folder === undefined) return undefined;
    const pieces = readdirSync(folder).filter((name) => name.endsWith(".wav"));
    return pieces.length === 0
      ? undefined
      : new Prompt(join(pieces.sort().map((name) => this.#file(joinPath(folder, name)).pcm)), Number.POSITIVE_INFINITY);
  }

  #stream(name: string, make: (line: string) => { pcm: Int16Array; times: number }): Prompt {
    let prompt = this.#streams.get(name);
    if (!prompt) {
      const { pcm, times } = make(name);
      prompt = new Prompt(pcm, times);
    }
    keep(this.#streams, name, prompt);
    return prompt;
  }

  #file(path: string): Prompt {
    const modifiedMs = statSync(path).mtimeMs;
    const known = this.#files.get(path);
    const prompt = known?.modifiedMs === modifiedMs ? known.prompt : new Prompt(readWav(readFileSync(path)));
    keep(this.#files, path, { modifiedMs, prompt });
    return prompt;
  }
}

/** Puts it last in the map's order, and the first out when there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostKept && oldest !== undefined) map.delete(oldest);
}
