import { type Hiding, masked } from "../privacy/mask.ts";
import type { Reply } from "./schema/agent-message.ts";

/** A message as an agent's program gets it, with what agents do not see hidden. */
export function shownToAgents(message: Reply & { readonly id?: string }, hiding: Hiding): unknown {
  // A link that leads to the page where somebody pays is of no use with holes in it.
  if (message.type === "payment-page") return message;
  const shown = masked(message, hiding);
  if (!("call" in message) || message.call === undefined || typeof shown !== "object" || shown === null) return shown;
  const { call } = shown as { readonly call: object };
  // It is one of ours, under the name that people's have elsewhere.
  return { ...shown, call: { ...call, number: message.call.number } };
}
