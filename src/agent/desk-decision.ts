import { Fault } from "../kernel/fault.ts";
import type { Decide, Moment } from "./ports.ts";
import { type DeskEvent, move } from "./state.ts";

/** What happened on the telephone of an agent who is held. `consulted`: they helped another agent, and have nothing to write up. */
export type Progress = "release" | "answer" | "miss" | "hang-up" | "consulted" | { readonly ringMs: number };

/** As the rules of an agent's states have it. */
export function progressEvent(event: Progress, { at, wrapUp }: Moment): DeskEvent {
  if (typeof event === "object") return { kind: "ring", until: at + event.ringMs };
  if (event === "consulted") return { kind: "hang-up", wrapUp: { ...wrapUp, wrapUpMs: 0 } };
  return event === "hang-up" ? { kind: event, wrapUp } : { kind: event };
}

/** A change of what an agent does. @throws Fault `agent-state` in the deciding, when the event does not fit */
export function decideOn(event: DeskEvent, by?: string): Decide {
  return ({ desk, at }) => {
    const moved = move(desk, event, at);
    if ("refused" in moved) throw new Fault("agent-state", moved.refused);
    return { desk: moved.desk, cause: event.kind, ...(by !== undefined && { by }) };
  };
}
