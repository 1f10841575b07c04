import {
  type Arrangement,
  arrangement,
  beginning,
  type Conversation,
  type ConversationEvent,
  type ConversationOrder,
  converseOn,
  hasThird,
  type Party,
} from "../agent/conversation.ts";
import { defaultGraceMs } from "../agent/desk-engine.ts";
import type { Holding, PromptFile } from "../ivr/ports.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { FarSide } from "./caller-session.ts";
import type { DeskCall } from "./desk-call.ts";
import { Arranging } from "./desk-call-media-session.ts";
import { type Goal, sendOn } from "./desk-call-transfer-session.ts";
import { hold } from "./hold-session.ts";
import type { AgentLine } from "./queue-ports.ts";

export interface ConversationParts {
  readonly line: AgentLine;
  /** What those hear who are held, where their script has nothing for it. Never empty. */
  readonly holdPrompts: readonly PromptFile[];
  /** How long a number rings. */
  readonly ringTimeoutMs: number;
  /** Whether the agent's program is connected to this node. */
  readonly isHere: (agentId: string) => boolean;
  /** How long it may be gone before whoever is held for it goes on without. Default: as for everything else, `defaultGraceMs`. */
  readonly graceMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an agent orders. Numbers are E.164. */
export type CallOrder =
  | { readonly kind: Exclude<ConversationOrder["kind"], "consult" | "transfer" | "press"> }
  | { readonly kind: "press"; readonly keys: string }
  | { readonly kind: "consult"; readonly number: string }
  | { readonly kind: "transfer"; readonly to: Goal };

const watchMs = 500;

/** Somebody whom the agent has brought in, until they are let go. */
interface Third {
  readonly far: FarSide;
  readonly release: () => void;
  readonly gone: Promise<string>;
}

/** One conversation of an agent, as the agent leads it: on hold, with a third, sent on. Orders are carried out one after the other. */
export class ConversationSession {
  readonly #call: DeskCall;
  readonly #parts: ConversationParts;
  readonly #log: Log;
  readonly #media: Arranging;
  readonly #holds = new Map<Party, Holding>();
  #now: Conversation = beginning;
  #third: Third | undefined;
  /** Takes back whatever rings. */
  #ringing: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();
  /** The agent is out of it: nothing more can be ordered. */
  #out = false;
  #watching: Timer | undefined;

  constructor(call: DeskCall, parts: ConversationParts) {
    this.#call = call;
    this.#parts = parts;
    this.#log = parts.log.child({ agent: call.agentId, attempt: call.attemptId });
    this.#media = new Arranging(call, parts.clock);
    call.settle = () => this.#settle();
  }

  /** @throws Fault `agent-state` or `call-refused`, with what to do */
  async order(order: CallOrder): Promise<void> {
    await this.#refuse(order);
    if (this.#out) throw new Fault("agent-state", "The conversation is over.");
    const event: ConversationEvent = order.kind === "consult" ? { kind: "consult", third: order.number } : { kind: order.kind };
    const move = converseOn(this.#now, event);
    if ("refused" in move) throw new Fault("agent-state", move.refused);
    this.#log.info({ order: order.kind }, "an agent leads a conversation");
    if ("now" in move) return await this.#become(move.now, order);
    this.#out = true;
    if (move.out === "third") this.#call.handOver(() => this.#withThird());
    else if (order.kind === "transfer") this.#call.handOver(() => this.#elsewhere(order.to));
    else this.#call.hangUp();
  }

  /** What can be known before anything is done. */
  async #refuse(order: CallOrder): Promise<void> {
    const { transfer } = this.#call.asking;
    const number = order.kind === "consult" ? order.number : order.kind === "transfer" && "number" in order.to ? order.to.number : undefined;
    if (number === undefined) return;
    const refused = transfer?.refusal ? await transfer.refusal(number) : "Numbers outside cannot be called from this conversation.";
    if (refused !== undefined) throw new Fault("call-refused", refused);
  }

  /** @returns when it is so */
  async #become(now: Conversation, order?: CallOrder): Promise<void> {
    const before = this.#now;
    this.#now = now;
    if (!hasThird(now.stage)) this.#dismiss(order?.kind === "consult");
    this.#call.whenAgentLeaves = hasThird(now.stage) ? () => this.#withThird() : undefined;
    this.#watch(0);
    const ledBack = (before.stage === "dialling" || hasThird(before.stage)) && now.stage !== "dialling" && !hasThird(now.stage);
    if (ledBack) this.#noteAgent();
    await this.#do(async () => {
      if (before.muted !== now.muted) await this.#call.leg.endpoint.mute(now.muted);
      if (order?.kind === "press") await this.#far().press(order.keys);
      await this.#arrange(arrangement(now));
    });
    if (JSON.stringify(before) !== JSON.stringify(now)) this.#call.show({ conversation: this.#now });
    if (order?.kind === "consult" && this.#now === now) this.#dial(order.number);
  }

  /** While the person waits: nobody waits for an agent who cannot take them back. @param goneMs for how long the program has been gone */
  #watch(goneMs: number): void {
    const { clock, isHere, graceMs = defaultGraceMs } = this.#parts;
    this.#watching?.cancel();
    if (this.#out || !arrangement(this.#now).waiting.includes("person")) return;
    this.#watching = clock.after(watchMs, () => {
      const missingMs = isHere(this.#call.agentId) ? 0 : goneMs + watchMs;
      if (missingMs <= graceMs) return this.#watch(missingMs);
      this.#log.warn({ stage: this.#now.stage }, "an agent's program is gone while somebody is held for it");
      if (hasThird(this.#now.stage)) this.#call.handOver(() => this.#withThird());
      else this.#call.hangUp();
    });
  }

  /** Who hears the keys: whoever the agent talks to. */
  #far() {
    return this.#now.stage === "consulting" && this.#third ? this.#third.far.endpoint : this.#call.person.endpoint;
  }

