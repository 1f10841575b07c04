import type { DeskEngine } from "../agent/desk-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { DeskCall, DeskCalls } from "./desk-call.ts";
import type { PhonePlace } from "./phone.ts";
import type { PhoneEngine } from "./phone-engine.ts";
import { OpenLine } from "./phone-line-session.ts";
import type { Overhearing } from "./ports.ts";

/** The telephone of whoever listens: a place, or where an agent is reached. */
export type ListeningPhone = Exclude<PhonePlace, { kind: "device" }> | { readonly kind: "agent"; readonly agentId: string };

export interface SupervisionOrder {
  readonly agentId: string;
  readonly mode: Overhearing;
  readonly phone: ListeningPhone;
  /** Who wants it, for the log. */
  readonly by: string;
}

/** `ringing`: the telephone is not picked up yet. `waiting`: the agent talks to nobody. */
export interface SupervisionView {
  readonly id: string;
  readonly agentId: string;
  readonly mode: Overhearing;
  readonly state: "ringing" | "waiting" | "listening" | "ended";
  /** Why it has ended, for people. */
  readonly why?: string;
  readonly by: string;
  /** When it was asked for (epoch ms). */
  readonly since: number;
}

export interface SupervisionParts {
  readonly calls: DeskCalls;
  readonly desks: Pick<DeskEngine, "present" | "onChange">;
  readonly phones: Pick<PhoneEngine, "ring">;
  readonly ringTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Supervision {
  view: SupervisionView;
  readonly withdraw: AbortController;
  line?: OpenLine;
  /** What is done about it comes one after the other: what was wanted last is done last. */
  work: Promise<void>;
}

/** Of those that have ended so many are remembered, for who asks what became of one. */
const mostRemembered = 100;

/**
 * Supervisors who listen in on agents of this node: on their telephone they hear one agent, from conversation to conversation, whatever the agent does in them, until
 * they hang up or the agent logs out. Nobody in a conversation notices when a listener comes, goes, or is lost.
 */
export class Supervisions {
  readonly #parts: SupervisionParts;
  readonly #all = new Map<string, Supervision>();
  readonly #stop: readonly (() => void)[];
  #count = 0;

