import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { RetentionOptions } from "./options.ts";
import type { RecordingFiles, RecordingStore, RetentionStore } from "./ports.ts";
import { cutOff, daysOf, type RetentionKind, retentionKinds } from "./retention.ts";

export interface RetentionParts {
  readonly store: RetentionStore;
  readonly recordings: RecordingStore;
  readonly files: RecordingFiles;
  readonly options: RetentionOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks. Default 60 s: within that a recording of somebody who was erased is gone. */
  readonly lookMs?: number;
}

/** Everything is looked through so often: nobody is kept for half a day too long. */
const passMs = 6 * 3_600_000;
const filesAtOnce = 200;

/** Takes away what is older than it may be, in small steps, each by one node. */
export class RetentionEngine {
  readonly #parts: RetentionParts;
  #end: (() => Promise<void>) | undefined;
  #ended = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** From now on by itself. */
  start(): void {
    const { clock, log, lookMs = 60_000 } = this.#parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "what is to be taken away after its time cannot be; trying on"),
    );
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#end?.();
  }

  /** Whatever nobody has seen to for some hours; may be called at any time. */
  async look(): Promise<void> {
    await this.#parts.store.sweep();
    const passes = await this.#parts.store.passes();
    const now = this.#parts.clock.now();
    await this.#each((kind) => passes.every((pass) => pass.kind !== kind || pass.at <= now - passMs));
  }

  /** Everything, at once. */
  async run(): Promise<void> {
    await this.#each(() => true);
  }

  async #each(isDue: (kind: RetentionKind) => boolean): Promise<void> {
    for (const kind of retentionKinds) {
      const days = daysOf(kind, this.#parts.options);
      // Campaigns may say how long their recordings are kept where the configuration does not.
      if ((days !== undefined || kind === "recordings") && isDue(kind)) await this.#pass(kind, days);
    }
    await this.removeFiles();
  }

  async #pass(kind: RetentionKind, days: number | undefined): Promise<void> {
    const { store, clock, log } = this.#parts;
    let removed = 0;
    while (!this.#ended) {
      const step = await store.step(kind, days === undefined ? undefined : cutOff(days, clock.now()), clock.now());
      // Another node is at it.
      if (step === undefined) return;
      removed += step.removed;
      if (step.done) break;
    }
    if (removed > 0) log.info({ kind, removed, days }, "what was older than it may be has been taken away");
  }

  /** Removes the files of recordings that are to go. One that cannot be removed is tried again at the next look. */
  async removeFiles(): Promise<void> {
    const { recordings, files, log } = this.#parts;
    while (!this.#ended) {
      const going = await recordings.going(filesAtOnce);
      const gone: string[] = [];
      for (const { id, file } of going) {
        try {
          await files.remove(file);
          gone.push(id);
        } catch (error) {
          log.warn({ err: error, recording: id }, "a recording cannot be removed; trying again");
        }
      }
      await recordings.gone(gone);
      if (going.length < filesAtOnce || gone.length === 0) return;
    }
  }
}
