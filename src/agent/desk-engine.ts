import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { CallCard, CallOver } from "./card.ts";
import { decideOn, type Progress, progressEvent } from "./desk-decision.ts";
import type { Membership } from "./group.ts";
import type { Decide, DeskStore, Reserved, Wanted } from "./ports.ts";
import type { PreviewCard, ShownEnd } from "./preview-ports.ts";
import { type Desk, type DeskEvent, type Hold, isSameDesk } from "./state.ts";
import type { WrittenCard } from "./written-ports.ts";

/** How long an agent's program may be gone, and everything is as it was when it comes back. */
export const defaultGraceMs = 10_000;

export interface DeskEngineParts {
  readonly desks: DeskStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: `defaultGraceMs`. */
  readonly graceMs?: number;
  /** How often it is seen what others have changed. Default 500. */
  readonly lookMs?: number;
  /** How long an agent is held before their telephone rings. Default 30 s: as long as the person's rings. */
  readonly reservationMs?: number;
  /** Whether an agent who says to be ready has a telephone: `coming`, it is called now. Left out, nobody needs one. */
  readonly phone?: (agentId: string) => Promise<"there" | "coming" | "none">;
}

/** An agent's program, as the engine speaks to it. */
export interface DeskListener {
  /** What the agent does is otherwise now, by whomever. */
  changed(desk: Desk): void;
  /** A call is the agent's, or is otherwise than it was said to be: the newest card stands. Nobody is heard before it. */
  call(card: CallCard): void;
  /** That call is not the agent's any more. */
  callEnded(attemptId: string, why: CallOver): void;
  /** Somebody whom the agent may call themselves, or calls: the newest card stands. */
  preview?(card: PreviewCard): void;
  /** That person is not before the agent any more. */
  previewEnded?(attemptId: string, end: ShownEnd): void;
  /** What somebody has written is the agent's to answer, or has changed: the newest card stands. */
  conversation?(card: WrittenCard): void;
  /** That conversation is not the agent's any more. */
  conversationEnded?(id: string): void;
  /** Nothing more comes: `replaced` by another program of the same agent, or `logged-out`. */
  over(why: "replaced" | "logged-out"): void;
}

/** An agent whose program is connected to this node, or was until now. */
export interface Present {
  readonly agentId: string;
  readonly desk: Desk;
  /** As they were when somebody looked last. */
  readonly memberships: readonly Membership[];
  /** False: the program is gone, and with it whatever this node hears of the agent. */
  readonly here: boolean;
}

type ByAgent = Extract<DeskEvent, { kind: "ready" | "not-ready" | "logout" }> | { readonly kind: "extend" };

interface Connected {
  readonly session: string;
  readonly listener: DeskListener;
  desk: Desk;
  memberships: readonly Membership[];
}

/** The desks of the agents whose programs are connected to this node; with the other nodes through the database alone. */
export class DeskEngine {
  readonly #parts: DeskEngineParts;
  readonly #connected = new Map<string, Connected>();
  /** Sessions that are being let in. */
  readonly #arriving = new Set<string>();
  readonly #end: () => Promise<void>;
  readonly #leaving = new Set<Promise<void>>();
  /** What each agent was shown last. */
  readonly #cards = new Map<string, CallCard>();
  readonly #heard = new Set<(present: Present) => void>();

