import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type PromptBook, type PromptFile, type PromptRef, type PromptStore, promptKey } from "./ports.ts";

/** Somebody on the line hears nothing while a prompt is made: longer than that and they hear the goodbye. */
const patienceMs = 1500;

/** The prompts of one call: those made ready before it, and those that are made during it of what the person answers. */
export class ReadyPrompts {
  readonly #prepared: (ref: PromptRef) => PromptFile | undefined;
  readonly #store: PromptStore;
  readonly #clock: Clock;
  readonly #made = new Map<string, PromptFile>();

  constructor(prepared: (ref: PromptRef) => PromptFile | undefined, store: PromptStore, clock: Clock) {
    this.#prepared = prepared;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The files of these prompts, in their order.
   * @throws Fault `prompt-late` when they are not ready in time, and those of PromptStore.ensure
   */
  async files(refs: readonly PromptRef[]): Promise<PromptFile[]> {
    const missing = refs.filter((ref) => !this.#find(ref));
    if (missing.length > 0) await this.#inTime(this.#make(missing));
    return refs.map((ref) => {
      const file = this.#find(ref);
      if (!file) throw new Fault("prompt-missing", "a prompt could not be made ready");
      return file;
    });
  }

  /** The files of these prompts, in their order, as far as all of them are ready at this moment. */
  found(refs: readonly PromptRef[]): PromptFile[] | undefined {
    const files = refs.flatMap((ref) => this.#find(ref) ?? []);
    return files.length < refs.length ? undefined : files;
  }

  /** Begins to make prompts that may be wanted soon. */
  warm(refs: readonly PromptRef[]): void {
    const missing = refs.filter((ref) => !this.#find(ref));
    // Whoever really wants it will hear of the fault.
    if (missing.length > 0) this.#make(missing).catch(() => {});
  }

  #find(ref: PromptRef): PromptFile | undefined {
    return this.#made.get(promptKey(ref)) ?? this.#prepared(ref);
  }

  async #make(refs: readonly PromptRef[]): Promise<void> {
    const book: PromptBook = await this.#store.ensure(refs, { urgent: true });
    for (const [key, file] of book) this.#made.set(key, file);
  }

  async #inTime(work: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(patienceMs, () =>
      late.reject(new Fault("prompt-late", `a prompt made of answers was not ready within ${patienceMs / 1000} s`, { retryable: true })),
    );
    try {
      await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
      work.catch(() => {});
    }
  }
}
