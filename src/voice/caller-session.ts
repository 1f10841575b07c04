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
import { durationOf, guardSlackMs, hold } from "./hold-session.ts";
import type { Dialog, DialogEnd, Endpoint } from "./ports.ts";

/** The tone before a recording, and the second by which a media server may overstep a limit given in whole ones. */
const recordSlackMs = 1500;

/** The person who is transferred, or waits for an agent. */
export interface Person {
  readonly endpoint: Endpoint;
  /** Resolves when the person is not there any more. */
  readonly left: Promise<Broken>;
}

/** Who answered a call that was placed for a conversation. */
export interface FarSide {
  readonly endpoint: Endpoint;
  readonly dialog: Pick<Dialog, "id" | "ended">;
  /** Resolves when the endpoint is gone. */
  readonly gone: Promise<void>;
}

/** Places the second leg of a transfer and lives until one of the two hangs up. */
export interface Transfer {
  /** @param talk what is done with whoever answers, instead of connecting the person; the second leg is ended when it resolves */
  (request: TransferRequest, person: Person, talk?: (far: FarSide) => Promise<void>): Promise<TransferEnd>;
  /** Why that number (E.164) cannot be called for this person, for people; undefined when it can, for all that is known now. */
  readonly refusal?: (to: string) => Promise<string | undefined>;
}

/** Has the person wait for an agent, and lives until the two are parted or nobody was there. */
export type Queue = (request: QueueRequest, person: Person) => Promise<QueueEnd>;

/** Where there are no agents. */
export const nobodyThere: Queue = async () => "nobody";

/** The person on an answered leg. Every action leaves a guard behind that outlives this process. */
export class LineCaller implements Caller {
  readonly #endpoint: Endpoint;
  readonly #dialog: Dialog;
  readonly #transfer: Transfer;
  readonly #queue: Queue;
  /** Resolves when the person is not there any more. */
  readonly left: Promise<Broken>;

  constructor(endpoint: Endpoint, dialog: Dialog, transfer: Transfer, queue: Queue = nobodyThere) {
    this.#endpoint = endpoint;
    this.#dialog = dialog;
    this.#transfer = transfer;
    this.#queue = queue;
    // The far BYE and the end of our channel may come in either order: who hung up is what the dialog says.
    this.left = Promise.race([dialog.ended.then(brokenBy), endpoint.gone.then((): Broken => "lost")]);
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    this.#guard(durationOf(prompts));
    const end = await Promise.race([this.#endpoint.play(prompts), this.left]);
    return end === "lost" ? this.#why() : end;
  }

  async collect(request: CollectRequest): Promise<Collected> {
    this.#guard(durationOf(request.prompts) + request.firstDigitMs + request.maxDigits * request.interDigitMs);
    const collected = await Promise.race([this.#endpoint.collect(request), this.left.then((end) => ({ end }))]);
    return collected.end === "lost" ? { end: await this.#why() } : collected;
  }

  async record(request: RecordRequest): Promise<RecordEnd> {
    this.#guard(durationOf(request.prompts) + request.maxMs + recordSlackMs);
    const recording = this.#endpoint.record(request);
    const ended = await Promise.race([recording, this.left.then((end) => ({ end }))]);
    if (ended.end === "lost") return { end: await this.#why() };
    if (ended.end !== "hung-up") return ended;
    // Our channel does not know yet that nobody is there: what was said until now is kept.
    await this.#endpoint.stop();
    const said = await recording;
    return said.end === "recorded" ? { end: "hung-up", said: { recording: said.recording, durationMs: said.durationMs } } : { end: "hung-up" };
  }

  hold(prompts: readonly PromptFile[]): Holding {
    return hold(this.#endpoint, prompts, this.left);
  }

  transfer(request: TransferRequest): Promise<TransferEnd> {
    return this.#transfer(request, { endpoint: this.#endpoint, left: this.left });
  }

  queue(request: QueueRequest): Promise<QueueEnd> {
    return this.#queue(request, { endpoint: this.#endpoint, left: this.left });
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#endpoint.listen(keys, pressed);
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