  constructor(parts: SupervisionParts) {
    this.#parts = parts;
    this.#stop = [
      parts.calls.onBegin((call) => this.#begins(call)),
      parts.desks.onChange(({ agentId, here }) => {
        if (!here && !parts.calls.find(agentId)) for (const each of this.#of(agentId)) this.#end(each, "the agent has logged out");
      }),
    ];
  }

  list(agentId: string): readonly SupervisionView[] {
    return this.#of(agentId).map(({ view }) => view);
  }

  /** @throws Fault `supervision-unknown` */
  find(agentId: string, id: string): SupervisionView {
    return this.#find(agentId, id).view;
  }

  /** Rings the telephone. @throws Fault `agent-state` when the agent's program is not connected to this node */
  start({ agentId, mode, phone, by }: SupervisionOrder): SupervisionView {
    const { calls, desks, clock, log } = this.#parts;
    if (!desks.present.some((each) => each.agentId === agentId) && !calls.find(agentId))
      throw new Fault("agent-state", "The agent is not logged in at this node.");
    const view: SupervisionView = { id: String(++this.#count), agentId, mode, state: "ringing", by, since: clock.now() };
    const supervision: Supervision = { view, withdraw: new AbortController(), work: Promise.resolve() };
    this.#remember(supervision);
    log.info({ agent: agentId, supervision: view.id, mode, by }, "somebody wants to listen in on an agent");
    void this.#run(supervision, phone).catch((error: unknown) => this.#end(supervision, toFault(error, "internal").message));
    return view;
  }

  /** @throws Fault `supervision-unknown`, `agent-state` when it is over */
  async change(agentId: string, id: string, mode: Overhearing, by: string): Promise<SupervisionView> {
    const supervision = this.#find(agentId, id);
    if (supervision.view.state === "ended") throw new Fault("agent-state", `It is over: ${supervision.view.why}.`);
    supervision.view = { ...supervision.view, mode };
    this.#parts.log.info({ agent: agentId, supervision: id, mode, by }, "who hears a supervisor is changed");
    const call = this.#parts.calls.find(agentId);
    if (call && supervision.line) await this.#listen(supervision, call);
    return supervision.view;
  }

  /** @throws Fault `supervision-unknown` */
  end(agentId: string, id: string, by: string): void {
    this.#end(this.#find(agentId, id), `ended by ${by}`);
  }

  async close(): Promise<void> {
    for (const stop of this.#stop) stop();
    const lines = [...this.#all.values()].flatMap(({ line }) => line ?? []);
    for (const each of this.#all.values()) this.#end(each, "the server stops");
    await Promise.all(lines.map((line) => line.close()));
  }

  async #run(supervision: Supervision, phone: ListeningPhone): Promise<void> {
    const { calls, phones, clock, ringTimeoutMs } = this.#parts;
    const { agentId } = supervision.view;
    const near = calls.find(agentId)?.leg.endpoint.mediaServer;
    const order = { ringTimeoutMs, withdraw: supervision.withdraw.signal, ...(near !== undefined && { near }) };
    const line = await phones.ring(agentId, phone, order);
    if (!(line instanceof OpenLine)) return this.#end(supervision, `the telephone was not picked up: ${line.why}`);
    if (supervision.view.state === "ended") return void line.close();
    supervision.line = line;
    // Should this process die, it hears goodbye before long; in the conversation nobody does.
    line.keep(clock);
    line.ended.then(() => this.#end(supervision, "the telephone was hung up"));
    supervision.view = { ...supervision.view, state: "waiting" };
    const call = calls.find(agentId);
    if (call) await this.#listen(supervision, call);
  }

  #begins(call: DeskCall): void {
    for (const each of this.#of(call.agentId))
      if (each.line) void this.#listen(each, call).catch((error: unknown) => this.#end(each, toFault(error, "internal").message));
  }

  #listen(supervision: Supervision, call: DeskCall): Promise<void> {
    const done = supervision.work.then(() => this.#hear(supervision, call));
    supervision.work = done.catch(() => undefined);
    return done;
  }

  async #hear(supervision: Supervision, call: DeskCall): Promise<void> {
    const { line, view } = supervision;
    if (!line || view.state === "ended" || this.#parts.calls.find(call.agentId) !== call) return;
    await line.endpoint.overhear(call.leg.endpoint, supervision.view.mode);
    if (this.#isOver(supervision)) return;
    supervision.view = { ...supervision.view, state: "listening" };
    call.ended.then(() => {
      const now = supervision.view;
      if (now.state === "listening" && !this.#parts.calls.find(call.agentId)) supervision.view = { ...now, state: "waiting" };
    });
  }

  /** Also while something was waited for. */
  #isOver({ view }: Supervision): boolean {
    return view.state === "ended";
  }

  #end(supervision: Supervision, why: string): void {
    const { view, line, withdraw } = supervision;
    if (view.state === "ended") return;
    supervision.view = { ...view, state: "ended", why };
    withdraw.abort();
    void line?.close();
    this.#parts.log.info({ agent: view.agentId, supervision: view.id, by: view.by, why }, "somebody does not listen in on an agent any more");
  }

  #remember(supervision: Supervision): void {
    this.#all.set(supervision.view.id, supervision);
    for (const { view } of [...this.#all.values()]) {
      if (this.#all.size <= mostRemembered) break;
      if (view.state === "ended") this.#all.delete(view.id);
    }
  }

  #of(agentId: string): readonly Supervision[] {
    return [...this.#all.values()].filter(({ view }) => view.agentId === agentId);
  }

  #find(agentId: string, id: string): Supervision {
    const found = this.#all.get(id);
    if (found?.view.agentId !== agentId) throw new Fault("supervision-unknown", `Nobody listens in on agent ${agentId} as ${id}.`);
    return found;
  }
}
