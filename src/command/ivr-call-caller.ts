import type {
  Broken,
  Caller,
  Collected,
  CollectRequest,
  Holding,
  PromptFile,
  QueueEnd,
  QueueRequest,
  RecordEnd,
  RecordRequest,
  TransferEnd,
  TransferRequest,
} from "../ivr/ports.ts";

export interface ShownCallerParts {
  /** The person's line, as production has it. */
  readonly line: Caller;
  /** What a file says. */
  readonly textOf: (file: PromptFile) => string;
  /** Whether the keys that are waited for now are nobody's business. */
  readonly secret: () => boolean;
  readonly show: (line: string) => void;
}

/** The person on the line of `carillon ivr call`: whatever is heard and pressed is shown, and nobody else is called. */
export class ShownCaller implements Caller {
  readonly #parts: ShownCallerParts;

  constructor(parts: ShownCallerParts) {
    this.#parts = parts;
  }

  play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    this.#hears(prompts);
    return this.#parts.line.play(prompts);
  }

  async collect(request: CollectRequest): Promise<Collected> {
    this.#hears(request.prompts);
    const end = await this.#parts.line.collect(request);
    if ("digits" in end) this.#parts.show(`> ${end.digits === "" ? "silence" : this.#parts.secret() ? "*".repeat(end.digits.length) : end.digits}`);
    return end;
  }

  async record(request: RecordRequest): Promise<RecordEnd> {
    this.#hears(request.prompts);
    const end = await this.#parts.line.record(request);
    if (end.end === "recorded") this.#parts.show(`> ${(end.durationMs / 1000).toFixed(1)} s spoken, kept as ${end.recording}`);
    if (end.end === "silent") this.#parts.show("> silence");
    return end;
  }

  hold(prompts: readonly PromptFile[]): Holding {
    this.#hears(prompts);
    return this.#parts.line.hold(prompts);
  }

  async transfer({ to, holdPrompts, withdraw }: TransferRequest): Promise<TransferEnd> {
    this.#hears(holdPrompts);
    const end = await this.#parts.line.play(holdPrompts);
    if (end !== "played") return end;
    if (withdraw.aborted) return "withdrawn";
    this.#parts.show(`transfer to ${to.join(", ")}: not carried out, it goes on as if it had failed`);
    return "failed";
  }

  async queue({ group, positionPrompts, holdPrompts, withdraw }: QueueRequest): Promise<QueueEnd> {
    const heard = [...(positionPrompts?.(1) ?? []), ...holdPrompts];
    this.#hears(heard);
    const end = heard.length === 0 ? "played" : await this.#parts.line.play(heard);
    if (end !== "played") return end;
    if (withdraw.aborted) return "withdrawn";
    this.#parts.show(`queue for ${group === "campaign" ? "the campaign's agents" : group}: nobody is asked, it goes on as if no agent had been free`);
    return "no-agent";
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#parts.line.listen(keys, (key) => {
      this.#parts.show(`> ${key}`);
      pressed(key);
    });
  }

  hangUp(): Promise<void> {
    return this.#parts.line.hangUp();
  }

  #hears(prompts: readonly PromptFile[]): void {
    for (const file of prompts) {
      const text = this.#parts.textOf(file);
      this.#parts.show(text.startsWith("file:") ? `[${text.slice("file:".length)}]` : `“${text}”`);
    }
  }
}
