/** How a call ended for the pacer: `answered` by a person, or by somebody nobody has classified; `carrier` is a failure of the network or ours, which says nothing about the person. */
export type CallEnd = "answered" | "unclassified" | "unanswered" | "carrier";
export type AgentPacingState = "ready" | "talking" | "wrap-up" | "away";

/**
 * What the pacer is told, in the order in which it happened. Times are ms on one clock that never goes back; calls and agents have names of any form.
 * A call is `dialled`, then `ended`; one that was answered is then `connected`, `abandoned`, or `left`: they hung up before it was late.
 */
export type PacingEvent =
  | { readonly kind: "agent"; readonly atMs: number; readonly agent: string; readonly state: AgentPacingState; readonly leavesAtMs?: number }
  | { readonly kind: "dialled"; readonly atMs: number; readonly call: string; readonly list: string; readonly attempt: number }
  | { readonly kind: "ended"; readonly atMs: number; readonly call: string; readonly how: CallEnd }
  | { readonly kind: "connected"; readonly atMs: number; readonly call: string }
  | { readonly kind: "abandoned"; readonly atMs: number; readonly call: string }
  | { readonly kind: "left"; readonly atMs: number; readonly call: string };
