import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Phone, PhonePlace } from "./phone.ts";
import { type DialOrder, type DialParts, dialPhone, type Missed, moveLine } from "./phone-dial-session.ts";
import { OpenLine } from "./phone-line-session.ts";
import { NailedPhone } from "./phone-nailed-session.ts";
import type { PhoneLeg, PhoneMiss, PhoneRequest, Phones } from "./phone-ports.ts";
import type { PhoneStore, Seat } from "./phone-store-ports.ts";

export interface PhoneEngineParts extends Omit<DialParts, "legs"> {
  readonly store: PhoneStore;
  /** How long a telephone that is to be kept on the line rings. */
  readonly ringTimeoutMs: number;
  /** An agent's telephone is there, or not any more: what the agent does follows from it. */
  readonly moved: (agentId: string, there: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it is seen who has come and gone. Default 500. */
  readonly lookMs?: number;
  /** How often a telephone is asked whether it is still there. Default 20 s. */
  readonly renewMs?: number;
}

/** An agent of this node, as of the last look. */
interface Place {
  readonly phone: Phone | undefined;
  /** As text, to tell whether it has changed. */
  readonly known: string;
  readonly nailed: NailedPhone | undefined;
}

/** The telephones of the agents whose programs are connected to this node. */
export class PhoneEngine implements Phones {
  readonly #parts: PhoneEngineParts;
  readonly #places = new Map<string, Place>();
  /** Rung for one conversation each. */
  readonly #lines = new Set<OpenLine>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #stop: () => Promise<void>;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: PhoneEngineParts) {
    this.#parts = parts;
    const { clock, lookMs = 500, log } = parts;
    this.#stop = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ error: String(error) }, "it cannot be seen which agents are there; their telephones stay as they are"),
    );
  }

  isUp(agentId: string): boolean {
    return this.#places.get(agentId)?.nailed?.free === true;
  }

  /** Whether this agent's telephone is rung for each call: somebody has to pick it up first. */
  isRung(agentId: string): boolean {
    const place = this.#places.get(agentId);
    return place?.phone !== undefined && !place.nailed;
  }

  /** How a telephone that is kept on the line stands; undefined when it is none, or its agent is not logged in at this node. */
  lineOf(agentId: string): { readonly up: boolean; readonly why?: string } | undefined {
    const nailed = this.#places.get(agentId)?.nailed;
    return nailed && { up: nailed.up, ...(nailed.trouble !== undefined && { why: nailed.trouble }) };
  }

  /** Telephones that are on the line, and of those that are to be kept there those that are not. */
  get counts(): { readonly up: number; readonly down: number } {
    const nailed = [...this.#places.values()].flatMap((place) => place.nailed ?? []);
    const up = nailed.filter((each) => each.up).length;
    return { up: up + this.#lines.size, down: nailed.length - up };
  }

  /**
   * Whether the agent, who says to be ready, has a telephone: `coming` while one that is to be kept on the line is not there; it is called at once then.
   * Rejects when that is not known yet, and the database is away.
   */
  async standing(agentId: string): Promise<"there" | "coming" | "none"> {
    if (this.#places.get(agentId)?.phone === undefined) await this.look();
    const place = this.#places.get(agentId);
    if (place?.phone === undefined) return "none";
    if (!place.nailed || place.nailed.up) return "there";
    place.nailed.wake();
    return "coming";
  }

  async take(agentId: string, request: PhoneRequest): Promise<PhoneLeg | PhoneMiss> {
    const place = this.#places.get(agentId);
    if (place?.nailed) return place.nailed.take(request);
    const { store, log } = this.#parts;
    const phone = place?.phone ?? (await store.phone(agentId).catch(() => undefined));
    if (!phone || this.#closed) return "unreachable";
    const { attemptId, near, callerId, ringTimeoutMs, withdraw, ringing } = request;
    const more = { attemptId, near, callerId, ringTimeoutMs, withdraw, ...(ringing && { ringing }) };
    const line = await this.#dial({ agentId, place: phone.place, ...more });
    if (!(line instanceof OpenLine)) {
      log.info({ agent: agentId, attempt: attemptId, reason: line.why, miss: line.miss }, "an agent's telephone was not picked up");
      if (line.miss === "unreachable") this.#moved(agentId, false);
      return line.miss;
    }
    this.#lines.add(line);
    line.ended.then(() => this.#lines.delete(line));
    const leg = line.lend(agentId, attemptId, () => line.close());
    line.keep(this.#parts.clock, this.#parts.renewMs, false);
    return leg;
  }

  /** Calls a telephone for somebody who wants to hear that agent, and not to be connected: at a place, or where an agent is reached. Never rejects. */
  async ring(
    agentId: string,
    where: PhonePlace | { readonly kind: "agent"; readonly agentId: string },
    order: Pick<DialOrder, "near" | "ringTimeoutMs" | "withdraw">,
  ): Promise<OpenLine | Missed> {
    if (where.kind !== "agent") return await this.#dial({ ...order, agentId, place: where });
    const phone = await this.#parts.store.phone(where.agentId).catch(() => undefined);
    if (!phone) return { miss: "unreachable", why: `agent ${where.agentId} has no telephone` };
    return await this.#dial({ ...order, agentId: where.agentId, place: phone.place });
  }

  /** One look: who has come is called, who has gone is hung up. One after the other. Rejects when the database is away. */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  /** Hangs up every telephone. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop();
    await this.#looking;
    for (const agentId of [...this.#places.keys()]) this.#leave(agentId);
    await Promise.all([...this.#leaving, ...[...this.#lines].map((line) => line.close())]);
  }

  async #look(): Promise<void> {
    const seats = await this.#parts.store.seats();
    if (this.#closed) return;
    const there = new Set(seats.map(({ agentId }) => agentId));
    for (const [agentId, { nailed }] of [...this.#places]) if (!there.has(agentId) && !isTaken(nailed)) this.#leave(agentId);
    for (const seat of seats) {
      const known = JSON.stringify(seat.phone ?? null);
      const place = this.#places.get(seat.agentId);
      if (place?.known !== known && !isTaken(place?.nailed)) this.#seat(seat, known);
      this.#agree(seat);
    }
  }

  /** Somebody new, or another telephone than before. */
  #seat({ agentId, phone }: Seat, known: string): void {
    this.#leave(agentId);
    this.#places.set(agentId, { phone, known, nailed: phone?.nailedUp === true ? this.#nail(agentId, phone) : undefined });
  }

  /** Who is ready has a telephone; who was only without one is ready again when it is there. Told once more what may not have been heard. */
  #agree({ agentId, state, reason }: Seat): void {
    const { phone, nailed } = this.#places.get(agentId) ?? {};
    const there = phone !== undefined && (nailed === undefined || nailed.up);
    if (state === "ready" && !there) this.#moved(agentId, false);
    if (state === "not-ready" && reason === "phone" && nailed?.up === true) this.#moved(agentId, true);
  }

  #nail(agentId: string, { place }: Phone): NailedPhone {
    const { clock, log, ringTimeoutMs, renewMs } = this.#parts;
    return new NailedPhone({
      agentId,
      dial: (withdraw) => this.#dial({ agentId, place, ringTimeoutMs, withdraw }),
      move: (line) => moveLine({ ...this.#parts, legs: this.#parts.store }, agentId, line),
      moved: (there) => this.#moved(agentId, there),
      clock,
      log: log.child({ agent: agentId }),
      renewMs,
    });
  }

  #dial(order: DialOrder): ReturnType<typeof dialPhone> {
    return dialPhone({ ...this.#parts, legs: this.#parts.store }, order);
  }

  #leave(agentId: string): void {
    const nailed = this.#places.get(agentId)?.nailed;
    this.#places.delete(agentId);
    if (!nailed) return;
    const leaving = nailed.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #moved(agentId: string, there: boolean): void {
    if (this.#closed) return;
    const { moved, log } = this.#parts;
    moved(agentId, there).catch((error: unknown) => log.warn({ err: error, agent: agentId }, "what an agent's telephone does could not be written"));
  }
}

/** In a conversation: that goes on, whether the agent's program is there or not. */
function isTaken(nailed: NailedPhone | undefined): boolean {
  return nailed?.up === true && !nailed.free;
}
