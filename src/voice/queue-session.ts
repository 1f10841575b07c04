import type { CallCard, CallOver } from "../agent/card.ts";
import type { DeskEngine } from "../agent/desk-engine.ts";
import type { Reserved } from "../agent/ports.ts";
import type { Broken, QueueEnd, QueueRequest } from "../ivr/ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { DeskCalls, Parted } from "./desk-call.ts";
import { durationOf, guardSlackMs } from "./hold-session.ts";
import type { PhoneLeg, PhoneMiss, Phones } from "./phone-ports.ts";
import { AgentScreen, type CardFacts } from "./queue-card-session.ts";
import { AgentHold } from "./queue-desk-session.ts";
import { QueueHolding } from "./queue-hold-session.ts";
import type { Asking } from "./queue-ports.ts";
import { partedTexts, Talk } from "./queue-talk-session.ts";
import { type PeerIds, withdrawn } from "./transfer-session.ts";

export interface QueueSessionParts {
  readonly desks: DeskEngine;
  readonly phones: Phones;
  readonly calls: DeskCalls;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an agent's telephone rings. */
  readonly ringTimeoutMs: number;
}

/** A place in the queue. */
export interface Place {
  /** The next agent, held for this attempt; `no-agent` when nobody is served any more. */
  readonly agent: Promise<Reserved | "no-agent">;
  readonly position: () => number | undefined;
  /** Nobody is wanted any more; who has been found already is let go. */
  leave(): void;
}

export interface Queued {
  /** A new place, as far to the front as the first one was; `nobody` where none of the agents is logged in. Never rejects. */
  readonly enter: () => Promise<Place | "nobody">;
  readonly facts: Promise<CardFacts>;
}

type Over = Broken | "withdrawn";

/** So long a database that is slow keeps a person waiting for the first thing that they hear; a telephone that rings lapses so long after its time. */
const [firstWordMs, lapseMs] = [300, 2000];
/** An agent whose telephone goes away so soon was not there: somebody else is asked. Later the two have talked. */
const hardlyTalkedMs = 2000;
/** For how long somebody who was promised no wait may be in silence when that happens. */
const secondChanceMs = 1000;
/** A telephone that cannot be hung up, and media servers that do not answer, are not waited for longer than that. */
const [releaseMs, settleMs] = [1000, 3000];

/** One person, from the moment they ask for an agent until they have no need of one any more. */
export class QueueSession {
  readonly #parts: QueueSessionParts;
  readonly #request: QueueRequest;
  readonly #asking: Asking;
  readonly #queued: Queued;
  readonly #screen: AgentScreen;
  readonly #since: number;
  readonly #log: Log;
  readonly #over: Promise<Over>;
  readonly #unheard = Promise.withResolvers<"lost">();
  #isOver: Over | undefined;
  #left = false;
  #until: number;
  #place: Place | undefined;
  /** Undefined while they talk. */
  #holding: QueueHolding | undefined;
  /** One whose telephone went away at once has been replaced: that is done only once. */
  #again = false;