  async #arrange({ together, waiting }: Arrangement): Promise<void> {
    for (const [party, holding] of this.#holds) {
      if (waiting.includes(party)) continue;
      this.#holds.delete(party);
      await holding.stop();
    }
    await this.#media.part(together);
    for (const party of waiting) if (!this.#holds.has(party)) this.#hold(party);
    await this.#media.join(together);
  }

  #hold(party: Party): void {
    const { person, request } = this.#call;
    const endpoint = party === "person" ? person.endpoint : this.#third?.far.endpoint;
    const left = party === "person" ? person.left : this.#third?.gone.then(() => "hung-up" as const);
    const prompts = request.holdPrompts.length > 0 ? request.holdPrompts : this.#parts.holdPrompts;
    if (endpoint && left) this.#holds.set(party, hold(endpoint, prompts, left));
  }

  #dial(number: string): void {
    const { asking, leg, person } = this.#call;
    const ringing = new AbortController();
    this.#ringing = ringing;
    const { ringTimeoutMs } = this.#parts;
    const request = { to: [number], ringTimeoutMs, holdPrompts: [], whisperPrompts: [], withdraw: ringing.signal };
    const agent = { endpoint: leg.endpoint, left: person.left };
    void asking
      .transfer?.(request, agent, (far) => this.#comes(far, ringing.signal))
      .then((end) => {
        if (this.#ringing !== ringing) return;
        this.#ringing = undefined;
        this.#happens({ kind: "third-gone", why: whyGone[end] ?? "could not be reached" });
      });
  }

  /** Resolves when the third is to be let go. */
  async #comes(far: FarSide, withdrawn: AbortSignal): Promise<void> {
    if (withdrawn.aborted || this.#out) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const gone = Promise.race([far.dialog.ended.then(() => "hung up"), far.endpoint.gone.then(() => "was lost")]);
    const third: Third = { far, release: resolve, gone };
    this.#third = third;
    this.#media.third = far.endpoint;
    gone.then((why) => {
      if (this.#third === third && !this.#out) this.#happens({ kind: "third-gone", why });
      resolve();
    });
    this.#happens({ kind: "third-here" });
    await promise;
  }

  #happens(event: ConversationEvent): void {
    if (this.#out) return;
    const move = converseOn(this.#now, event);
    if ("now" in move && move.now !== this.#now) void this.#become(move.now).catch(() => undefined);
  }

  /** The call of the third stood in the agent's place, for whoever clears up after us. */
  #noteAgent(): void {
    const { asking, leg } = this.#call;
    void asking.note("connected", { dialogId: leg.dialog.id, mediaServer: leg.endpoint.mediaServer, endpointId: leg.endpoint.id });
  }

  /** Whoever was brought in, or rings, is let go. */
  #dismiss(ringsNext: boolean): void {
    const third = this.#third;
    this.#third = undefined;
    if (this.#now.stage !== "dialling" || ringsNext) {
      this.#ringing?.abort();
      this.#ringing = undefined;
    }
    if (!third) return;
    this.#holds.get("third")?.stop();
    this.#holds.delete("third");
    third.release();
  }

  /** The agent is gone, and the two talk on. @returns when one of them has left */
  async #withThird(): Promise<void> {
    this.#out = true;
    const { person, asking } = this.#call;
    const third = this.#third;
    if (!third) return;
    await this.#do(() => this.#arrange({ together: ["person", "third"], waiting: [] }));
    const { id: endpointId, mediaServer } = third.far.endpoint;
    void asking.note("connected", { dialogId: third.far.dialog.id, mediaServer, endpointId });
    asking.mediaEvent?.("bridge", `with ${endpointId} on ${mediaServer}, by an agent who has left them together`);
    const why = await Promise.race([third.gone, person.left.then(() => "the person has left")]);
    asking.mediaEvent?.("unbridge", why);
    await person.endpoint.unbridge();
    third.release();
  }

  async #elsewhere(to: Goal): Promise<void> {
    await this.#do(() => this.#arrange({ together: [], waiting: [] }));
    await sendOn(this.#call, to, this.#parts, this.#log);
  }

  /** The agent is about to be given back, and the person to go on: nothing of this is in their way then. */
  async #settle(): Promise<void> {
    this.#watching?.cancel();
    const handedOn = this.#out;
    this.#out = true;
    if (!handedOn) this.#now = { ...this.#now, stage: "talking" };
    if (!handedOn) this.#dismiss(false);
    await this.#work;
    if (!handedOn) {
      await Promise.all([...this.#holds.values()].map((holding) => holding.stop()));
      this.#holds.clear();
    }
    this.#media.close();
    if (this.#now.muted) await this.#call.leg.endpoint.mute(false);
  }

  /** What is ordered is done in its order. Rejects when it could not be done; the person is not left in silence then. */
  #do(doing: () => Promise<void>): Promise<void> {
    const done = this.#work.then(doing);
    this.#work = done.catch((error: unknown) => {
      this.#log.error({ err: error }, "a conversation could not be led on");
      this.#call.hangUp();
    });
    return done.catch((error: unknown) => {
      throw new Fault("conversation-failed", "That could not be done: the media server did not follow.", {
        retryable: true,
        cause: toFault(error, "internal"),
      });
    });
  }
}

const whyGone: Readonly<Record<string, string>> = {
  busy: "is busy",
  "no-answer": "did not answer",
  failed: "could not be reached",
  talked: "hung up",
  withdrawn: "was not wanted any more",
  lost: "was lost",
};
