import type { AgentPacingState, PacingEvent } from "./event.ts";

export interface CallUnderWay {
  readonly call: string;
  readonly atMs: number;
  readonly list: string;
  readonly attempt: number;
}

export interface AgentAtWork {
  readonly state: AgentPacingState;
  readonly sinceMs: number;
  /** When the agent will log out or take a break, if that is announced. */
  readonly leavesAtMs?: number;
}

export interface WaitingPerson {
  readonly call: string;
  readonly classified: boolean;
}

/** What there is at this moment: calls under way, people who wait for an agent, agents. */
export interface Board {
  readonly calls: Map<string, CallUnderWay>;
  readonly waiting: Map<string, WaitingPerson>;
  readonly agents: Map<string, AgentAtWork>;
}

/** A board as plain data. */
export interface BoardRecord {
  readonly calls: readonly CallUnderWay[];
  readonly waiting: readonly WaitingPerson[];
  readonly agents: readonly (readonly [string, AgentAtWork])[];
}

export function emptyBoard(): Board {
  return { calls: new Map(), waiting: new Map(), agents: new Map() };
}

export function boardOf({ calls, waiting, agents }: BoardRecord): Board {
  return {
    calls: new Map(calls.map((call) => [call.call, call])),
    waiting: new Map(waiting.map((person) => [person.call, person])),
    agents: new Map(agents),
  };
}

export function boardRecord({ calls, waiting, agents }: Board): BoardRecord {
  return { calls: [...calls.values()], waiting: [...waiting.values()], agents: [...agents] };
}

/** Changes the board by an event. What does not fit, such as the end of a call nobody dialled, changes nothing. */
export function see(board: Board, event: PacingEvent): void {
  switch (event.kind) {
    case "agent":
      if (event.state === "away") board.agents.delete(event.agent);
      else {
        const { state, leavesAtMs } = event;
        const before = board.agents.get(event.agent);
        // Told again of the same state, an agent is not new in it.
        const sinceMs = before?.state === state ? before.sinceMs : event.atMs;
        board.agents.set(event.agent, { state, sinceMs, ...(leavesAtMs === undefined ? {} : { leavesAtMs }) });
      }
      return;
    case "dialled":
      board.calls.set(event.call, { call: event.call, atMs: event.atMs, list: event.list, attempt: event.attempt });
      return;
    case "ended":
      if (!board.calls.delete(event.call)) return;
      if (event.how === "answered" || event.how === "unclassified")
        board.waiting.set(event.call, { call: event.call, classified: event.how === "answered" });
      return;
    case "connected":
    case "abandoned":
    case "left":
      board.waiting.delete(event.call);
  }
}

/** Agents who can take a call now, and will still be there at `untilMs`. */
export function readyAgents({ agents }: Board, untilMs = Number.NEGATIVE_INFINITY): number {
  let ready = 0;
  for (const { state, leavesAtMs } of agents.values()) if (state === "ready" && (leavesAtMs === undefined || leavesAtMs >= untilMs)) ready += 1;
  return ready;
}