  constructor(parts: QueueSessionParts, request: QueueRequest, asking: Asking, queued: Queued) {
    this.#parts = parts;
    this.#request = request;
    this.#asking = asking;
    this.#queued = queued;
    this.#since = parts.clock.now();
    this.#screen = new AgentScreen(parts, asking, { facts: queued.facts, answers: request.answers, since: this.#since });
    this.#until = Math.min(this.#since + request.maxWaitMs, asking.until ?? Number.POSITIVE_INFINITY);
    this.#log = parts.log.child({ attempt: asking.attemptId, ...(asking.campaignId !== undefined && { campaign: asking.campaignId }) });
    this.#over = Promise.race([asking.person.left, withdrawn(request.withdraw), this.#unheard.promise]);
    this.#over.then((how) => {
      this.#isOver = how;
    });
    asking.person.left.then(() => {
      this.#left = true;
    });
  }

  /** Never rejects. */
  async run(): Promise<QueueEnd> {
    try {
      for (;;) {
        const held = await this.#agent();
        // Whose agent was gone at once has talked to somebody all the same.
        if (held === "no-agent" && this.#again && this.#isSilent) return "talked";
        if (typeof held === "string") return held;
        const end = await this.#connect(held);
        if (end !== "next") return end;
      }
    } catch (error) {
      this.#log.error({ err: error }, "somebody could not be connected with an agent");
      return "no-agent";
    } finally {
      await this.#stopHolding().catch(() => undefined);
    }
  }

  /** The agent who is held for them, as soon as there is one. */
  async #agent(): Promise<AgentHold | QueueEnd> {
    const { clock, desks } = this.#parts;
    const { agentId } = this.#asking;
    const entering = agentId === undefined ? this.#queued.enter() : undefined;
    entering?.then((place) => {
      this.#place = place === "nobody" ? undefined : place;
    });
    await Promise.race([entering, this.#over, pause(clock, firstWordMs)]);
    if (!this.#asking.joined) this.#hold();
    if (agentId !== undefined || !entering) return this.#holdOf(agentId ?? "", desks.deskOf(agentId ?? "")?.hold?.groupId ?? "");
    const found = await this.#unlessOver(entering.then(async (place) => (place === "nobody" ? place : await place.agent)));
    if (typeof found === "string") {
      entering.then((place) => place === "nobody" || place.leave());
      return found;
    }
    this.#log.info({ agent: found.agentId, waitedMs: Math.round(clock.now() - this.#since) }, "an agent is held for somebody who waits");
    return this.#holdOf(found.agentId, found.desk.hold?.groupId ?? "");
  }

  /** Until they talk to somebody. Not for two who talk already: a guard would say goodbye in between. */
  #hold(): void {
    if (this.#holding) return;
    const { clock } = this.#parts;
    const silentMs = () => Math.max(0, this.#until - clock.now());
    this.#holding = new QueueHolding(this.#asking.person, this.#request, { position: () => this.#place?.position(), silentMs, clock });
    this.#holding.lost.then(this.#unheard.resolve);
  }

  /** For as long as the person is there and has time. */
  async #unlessOver<T>(work: Promise<T>): Promise<T | Over | "no-agent"> {
    const { clock } = this.#parts;
    const late = Promise.withResolvers<"no-agent">();
    const timer = clock.after(Math.max(0, this.#until - clock.now()), () => late.resolve("no-agent"));
    const end = await Promise.race([work, this.#over, late.promise]);
    timer.cancel();
    return end;
  }

  #holdOf(agentId: string, groupId: string): AgentHold {
    return new AgentHold({ agentId, groupId, attemptId: this.#asking.attemptId }, { ...this.#parts, log: this.#log });
  }

  /** @returns `next` when this agent could not be had and the person waits on */
  async #connect(held: AgentHold): Promise<QueueEnd | "next"> {
    const { phones, ringTimeoutMs } = this.#parts;
    const { attemptId, person, callerId, phone } = this.#asking;
    const { agentId } = held;
    const unwanted = new AbortController();
    this.#over.then(() => unwanted.abort());
    let rung = false;
    const ringing = () => {
      rung = true;
      // What was not picked up is told by whoever rings; only if that is gone it lapses by itself.
      void held.write({ ringMs: ringTimeoutMs + lapseMs });
      this.#screen.show(held, true);
    };
    const request = { attemptId, near: person.endpoint.mediaServer, callerId, ringTimeoutMs, withdraw: unwanted.signal, ringing };
    // The two take their time together; the card is there before anybody is heard.
    const taking: Promise<PhoneLeg | PhoneMiss> = phone ? Promise.resolve(phone) : phones.take(agentId, request);
    await this.#screen.ready();
    const card = this.#screen.show(held, rung);
    const leg = await taking;
    if (typeof leg === "string") {
      await this.#missed(held, leg, rung);
      return this.#isOver ?? (this.#asking.agentId === undefined ? "next" : "no-agent");
    }
    const over = await this.#bridge(held, leg);
    if (over !== "bridged") {
      await this.#release(leg);
      await this.#letGo(held, over === "failed" ? "failed" : "withdrawn");
      return over === "failed" ? "no-agent" : over === "declined" ? "next" : over;
    }
    return this.#talk(held, leg, { ...card, rings: false });
  }

  async #missed(held: AgentHold, miss: PhoneMiss, rung: boolean): Promise<void> {
    this.#log.info({ agent: held.agentId, miss }, "an agent's telephone could not be had");
    this.#parts.desks.hide(held.agentId, this.#asking.attemptId, miss === "withdrawn" ? "withdrawn" : "missed");
    // Nobody else can be held for this attempt before this one is let go.
    if (miss === "missed" && !rung) void held.write({ ringMs: 0 });
    await this.#unlessOver(held.write(miss === "missed" ? "miss" : "release"));
  }

  async #letGo(held: AgentHold, why: CallOver): Promise<void> {
    this.#parts.desks.hide(held.agentId, this.#asking.attemptId, why);
    await this.#unlessOver(held.write("release"));
  }

  /** `declined`: the agent hung up on the whisper. */
  async #bridge(held: AgentHold, leg: PhoneLeg): Promise<"bridged" | "declined" | "failed" | Over> {
    const { person, joined } = this.#asking;
    const { whisperPrompts } = this.#request;
    // Whoever has left meanwhile is found to have done so by the conversation.
    if (joined) return "bridged";
    if (whisperPrompts.length > 0) {
      void leg.endpoint.guard(durationOf(whisperPrompts) + guardSlackMs);
      void held.write({ ringMs: durationOf(whisperPrompts) + guardSlackMs });
      const heard = await Promise.race([leg.endpoint.play(whisperPrompts), leg.dialog.ended.then(() => "declined" as const), this.#over]);
      if (heard === "declined") return heard;
    }
    await this.#stopHolding();
    if (this.#isOver) return this.#isOver;
    try {
      // From here on two people talk: nobody may say goodbye in between.
      await Promise.all([person.endpoint.liftGuard(), leg.endpoint.liftGuard()]);
      await person.endpoint.bridge(leg.endpoint);
      return "bridged";
    } catch (error) {
      this.#log.error({ err: error }, "an agent could not be connected");
      return "failed";
    }
  }

  async #talk(held: AgentHold, leg: PhoneLeg, card: CallCard): Promise<QueueEnd | "next"> {
    const { desks, calls, clock } = this.#parts;
    const { person, note, mediaEvent, connected, joined } = this.#asking;
    const { agentId } = held;
    if (!joined) void held.write("answer");
    connected?.(agentId);
    const peer: PeerIds = { dialogId: leg.dialog.id, mediaServer: leg.endpoint.mediaServer, endpointId: leg.endpoint.id };
    void note("connected", peer);
    mediaEvent?.("bridge", `agent ${agentId}, with ${peer.endpointId} on ${peer.mediaServer}`);
    const talk = new Talk({ asking: this.#asking, request: this.#request, leg, card, show: (now) => desks.show(agentId, now), clock });
    calls.add(talk);
    const parted = await talk.parted;
    await Promise.race([talk.settle?.(), pause(clock, settleMs)]).catch((error: unknown) => this.#warn(error));
    const lastedMs = clock.now() - talk.since;
    this.#log.info({ agent: agentId, parted, lastedMs }, "an agent and a person were parted");
    mediaEvent?.("unbridge", partedTexts[parted]);
    void note("parted", peer);
    // The person is not kept in silence by whatever becomes of the agent's telephone.
    if (parted !== "handed-over" && !this.#left) await person.endpoint.unbridge().catch((error: unknown) => this.#warn(error));
    const free = this.#free(held, talk, parted);
    if (parted === "handed-over") await talk.goesOn;
    else if (this.#mayAskAgain(talk, parted, lastedMs)) return await this.#askAgain(free);
    return "talked";
  }

  /** The agent has nothing to do with it any more; who is ready for the next has a telephone that is free. */
  async #free(held: AgentHold, talk: Talk, parted: Parted): Promise<void> {
    const { desks } = this.#parts;
    await this.#release(talk.leg);
    talk.end(parted);
    desks.hide(held.agentId, this.#asking.attemptId, parted);
    await held.write("hang-up");
  }

  /** Once, when the agent was hardly there, or it was no fault of either that they do not hear each other any more. */
  #mayAskAgain({ meant }: Talk, parted: Parted, lastedMs: number): boolean {
    if (meant || this.#again || this.#left || this.#asking.agentId !== undefined) return false;
    return parted === "failed" || (parted === "agent-left" && lastedMs < hardlyTalkedMs);
  }

  /** Back to the head of the queue: their turn had come. Who hears nothing meanwhile does not wait for long. */
  async #askAgain(freed: Promise<void>): Promise<"next"> {
    const { clock } = this.#parts;
    this.#again = true;
    this.#until = this.#isSilent ? clock.now() + secondChanceMs : Math.max(this.#until, clock.now() + secondChanceMs);
    await Promise.race([freed, pause(clock, secondChanceMs)]);
    return "next";
  }

  async #stopHolding(): Promise<void> {
    const holding = this.#holding;
    this.#holding = undefined;
    await holding?.stop();
  }

  async #release(leg: PhoneLeg): Promise<void> {
    await Promise.race([leg.release(), pause(this.#parts.clock, releaseMs)]);
  }

  /** Whether they hear nothing while they wait. */
  get #isSilent(): boolean {
    return this.#request.holdPrompts.length === 0;
  }

  #warn(error: unknown): void {
    this.#log.warn({ reason: toFault(error, "internal").message }, "two who were parted could not be told so");
  }
}
