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
  type Stage,
} from "../agent/conversation.ts";
import { defaultGraceMs } from "../agent/desk-engine.ts";
import type { Holding, PromptFile } from "../ivr/ports.ts";
import { pause } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { FarSide } from "./caller-session.ts";
import type { DeskCall } from "./desk-call.ts";
import { type Colleague, type Consulted, type ConsultParts, consult, dialOut, nameOf, type Third, takeOver } from "./desk-call-consult-session.ts";
import { Arranging } from "./desk-call-media-session.ts";
import { type Goal, sendOn } from "./desk-call-transfer-session.ts";
import { HoldWatch } from "./desk-call-watch-session.ts";
import { hold } from "./hold-session.ts";

export interface ConversationParts extends ConsultParts {
  /** What those hear who are held, where their script has nothing for it. Never empty. */
  readonly holdPrompts: readonly PromptFile[];
  readonly consulted: Consulted;
  /** Whether the agent's program is connected to this node. */
  readonly isHere: (agentId: string) => boolean;
  /** How long it may be gone before whoever is held for it goes on without. Default: as for everything else, `defaultGraceMs`. */
  readonly graceMs?: number;
  /** How long a person may be left waiting. */
  readonly holdLimitMs: number;
}

/** What an agent orders. Numbers are E.164. */
export type CallOrder =
  | { readonly kind: Exclude<ConversationOrder["kind"], "consult" | "transfer" | "press"> }
  | { readonly kind: "press"; readonly keys: string }
  | { readonly kind: "consult"; readonly to: Goal }
  | { readonly kind: "transfer"; readonly to: Goal };

