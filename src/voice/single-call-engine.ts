import type { SingleCall, SingleCalls, SingleEnd } from "../agent/preview-ports.ts";
import type { Order } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Caller } from "../ivr/ports.ts";
import { toFault } from "../kernel/fault.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import type { CallParts } from "./call.ts";
import { CallSession } from "./call-session.ts";
import type { DeskCalls } from "./desk-call.ts";
import { hold } from "./hold-session.ts";
import type { PhoneLeg, Phones } from "./phone-ports.ts";
import type { Endpoint, Media, ReadyScript, ScriptEnd } from "./ports.ts";
import { refusedBy, type Trunk } from "./trunk.ts";
import { awaitTries, type Trunks, type TrunkTries } from "./trunk-engine.ts";

/** Of a campaign, what a call of it needs. */
export interface SingleDialling {
  /** Name of a trunk or of a route. */
  readonly trunk: string;
  readonly ringTimeoutMs: number;
}

export interface SingleCallParts extends CallParts {
  readonly media: Pick<Media, "ready">;
  readonly trunks: Trunks;
  readonly phones: Phones;
  readonly deskCalls: Pick<DeskCalls, "find" | "onBegin">;
  readonly dialling: (campaignId: string) => Promise<SingleDialling | undefined>;
  /** How long an agent's telephone rings that is not on the line. */
  readonly phoneRingTimeoutMs: number;
}

/** Who was called has answered, and the agent is there already: it is a matter of connecting them. */
const connectWithinMs = 5000;
/** What the agent hears while the person's telephone rings (ITU-T E.180: the North American one), four seconds at a time. */
const ringback = { path: "tone_stream://%(2000,4000,440,480)", durationMs: 6000 };

/** Places the calls that agents ask for one by one: the agent's telephone first, and the two are connected at the answer, without a script. */
export class SingleCallEngine implements SingleCalls {
  readonly #parts: SingleCallParts;
  readonly #calls = new Set<SingleCallSession>();

  constructor(parts: SingleCallParts) {
    this.#parts = parts;
  }

  /** Calls dialling, ringing or talking. */
  get lines(): number {
    return this.#calls.size;
  }

