import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Decide, DeskStore, Moment, Reserved } from "./ports.ts";
import { type Desk, type DeskEvent, type Hold, move } from "./state.ts";

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
}

/** An agent's program, as the engine speaks to it. */
export interface DeskListener {
  /** What the agent does is otherwise now, by whomever. */
  changed(desk: Desk): void;
  /** Nothing more comes: `replaced` by another program of the same agent, or `logged-out`. */
  over(why: "replaced" | "logged-out"): void;
}

type ByAgent = Extract<DeskEvent, { kind: "ready" | "not-ready" | "logout" }> | { readonly kind: "extend" };

interface Connected {
  readonly session: string;
  readonly listener: DeskListener;
  told: string;
}

/** The desks of the agents whose programs are connected to this node; with the other nodes through the database alone. */
export class DeskEngine {
  readonly #parts: DeskEngineParts;
  readonly #connected = new Map<string, Connected>();
  /** Sessions that are being let in. */
  readonly #arriving = new Set<string>();
  readonly #end: () => Promise<void>;
  readonly #leaving = new Set<Promise<void>>();

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
    this.#arriving.add(session);
    try {
      const { desk } = await this.#parts.desks.attach(agentId, session, decideOn({ kind: "login" }));
      const before = this.#connected.get(agentId);
      this.#connected.set(agentId, { session, listener, told: JSON.stringify(desk) });
      before?.listener.over("replaced");
      return desk;
    } finally {
      this.#arriving.delete(session);
    }
  }

  /** @throws Fault `agent-state` when that does not fit, `agent-session` when the agent has another program by now */
  async order(agentId: string, session: string, event: ByAgent): Promise<Desk> {
    const decide: Decide = (moment) => decideOn(event.kind === "extend" ? { ...event, wrapUp: moment.wrapUp } : event)(moment);
    return this.#tell(agentId, await this.#parts.desks.change(agentId, session, decide));
  }

  /** A supervisor says what the agent does. @throws Fault `agent-unknown`, `agent-state` */
  async force(agentId: string, event: Extract<DeskEvent, { kind: "force" }>, by: string): Promise<Desk> {
    return this.#tell(agentId, await this.#parts.desks.change(agentId, undefined, decideOn(event, by)));
  }

  /**
   * The connection of the agent's program is gone; it may come back within the grace, to any node. Never rejects: what the database does not
   * learn now it learns at the next look.
   */
  lost(agentId: string, session: string): Promise<void> {
    if (this.#connected.get(agentId)?.session === session) this.#connected.delete(agentId);
    const { desks, log } = this.#parts;
    const leaving = desks
      .detach(agentId, session)
      .catch((error: unknown) => log.error({ agent: agentId, error: String(error) }, "that an agent's program is gone could not be written"))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return leaving;
  }

  /** The next agent of a group for this attempt, held for it; undefined when nobody is ready. */
  async reserve(hold: Hold, skills: readonly string[] = []): Promise<Reserved | undefined> {
    const { desks, reservationMs = 30_000 } = this.#parts;
    const reserved = await desks.reserve(hold, skills, (moment) => decideOn({ kind: "reserve", hold, until: moment.at + reservationMs })(moment));
    if (reserved) this.#tell(reserved.agentId, reserved);
    return reserved;
  }

  /**
   * What happened on the telephone of an agent who is held for this attempt.
   * @throws Fault `agent-state` when they are not, any more
   */
  async progress(agentId: string, attemptId: string, event: "release" | "answer" | "miss" | "hang-up" | { readonly ringMs: number }): Promise<Desk> {
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
    const asked = new Map(this.#connected);
    for (const { agentId, session, desk } of await desks.seen([...asked.keys()])) {
      const known = asked.get(agentId);
      if (!known || this.#connected.get(agentId) !== known) continue;
      if (session === known.session) this.#show(agentId, known, desk);
      else this.#over(agentId, known, desk.state === "logged-out" ? "logged-out" : "replaced");
    }
  }

  /** Ends the looking; the programs' connections are their server's. */
  async close(): Promise<void> {
    await Promise.all([this.#end(), ...this.#leaving]);
  }

  #tell(agentId: string, { desk }: { readonly desk: Desk }): Desk {
    const known = this.#connected.get(agentId);
    if (known) this.#show(agentId, known, desk);
    return desk;
  }

  #show(agentId: string, known: Connected, desk: Desk): void {
    const now = JSON.stringify(desk);
    if (now !== known.told) {
      known.told = now;
      known.listener.changed(desk);
    }
    if (desk.state === "logged-out") this.#over(agentId, known, "logged-out");
  }

  #over(agentId: string, known: Connected, why: "replaced" | "logged-out"): void {
    this.#connected.delete(agentId);
    known.listener.over(why);
  }
}

function progressEvent(event: "release" | "answer" | "miss" | "hang-up" | { readonly ringMs: number }, { at, wrapUp }: Moment): DeskEvent {
  if (typeof event === "object") return { kind: "ring", until: at + event.ringMs };
  return event === "hang-up" ? { kind: event, wrapUp } : { kind: event };
}

/** @throws Fault `agent-state` in the deciding, when the event does not fit */
function decideOn(event: DeskEvent, by?: string): Decide {
  return ({ desk, at }) => {
    const moved = move(desk, event, at);
    if ("refused" in moved) throw new Fault("agent-state", moved.refused);
    return { desk: moved.desk, cause: event.kind, ...(by !== undefined && { by }) };
  };
}
