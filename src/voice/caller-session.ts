import type { Broken, Caller, Collected, CollectRequest, PromptFile, TransferEnd, TransferRequest } from "../ivr/ports.ts";
import type { Dialog, DialogEnd, Endpoint } from "./ports.ts";

/**
 * The media server says goodbye by itself this long after an action should have ended: only a hanging or dead process
 * gets there, because the next action sets the guard anew. Longer than the goodbye: one that began because the process
 * died must not be cut by the guard, and begin again.
 */
const guardSlackMs = 4000;

/** The person who is transferred. */
export interface Person {
  readonly endpoint: Endpoint;
  /** Resolves when the person is not there any more. */
  readonly left: Promise<Broken>;
}

/** Places the second leg of a transfer and lives until one of the two hangs up. */
export type Transfer = (request: TransferRequest, person: Person) => Promise<TransferEnd>;

/** The person on an answered leg. Every action leaves a guard behind that outlives this process. */
export class LineCaller implements Caller {
  readonly #endpoint: Endpoint;
  readonly #dialog: Dialog;
  readonly #transfer: Transfer;
  /** Resolves when the person is not there any more. */
  readonly left: Promise<Broken>;

  constructor(endpoint: Endpoint, dialog: Dialog, transfer: Transfer) {
    this.#endpoint = endpoint;
    this.#dialog = dialog;
    this.#transfer = transfer;
    // The far BYE and the end of our channel may come in either order: who hung up is what the dialog says.
    this.left = Promise.race([dialog.ended.then(brokenBy), endpoint.gone.then((): Broken => "lost")]);
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    this.#guard(length(prompts));
    const end = await Promise.race([this.#endpoint.play(prompts), this.left]);
    return end === "lost" ? this.#why() : end;
  }

  async collect(request: CollectRequest): Promise<Collected> {
    this.#guard(length(request.prompts) + request.firstDigitMs + request.maxDigits * request.interDigitMs);
    const collected = await Promise.race([this.#endpoint.collect(request), this.left.then((end) => ({ end }))]);
    return collected.end === "lost" ? { end: await this.#why() } : collected;
  }

  transfer(request: TransferRequest): Promise<TransferEnd> {
    return this.#transfer(request, { endpoint: this.#endpoint, left: this.left });
  }

  async hangUp(): Promise<void> {
    await this.#dialog.end();
  }

  /** Sent ahead of the action on the same socket, so nobody waits for its answer. */
  #guard(expectedMs: number): void {
    this.#endpoint.guard(expectedMs + guardSlackMs);
  }

  /** Our channel broke; when the person hung up at that very moment, the BYE is on its way to us. */
  async #why(): Promise<Broken> {
    return Promise.race([this.#dialog.ended.then(brokenBy), new Promise<Broken>((resolve) => setImmediate(resolve, "lost"))]);
  }
}

function brokenBy(end: DialogEnd): Broken {
  return end.by === "lost" ? "lost" : "hung-up";
}

function length(prompts: readonly PromptFile[]): number {
  return prompts.reduce((sum, prompt) => sum + prompt.durationMs, 0);
}