/** How the person is taken back. */
const backBy: Partial<Record<Stage, "resume" | "cancel" | "swap">> = { held: "resume", dialling: "cancel", consulting: "swap" };
/** Media servers that do not answer are not waited for longer than that. */
const settleMs = 3000;

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
  readonly #watch: HoldWatch;

  constructor(call: DeskCall, parts: ConversationParts) {
    this.#call = call;
    this.#parts = parts;
    this.#log = parts.log.child({ agent: call.agentId, attempt: call.attemptId });
    this.#media = new Arranging(call, parts.clock);
    const { clock, graceMs = defaultGraceMs, holdLimitMs, isHere } = parts;
    this.#watch = new HoldWatch({
      ...{ clock, graceMs, holdLimitMs, isHere: () => isHere(call.agentId) },
      ...{ gone: () => this.#leaveAlone(), long: () => this.#show("long-wait"), over: () => this.#takeBack() },
    });
    call.settle = () => this.#settle();
  }

  /** @throws Fault `agent-state` or `call-refused`, with what to do */
  async order(order: CallOrder): Promise<void> {
    await this.#refuse(order);
    const event: ConversationEvent = order.kind === "consult" ? { kind: "consult", third: await this.#nameOf(order.to) } : { kind: order.kind };
    // It may have ended while that was read.
    if (this.#out) throw new Fault("agent-state", "The conversation is over.");
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
    if (order.kind !== "consult" && order.kind !== "transfer") return;
    const { to } = order;
    if (!("number" in to)) return;
    const refused = transfer?.refusal ? await transfer.refusal(to.number) : "Numbers outside cannot be called from this conversation.";
    if (refused !== undefined) throw new Fault("call-refused", refused);
  }

  async #nameOf(to: Goal): Promise<string> {
    return "number" in to ? to.number : await nameOf(to, this.#parts);
  }

  /** @returns when it is so */
  async #become(now: Conversation, order?: CallOrder): Promise<void> {
    const before = this.#now;
    this.#now = now;
    if (!hasThird(now.stage)) this.#dismiss(order?.kind === "consult");
    this.#call.whenAgentLeaves = hasThird(now.stage) ? () => this.#withThird() : undefined;
    this.#watchHold();
    const ledBack = (before.stage === "dialling" || hasThird(before.stage)) && now.stage !== "dialling" && !hasThird(now.stage);
    if (ledBack) this.#noteAgent();
    await this.#do(async () => {
      if (before.muted !== now.muted) await this.#call.leg.endpoint.mute(now.muted);
      if (order?.kind === "press") await this.#far().press(order.keys);
      await this.#arrange(arrangement(now));
    });
    if (JSON.stringify(before) !== JSON.stringify(now)) this.#show();
    if (order?.kind === "consult" && this.#now === now) this.#bringIn(order.to);
  }

  #watchHold(): void {
    if (this.#out || !arrangement(this.#now).waiting.includes("person")) this.#watch.end();
    else this.#watch.begin();
  }

  #leaveAlone(): void {
    this.#log.warn({ stage: this.#now.stage }, "an agent's program is gone while somebody is held for it");
    if (hasThird(this.#now.stage)) this.#call.handOver(() => this.#withThird());
    else this.#call.hangUp();
  }

  #takeBack(): void {
    const kind = backBy[this.#now.stage];
    const move = kind && converseOn(this.#now, { kind });
    if (!move || !("now" in move)) return;
    this.#log.info({ stage: this.#now.stage }, "somebody who is held is taken back: for as long as they may be, or they cannot hear it");
    void this.#become(move.now, { kind }).then(
      () => this.#show("taken-back"),
      () => undefined,
    );
  }

  #show(notice?: Conversation["notice"]): void {
    this.#call.show({ conversation: { ...this.#now, ...(notice && { notice }) } });
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
    if (!endpoint || !left) return;
    const holding = hold(endpoint, request.holdPrompts.length > 0 ? request.holdPrompts : this.#parts.holdPrompts, left);
    this.#holds.set(party, holding);
    // Who cannot hear that they are held is not left in silence.
    if (party === "person") void holding.left.then(async () => (await Promise.race([left, undefined])) ?? this.#takeBack());
  }

  #bringIn(to: Goal): void {
    const ringing = new AbortController();
    this.#ringing = ringing;
    const { signal } = ringing;
    const ended =
      "number" in to
        ? dialOut(this.#call, to.number, signal, this.#parts, async (far) => void (await this.#comes(far, signal)))
        : consult(this.#call, to, signal, this.#parts, (colleague) => this.#comes(colleague, signal, colleague));
    void ended.then((why) => {
      if (this.#ringing !== ringing) return;
      this.#ringing = undefined;
      this.#happens({ kind: "third-gone", why });
    });
  }

  /** Resolves when the third is to be let go; true when the conversation is theirs. */
  async #comes(far: FarSide, withdrawn: AbortSignal, colleague?: Colleague): Promise<boolean> {
    if (withdrawn.aborted || this.#out) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const hungUp = Promise.race([far.dialog.ended, ...(colleague ? [colleague.left] : [])]).then(() => "hung up");
    const gone = Promise.race([hungUp, far.gone.then(() => "was lost")]);
    const third: Third = { far, release: (theirs = false) => resolve(theirs), gone, ...(colleague && { colleague }) };
    this.#third = third;
    this.#media.third = far.endpoint;
    gone.then((why) => {
      if (this.#third === third && !this.#out) this.#happens({ kind: "third-gone", why });
      // Once the two are left together, what becomes of them is for the colleague's own conversation to see.
      if (this.#third !== third || !colleague) resolve(false);
    });
    this.#happens({ kind: "third-here", ...(colleague && { third: colleague.name }) });
    const theirs = await promise;
    // A colleague's telephone may be given to the next at once: nothing of this is done to it any more.
    if (colleague && !theirs) await Promise.race([this.#work, pause(this.#parts.clock, settleMs)]);
    return theirs;
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
    await this.#do(() => this.#arrange({ together: ["person", "third"], waiting: [] })).catch((error: unknown) => {
      third.release();
      throw error;
    });
    const { id: endpointId, mediaServer } = third.far.endpoint;
    if (third.colleague) {
      third.release(true);
      return await takeOver(this.#call, third.colleague, this.#parts);
    }
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
    this.#watch.end();
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
