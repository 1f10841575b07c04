import type { PromptFile, QueueRequest } from "../ivr/ports.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { Person } from "./caller-session.ts";
import { durationOf, guardSlackMs } from "./hold-session.ts";
import type { Endpoint } from "./ports.ts";

export interface QueueHoldParts {
  readonly position: () => number | undefined;
  /** For how long there may be silence, at most, where there is nothing to hear. */
  readonly silentMs: () => number;
  readonly clock: Clock;
}

type Heard = Pick<QueueRequest, "holdPrompts" | "positionPrompts" | "positionEveryMs">;

/**
 * What somebody hears who waits for an agent: the hold prompts again and again, and between them how far they have come, at the beginning and whenever that is due.
 * Each piece has a guard of its length, so that a process that hangs leaves nobody in silence.
 */
export class QueueHolding {
  readonly #endpoint: Endpoint;
  readonly #heard: Heard;
  readonly #parts: QueueHoldParts;
  #due: boolean;
  #playing = false;
  #stopped = false;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  readonly #unheard = Promise.withResolvers<"lost">();
  /** Resolves when they hear nothing of what they should: it cannot be played. Nobody waits in silence then. */
  readonly lost: Promise<"lost"> = this.#unheard.promise;

  constructor({ endpoint }: Person, heard: Heard, parts: QueueHoldParts) {
    this.#endpoint = endpoint;
    this.#heard = heard;
    this.#parts = parts;
    this.#due = heard.positionPrompts !== undefined;
    this.#start();
  }

  /** Resolves when nothing is heard any more; harmless when it is called again. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#stopping ??= this.#endpoint.stop().then(() => this.#running);
    return this.#stopping;
  }

  #start(): void {
    this.#running = this.#play().catch(() => undefined);
  }

  async #play(): Promise<void> {
    this.#playing = true;
    for (let prompts = this.#next(); prompts.length > 0 && !this.#stopped; prompts = this.#next()) {
      this.#guard(durationOf(prompts));
      if ((await this.#endpoint.play(prompts)) !== "played") return this.#unheard.resolve("lost");
    }
    this.#playing = false;
    if (!this.#stopped) this.#guard(this.#parts.silentMs());
  }

  #next(): readonly PromptFile[] {
    const { holdPrompts, positionPrompts } = this.#heard;
    if (!this.#due || this.#stopped) return holdPrompts;
    this.#due = false;
    this.#remind();
    const at = this.#parts.position();
    const said = at === undefined ? undefined : positionPrompts?.(at);
    return said && said.length > 0 ? said : holdPrompts;
  }

  #remind(): void {
    const { positionEveryMs } = this.#heard;
    if (positionEveryMs === undefined) return;
    this.#timer = this.#parts.clock.after(positionEveryMs, () => {
      this.#due = true;
      // What plays may be long.
      if (this.#playing) void this.#endpoint.stop();
      else this.#start();
    });
  }

  #guard(forMs: number): void {
    void this.#endpoint.guard(forMs + guardSlackMs);
  }
}
