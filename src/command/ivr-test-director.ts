import type { CaseEvent } from "../ivr/case.ts";
import { describe } from "../ivr/case-walk.ts";
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
  WebhookEnd,
  Webhooks,
} from "../ivr/ports.ts";
import type { Act } from "../lab/carrier/persona.ts";
import { durationOf } from "../voice/hold-session.ts";
import type { Directions } from "./ivr-test-party.ts";
import type { TestWebhooks } from "./ivr-test-webhooks.ts";

/** Who says nothing is waited for only so long: the silence is real, and a test need not last as long as somebody's patience. */
const silenceMs = 1200;
/** Between the first sound of a prompt and a key, or the hanging up. */
const reactionMs = 400;
const talkMs = 800;

/** Somebody a transfer leads to, or an agent. */
export interface TransferPeer {
  readonly number: string;
  readonly directions: Directions;
}

export interface DirectorParts {
  /** The person's line, as production has it. */
  readonly line: Caller;
  readonly events: readonly CaseEvent[];
  /** Where the script is. */
  readonly step: () => string;
  readonly person: Directions;
  readonly webhooks: TestWebhooks;
  /** Whoever answers the transfers and the queues, in turn, as the test has them end. */
  readonly peers: readonly TransferPeer[];
  /** A number that rings on. */
  readonly unanswered: string;
  /** Resolves when a second leg can be had: that a busy machine has none just now is no end of a transfer that a test could mean. */
  readonly makeRoom: () => Promise<void>;
}

/** Something that was played. `begun`: it was cut short; `perhaps`: it came after such a one. */
export interface Played {
  readonly file: PromptFile;
  readonly heard: "whole" | "begun" | "perhaps";
}

/**
 * Directs the called person of a test during a real call: each time the script wants something from the line, the person is told to
 * do what the test says. Everything then goes over the line itself. What is asked for passes through unchanged, but for what
 * would only take long.
 */
export class Director implements Caller {
  readonly #parts: DirectorParts;
  readonly #events: CaseEvent[];
  readonly #peers: TransferPeer[];
  #holding: Holding | undefined;
  /** Told of the next key that leads away. */
  #heard: (() => void) | undefined;
  #cut = false;
  /** Whom the transfer leads to, when the two are to talk. */
  #talker: TransferPeer | undefined;
  readonly played: Played[] = [];
  /** What kept the call from following the test. */
  stuck: string | undefined;
  /** Names of the recordings that were made. */
  readonly recordings = new Set<string>();

  constructor(parts: DirectorParts) {
    this.#parts = parts;
    this.#events = [...parts.events];
    this.#peers = [...parts.peers];
  }

  /** What the test says and the call did not come to. */
  get left(): readonly CaseEvent[] {
    return this.#events;
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    const [event] = this.#events;
    if (event?.kind === "hang-up" && this.#isHere(event)) {
      this.#events.shift();
      this.#tell(...hangUp);
    }
    // What is only heard waits for no key: one that works everywhere is pressed there when the test names the step.
    if (event?.kind === "keys" && event.at !== undefined && this.#isHere(event)) {
      this.#events.shift();
      this.#tell(...press(event.keys));
    }
    this.#cut = false;
    const end = await this.#parts.line.play(prompts);
    this.#note(prompts, end === "played" && !this.#cut);
    return end;
  }

  async collect(request: CollectRequest): Promise<Collected> {
    const event = this.#take("keys", ["keys", "silence"]);
    if (event?.kind === "keys") this.#tell(...pressing(request, event.keys));
    const silent = event?.kind === "silence";
    const { firstDigitMs } = request;
    this.#cut = false;
    const end = await this.#parts.line.collect(silent ? { ...request, firstDigitMs: Math.min(firstDigitMs, silenceMs) } : request);
    this.#note(request.prompts, "digits" in end && end.digits === "" && !this.#cut);
    return end;
  }