  dial(order: Order, agentId: string, judged: () => Result | undefined): SingleCall {
    const call = new SingleCallSession(this.#parts, order, agentId, judged);
    this.#calls.add(call);
    call.done.then(() => this.#calls.delete(call));
    return call;
  }

  /** As of the call engine: their people do not want to be called any more. */
  withdraw(attemptIds: readonly string[]): void {
    for (const call of this.#calls) if (attemptIds.includes(call.attemptId)) call.withdraw();
  }

  /** What only rings is taken back. Resolves when the last call is over. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.withdraw();
    await Promise.all([...this.#calls].map(({ done }) => done));
  }
}

/** Nobody could be called, and why. */
class NotPlaced extends Error {}

class SingleCallSession implements SingleCall {
  readonly #parts: SingleCallParts;
  readonly #order: Order;
  readonly #agentId: string;
  readonly #judged: () => Result | undefined;
  readonly #unwanted = new AbortController();
  /** The agent's program has hung up: they are not connected any more, whoever answers. */
  readonly #hungUp = new AbortController();
  /** Resolves when nothing of it is left. */
  readonly done: Promise<SingleEnd>;
  /** Resolves when the agent has nothing to do with it any more: who sent somebody on has not to wait until they have talked to whomever they were sent to. */
  readonly over: Promise<SingleEnd>;
  #session: CallSession | undefined;

  constructor(parts: SingleCallParts, order: Order, agentId: string, judged: () => Result | undefined) {
    this.#parts = parts;
    this.#order = order;
    this.#agentId = agentId;
    this.#judged = judged;
    const sentOn = Promise.withResolvers<SingleEnd>();
    const unhear = parts.deskCalls.onBegin((call) => {
      if (call.attemptId !== order.attemptId || call.agentId !== agentId) return;
      if (this.#hungUp.signal.aborted) call.hangUp();
      call.ended.then((parted) => parted === "handed-over" && sentOn.resolve({ end: "called", result: "human" }));
    });
    this.done = this.#run().finally(unhear);
    this.over = Promise.race([this.done, sentOn.promise]);
  }

  get attemptId(): string {
    return this.#order.attemptId;
  }

  /** Takes back what rings; a conversation goes on. */
  withdraw(): void {
    this.#unwanted.abort();
    this.#session?.withdraw();
  }

  hangUp(): void {
    this.#hungUp.abort();
    this.withdraw();
    const call = this.#parts.deskCalls.find(this.#agentId);
    if (call?.attemptId === this.attemptId) call.hangUp();
  }

  /** Never rejects. */
  async #run(): Promise<SingleEnd> {
    try {
      return await this.#call();
    } catch (error) {
      if (error instanceof NotPlaced) return { end: "not-placed", reason: error.message };
      const { message } = toFault(error, "internal");
      this.#parts.log.error({ err: error, attempt: this.attemptId, agent: this.#agentId }, "a call that an agent asked for failed");
      return { end: "not-placed", reason: message };
    }
  }

  async #call(): Promise<SingleEnd> {
    const { pool, trunks, signalling, media, dialling } = this.#parts;
    const campaign = await dialling(this.#order.campaignId);
    if (!campaign) throw new NotPlaced("the campaign is gone");
    const ways = trunks.find(campaign.trunk);
    if (!ways) throw new NotPlaced(`there is no trunk ${campaign.trunk}`);
    if (!signalling.ready || !media.ready) throw new NotPlaced("no server can place calls just now");
    const callerId = await this.#callerId();
    const [endpoint] = await Promise.all(pool.request(1));
    if (!endpoint) throw new NotPlaced("no media session is free");
    const leg = await this.#takePhone(endpoint, callerId).catch((error: unknown) => {
      pool.recycle(endpoint, false);
      throw error;
    });
    if (typeof leg === "string") {
      pool.recycle(endpoint, false);
      if (leg === "withdrawn") throw new NotPlaced("taken back before anybody was called");
      return { end: leg };
    }
    // Who hangs up does not want anybody to be called; connected to them, they are parted by it.
    leg.dialog.ended.then(() => this.withdraw());
    try {
      const suits = (trunk: Trunk) => refusedBy(trunk, this.#order.address, callerId) === undefined;
      const tries = this.#unwanted.signal.aborted ? undefined : await awaitTries(ways, suits);
      if (!tries || this.#unwanted.signal.aborted) {
        pool.recycle(endpoint, false);
        tries?.release();
        throw new NotPlaced(tries || this.#unwanted.signal.aborted ? "taken back before anybody was called" : "no line is free");
      }
      return await this.#place(endpoint, leg, tries, campaign.ringTimeoutMs);
    } finally {
      await leg.release();
    }
  }

  async #place(endpoint: Endpoint, leg: PhoneLeg, tries: TrunkTries, ringTimeoutMs: number): Promise<SingleEnd> {
    const { clock } = this.#parts;
    const ringing = new Ringback(leg);
    this.#session = new CallSession(this.#parts, {
      order: this.#order,
      script: this.#connecting(ringing),
      tries,
      ringTimeoutMs,
      endpoint,
      agentCall: { agentId: this.#agentId, phone: leg, judged: this.#judged },
      ownTurn: async () => {},
      leavesAt: () => clock.now(),
      settled: () => ringing.start(),
      answered: () => void ringing.stop(),
    });
    const result = await this.#session.done;
    await ringing.stop();
    tries.release();
    return result === undefined ? { end: "not-placed", reason: "withdrawn at the gate before it left" } : { end: "called", result };
  }

  /** In place of a script: the person is connected with the agent who called them. Should that not be possible, they hear a goodbye. */
  #connecting(ringing: Ringback): ReadyScript {
    const ask = async (caller: Caller): Promise<ScriptEnd> => {
      await ringing.stop();
      const end = await caller.queue({
        ...{ group: "campaign", skills: [], priority: 1, maxWaitMs: connectWithinMs, holdPrompts: [], whisperPrompts: [], answers: {} },
        withdraw: this.#hungUp.signal,
      });
      if (end === "talked") return { outcome: "talked", end: "completed", answers: {}, acted: true };
      return { outcome: end, end: end === "hung-up" ? end : "lost", answers: {} };
    };
    return { starts: ["human"], run: ask };
  }

  #takePhone(endpoint: Endpoint, callerId: string) {
    const { phones, phoneRingTimeoutMs } = this.#parts;
    const { attemptId } = this;
    const ring = { attemptId, near: endpoint.mediaServer, callerId, ringTimeoutMs: phoneRingTimeoutMs, withdraw: this.#unwanted.signal };
    return phones.take(this.#agentId, ring);
  }

  async #callerId(): Promise<string> {
    const { callerId, address } = this.#order;
    if (isPhoneNumber(callerId)) return callerId;
    const chosen = await this.#parts.callerIds.choose(callerId, address, () => true);
    if (chosen === undefined) throw new NotPlaced(`no number of ${callerId} may be shown just now`);
    return chosen;
  }
}

/** What the agent hears until the person is there. */
class Ringback {
  readonly #leg: PhoneLeg;
  #holding: ReturnType<typeof hold> | undefined;
  #over = false;

  constructor(leg: PhoneLeg) {
    this.#leg = leg;
  }

  start(): void {
    if (this.#over || this.#holding) return;
    const { endpoint, dialog, gone } = this.#leg;
    this.#holding = hold(
      endpoint,
      [ringback],
      Promise.race([dialog.ended, gone]).then(() => "hung-up" as const),
    );
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#holding?.stop();
  }
}