  constructor(parts: DeskEngineParts) {
    this.#parts = parts;
    const { clock, lookMs = 500, log } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ error: String(error) }, "agents cannot be watched; trying on"),
    );
  }

  /**
   * The agent's program is connected. Whoever was gone for a moment goes on where they were; an earlier program of the same agent is told.
   * @param session new for each connection
   * @throws Fault `agent-unknown`
   */
  async login(agentId: string, session: string, listener: DeskListener): Promise<Desk> {
    const { desks } = this.#parts;
    this.#arriving.add(session);
    try {
      const { desk } = await desks.attach(agentId, session, decideOn({ kind: "login" }));
      let before: Connected | undefined;
      let seen: Awaited<ReturnType<DeskStore["seen"]>>[number] | undefined;
      // Anew if somebody else was let in meanwhile: what is seen must be newer than the program that it replaces.
      do {
        before = this.#connected.get(agentId);
        [seen] = await desks.seen([agentId]);
      } while (this.#connected.get(agentId) !== before);
      // Another program of theirs has come in the same moment, or a supervisor has: this one is not let in behind it.
      if (seen && seen.session !== session) {
        listener.over(overBy(seen.desk));
        return desk;
      }
      const known = { session, listener, desk: seen?.desk ?? desk, memberships: seen?.memberships ?? [] };
      this.#connected.set(agentId, known);
      before?.listener.over("replaced");
      this.#say(agentId, known, true);
      return known.desk;
    } finally {
      this.#arriving.delete(session);
    }
  }

  /** Everybody whose program is connected to this node. */
  get present(): readonly Present[] {
    return [...this.#connected].map(([agentId, { desk, memberships }]) => ({ agentId, desk, memberships, here: true }));
  }

  /**
   * Told of whatever agents of this node do, at once when it was done here and within `lookMs` else.
   * @returns ends the telling
   */
  onChange(heard: (present: Present) => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  /** Shows the agent a call. Their program gets it again when it has to be connected anew. */
  show(agentId: string, card: CallCard): void {
    this.#cards.set(agentId, card);
    this.#connected.get(agentId)?.listener.call(card);
  }

  /** The call is over for the agent, who may still write it up. */
  hide(agentId: string, attemptId: string, why: CallOver): void {
    this.#connected.get(agentId)?.listener.callEnded(attemptId, why);
  }

  /** As far as this node knows; undefined when the agent's program is not connected to it. */
  deskOf(agentId: string): Desk | undefined {
    return this.#connected.get(agentId)?.desk;
  }

  /** The call that the agent has, or writes up. */
  cardOf(agentId: string): CallCard | undefined {
    const card = this.#cards.get(agentId);
    return card && this.#connected.get(agentId)?.desk.hold?.attemptId === card.attemptId ? card : undefined;
  }

  /** @throws Fault `agent-state` when that does not fit, `agent-session` when the agent has another program by now */
  async order(agentId: string, session: string, event: ByAgent): Promise<Desk> {
    const phone = event.kind === "ready" ? await this.#parts.phone?.(agentId) : undefined;
    if (phone === "none") throw new Fault("agent-state", "You have no telephone: an administrator says where you are called.");
    const decide: Decide = (moment) => {
      const decided = decideOn(event.kind === "extend" ? { ...event, wrapUp: moment.wrapUp } : event)(moment);
      // Ready as soon as it is picked up.
      return phone === "coming" ? decideOn({ kind: "no-phone" })({ ...moment, desk: decided.desk }) : decided;
    };
    return this.#tell(agentId, await this.#parts.desks.change(agentId, session, decide));
  }

  /** A supervisor says what the agent does. @throws Fault `agent-unknown`, `agent-state` */
  async force(agentId: string, event: Extract<DeskEvent, { kind: "force" }>, by: string): Promise<Desk> {
    return this.#tell(agentId, await this.#parts.desks.change(agentId, undefined, decideOn(event, by)));
  }

  /** An agent's telephone is there (again), or is not there any more. @throws Fault `agent-unknown` */
  async phone(agentId: string, there: boolean): Promise<Desk> {
    const decide = decideOn({ kind: there ? "phone" : "no-phone" });
    return this.#tell(agentId, await this.#parts.desks.change(agentId, undefined, decide));
  }

  /**
   * The connection of the agent's program is gone; it may come back within the grace, to any node. Never rejects: what the database does not
   * learn now it learns at the next look.
   */
  lost(agentId: string, session: string): Promise<void> {
    const known = this.#connected.get(agentId);
    if (known?.session === session) this.#leave(agentId, known);
    const { desks, log } = this.#parts;
    const leaving = desks
      .detach(agentId, session)
      .catch((error: unknown) => log.error({ agent: agentId, error: String(error) }, "that an agent's program is gone could not be written"))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return leaving;
  }

  /** The next agent for this attempt, held for it; undefined when nobody is ready. @throws Fault `agent-state` when it has one already */
  async reserve(wanted: Wanted): Promise<Reserved | undefined> {
    const { desks, reservationMs = 30_000 } = this.#parts;
    const { attemptId, beside } = wanted;
    const reserved = await desks.reserve(wanted, (moment, groupId) =>
      decideOn({ kind: "reserve", hold: { attemptId, groupId, ...(beside && { beside }) }, until: moment.at + reservationMs })(moment),
    );
    if (reserved) this.#tell(reserved.agentId, reserved);
    return reserved;
  }

  /**
   * This agent, held for an attempt of their own.
   * @param session only if this is still the agent's program; left out: whoever it is
   * @param how `reserve`: only who is ready; `place`: whoever is on no call
   * @throws Fault `agent-state`, `agent-session`
   */
  async hold(agentId: string, session: string | undefined, how: "reserve" | "place", hold: Hold, forMs: number): Promise<Desk> {
    const decide: Decide = (moment) => decideOn({ kind: how, hold, until: moment.at + forMs })(moment);
    return this.#tell(agentId, await this.#parts.desks.hold(agentId, session, decide));
  }

  /** Says something to the agent's program, when it is connected to this node. */
  tell(agentId: string, say: (listener: DeskListener) => void): void {
    const known = this.#connected.get(agentId);
    if (known) say(known.listener);
  }

  /**
   * What happened on the telephone of an agent who is held for this attempt.
   * @throws Fault `agent-state` when they are not, any more
   */
  async progress(agentId: string, attemptId: string, event: Progress): Promise<Desk> {
    const decide: Decide = (moment) => {
      if (moment.desk.hold?.attemptId !== attemptId) throw new Fault("agent-state", `The agent is not held for attempt ${attemptId} any more.`);
      return decideOn(progressEvent(event, moment))(moment);
    };
    return this.#tell(agentId, await this.#parts.desks.change(agentId, undefined, decide));
  }

  /** One look: what is overdue is done, and the programs learn what others have changed. */
  async look(): Promise<void> {
    const { desks, graceMs = defaultGraceMs, log } = this.#parts;
    const sessions = [...this.#arriving, ...[...this.#connected.values()].map(({ session }) => session)];
    const done = await desks.overdue(graceMs, sessions, (moment, why) => {
      const event: DeskEvent = why === "holder-lost" ? { kind: why, wrapUp: moment.wrapUp } : { kind: why };
      return decideOn(event)(moment);
    });
    if (done > 0) log.debug({ agents: done }, "agents moved on by themselves");
    const asked = new Map([...this.#connected].map(([agentId, known]) => [agentId, { known, before: known.desk }]));
    for (const { agentId, session, desk, memberships } of await desks.seen([...asked.keys()])) {
      const { known, before } = asked.get(agentId) ?? {};
      // What was changed meanwhile is newer than what was seen.
      if (!known || this.#connected.get(agentId) !== known || known.desk !== before) continue;
      if (session === known.session) this.#update(agentId, known, desk, memberships);
      else this.#over(agentId, known, overBy(desk));
    }
  }

  /** Ends the looking; the programs' connections are their server's. */
  async close(): Promise<void> {
    await Promise.all([this.#end(), ...this.#leaving]);
  }

  #tell(agentId: string, { desk }: { readonly desk: Desk }): Desk {
    const known = this.#connected.get(agentId);
    // Of two changes the earlier one may be answered last.
    if (known && desk.since >= known.desk.since) this.#update(agentId, known, desk, known.memberships);
    return desk;
  }

  #update(agentId: string, known: Connected, desk: Desk, memberships: readonly Membership[]): void {
    const moved = !isSameDesk(desk, known.desk);
    const joined = JSON.stringify(memberships) !== JSON.stringify(known.memberships);
    if (!moved && !joined) return;
    if (moved) known.desk = desk;
    known.memberships = memberships;
    if (moved) known.listener.changed(desk);
    if (desk.state === "logged-out") this.#over(agentId, known, "logged-out");
    else this.#say(agentId, known, true);
  }

  #over(agentId: string, known: Connected, why: "replaced" | "logged-out"): void {
    this.#leave(agentId, known);
    known.listener.over(why);
  }

  #leave(agentId: string, known: Connected): void {
    this.#connected.delete(agentId);
    this.#say(agentId, known, false);
  }

  #say(agentId: string, { desk, memberships }: Connected, here: boolean): void {
    for (const heard of this.#heard) heard({ agentId, desk, memberships, here });
  }
}

/** Why a program is not the agent's any more, by where the agent is now. */
function overBy({ state }: Desk): "replaced" | "logged-out" {
  return state === "logged-out" ? "logged-out" : "replaced";
}
