import type { ScriptReader } from "./reader-ports.ts";
import type { ScriptInUse, ScriptStore } from "./script-ports.ts";

/** A version of a script that calls may still run, and the recordings that it names. */
export interface PromptUser extends ScriptInUse {
  readonly recordings: readonly string[];
}

/** Which scripts name which recordings. A version never changes, and is read once. */
export class PromptUsers {
  readonly #store: Pick<ScriptStore, "inUse" | "find">;
  readonly #reader: Pick<ScriptReader, "outline">;
  readonly #recordings = new Map<string, readonly string[]>();

  constructor(store: Pick<ScriptStore, "inUse" | "find">, reader: Pick<ScriptReader, "outline">) {
    this.#store = store;
    this.#reader = reader;
  }

  /** Every version that calls may still run, with what it plays. @throws the faults of ScriptReader */
  async all(): Promise<readonly PromptUser[]> {
    const inUse = await this.#store.inUse();
    const users: PromptUser[] = [];
    for (const version of inUse) users.push({ ...version, recordings: await this.#recordingsOf(version) });
    const ids = new Set(inUse.map(({ id }) => id));
    for (const id of this.#recordings.keys()) if (!ids.has(id)) this.#recordings.delete(id);
    return users;
  }

  /** Those that name it. */
  async of(name: string): Promise<readonly PromptUser[]> {
    return (await this.all()).filter(({ recordings }) => recordings.includes(name));
  }

  async #recordingsOf({ id, name, version }: ScriptInUse): Promise<readonly string[]> {
    const known = this.#recordings.get(id);
    if (known) return known;
    const source = (await this.#store.find(id))?.source;
    const outline = source === undefined ? undefined : await this.#reader.outline({ file: `${name} version ${version}`, source });
    // One that cannot be read any more cannot be run either.
    const recordings = outline?.known?.recordings ?? [];
    this.#recordings.set(id, recordings);
    return recordings;
  }
}