  async record(request: RecordRequest): Promise<RecordEnd> {
    const event = this.#take("somebody to speak", ["speak", "silence", "keys"]);
    if (event?.kind === "keys") this.#tell(...press(event.keys));
    if (event?.kind === "speak") {
      const { durationMs } = event;
      this.#tell(
        ...waitOut(request.prompts),
        { do: "hear-out", silenceMs: 500 },
        { do: "say", what: { speechMs: [durationMs, durationMs], exact: true } },
      );
    }
    this.#cut = false;
    const end = await this.#parts.line.record(request);
    this.#note(request.prompts, (end.end === "recorded" || end.end === "silent") && !this.#cut);
    if (end.end === "recorded") this.recordings.add(end.recording);
    return end;
  }

  hold(prompts: readonly PromptFile[]): Holding {
    this.#note(prompts, false);
    this.#holding = this.#parts.line.hold(prompts);
    return this.#holding;
  }

  async transfer(request: TransferRequest): Promise<TransferEnd> {
    const event = this.#take("the end of a transfer", ["transfer", "keys"]);
    this.#note(request.holdPrompts, false);
    if (event?.kind === "keys") {
      this.#tell(...press(event.keys));
      await this.#parts.makeRoom();
      return this.#parts.line.transfer({ ...request, to: [this.#parts.unanswered] });
    }
    return this.#ring(request, event?.kind === "transfer" && event.end === "talked");
  }

  /** The agent is somebody at a telephone, whoever finds them. */
  async queue({ positionPrompts, holdPrompts, whisperPrompts, maxWaitMs, withdraw }: QueueRequest): Promise<QueueEnd> {
    const heard = [...(positionPrompts?.(1) ?? []), ...holdPrompts];
    const silent = heard.length === 0;
    const event = this.#take("an agent", ["queue", "keys"], silent ? hangUp.slice(1) : hangUp);
    this.#note(heard, false);
    const pressed = event?.kind === "keys";
    if (pressed) this.#tell(...press(event.keys).slice(silent ? 1 : 0));
    const wanted = event?.kind === "queue" ? event.end : "no-agent";
    const rung = { to: [this.#parts.unanswered], ringTimeoutMs: maxWaitMs, holdPrompts: heard, whisperPrompts, withdraw };
    if (pressed) await this.#parts.makeRoom();
    const end = pressed ? await this.#parts.line.transfer(rung) : await this.#ring(rung, wanted === "talked");
    if (end === "talked" || end === "hung-up" || end === "lost" || end === "withdrawn") return end;
    return wanted === "nobody" ? "nobody" : "no-agent";
  }

  async #ring(request: TransferRequest, talks: boolean): Promise<TransferEnd> {
    const peer = this.#peers.shift();
    this.#talker = talks ? peer : undefined;
    await this.#parts.makeRoom();
    return this.#parts.line.transfer({ ...request, to: peer ? [peer.number] : request.to });
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#parts.line.listen(keys, (key) => {
      this.#cut = true;
      this.#heard?.();
      pressed(key);
    });
  }

  /** The two of the transfer are connected: whoever answered says what there is to say, and hangs up. */
  connected(): void {
    this.#talker?.directions.tell({ do: "wait", forMs: [talkMs, talkMs], exact: true }, { do: "hang-up" });
  }

  hangUp(): Promise<void> {
    return this.#parts.line.hangUp();
  }

  /** The webhooks, answered as the test says. */
  get webhooks(): Webhooks {
    const { webhooks } = this.#parts;
    return {
      configured: webhooks.configured,
      call: (name, body, timeoutMs) => {
        const event = this.#take(`the answer of the webhook ${name}`, ["webhook", "keys"]);
        if (event?.kind === "keys") webhooks.reply(this.#answerAfter(event.keys), this.#whenHeard());
        else webhooks.reply(event?.kind === "webhook" ? event.answer : { end: "left", gone: this.#holding?.left ?? Promise.resolve() });
        return webhooks.call(name, body, timeoutMs);
      },
    };
  }

  /** Has keys pressed that lead away from a webhook. @returns what it answers afterwards, if the test says so in its next line */
  #answerAfter(keys: string): WebhookEnd {
    this.#tell(...press(keys));
    const [event] = this.#events;
    if (event?.kind !== "webhook") return { end: "failed", reason: "the test says nothing about it" };
    this.#events.shift();
    return event.answer;
  }

  #whenHeard(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }

  #isHere({ at }: CaseEvent): boolean {
    return at === undefined || at === this.#parts.step();
  }

  /** The event that comes now, if it is of one of these kinds; the person hangs up when the test says so, or nothing that fits. */
  #take(wanted: string, kinds: readonly CaseEvent["kind"][], leave: readonly Act[] = hangUp): CaseEvent | undefined {
    const [event] = this.#events;
    if (event && this.#isHere(event) && (event.kind === "hang-up" || kinds.includes(event.kind))) {
      this.#events.shift();
      if (event.kind === "hang-up") this.#tell(...leave);
      return event;
    }
    const says = event ? `${describe(event)}${event.at === undefined ? "" : ` in ${event.at}`}` : "nothing more";
    this.stuck ??= `the call waits in ${this.#parts.step()} for ${wanted}, and the test says ${says}`;
    this.#tell({ do: "hang-up" });
    return undefined;
  }

  #tell(...acts: readonly Act[]): void {
    this.#parts.person.tell(...acts);
  }

  #note(prompts: readonly PromptFile[], whole: boolean): void {
    for (const [at, file] of prompts.entries()) this.played.push({ file, heard: whole ? "whole" : at === 0 ? "begun" : "perhaps" });
  }
}

const react: Act = { do: "wait", forMs: [reactionMs, reactionMs], exact: true };
/** Into whatever is heard, and where that is nothing, without the first. */
const hangUp: readonly Act[] = [{ do: "hear", forMs: [0, 0] }, react, { do: "hang-up" }];

/** The same with keys. */
const press = (keys: string): readonly Act[] => [{ do: "hear", forMs: [0, 0] }, react, { do: "press", oneOf: [keys] }];

/** From its first sound: when a prompt begins is the media server's affair. */
function waitOut(prompts: readonly PromptFile[]): readonly Act[] {
  if (prompts.length === 0) return [];
  const durationMs = durationOf(prompts);
  return [
    { do: "hear", forMs: [0, 0] },
    { do: "wait", forMs: [durationMs, durationMs], exact: true },
  ];
}

/** Into the prompt where it may be cut short, else after it. */
function pressing({ prompts, bargeIn }: CollectRequest, keys: string): readonly Act[] {
  if (bargeIn && prompts.length > 0) return press(keys);
  return [...waitOut(prompts), react, { do: "press", oneOf: [keys] }];
}
