import type { Permit } from "../attempt/ports.ts";
import type { GateCandidate, GatePolicy, Refusal } from "./gate-facts.ts";
import type { GateRule } from "./gate-rules.ts";
import { gateSteps } from "./gate-steps.ts";

export { type GateCandidate, type GatePolicy, onTheLineMs, type PlacePolicy, type Refusal } from "./gate-facts.ts";
export { type GateRule, gateRules } from "./gate-rules.ts";

/**
 * A permit never outlives this, however long the window stays open: an order that waited longer is asked about anew,
 * so that what was learnt meanwhile (an opt-out, a stop) is heard.
 */
export const permitMs = 10 * 60_000;

/**
 * The gate: whether this person may be contacted at this address now. Where it is in doubt the answer is no.
 * @param at epoch ms
 */
export function mayContact(at: number, candidate: GateCandidate, policy: GatePolicy): Permit | Refusal {
  let untilMs = at + permitMs;
  for (const step of gateSteps) {
    const answer = step.ask(at, candidate, policy);
    if (typeof answer === "object") return answer;
    if (answer !== undefined && answer < untilMs) untilMs = answer;
  }
  return { at, untilMs };
}

/** What one question of the gate came to. */
export interface GateDecision {
  readonly step: string;
  readonly passed: boolean;
  /** Of a refusal. */
  readonly rule?: GateRule;
  /** Epoch ms, of a refusal that passes with time. */
  readonly retryAt?: number;
  /** What it went by, for people. */
  readonly saw: string;
}

/** Every question in its order, also behind the first no: `mayContact` says what that comes to. */
export function explain(at: number, candidate: GateCandidate, policy: GatePolicy): readonly GateDecision[] {
  return gateSteps.map((step) => {
    const answer = step.ask(at, candidate, policy);
    const refusal = typeof answer === "object" ? answer : undefined;
    return { step: step.name, passed: refusal === undefined, ...refusal, saw: step.saw(candidate, policy, at) };
  });
}

export function isPermit(decision: Permit | Refusal): decision is Permit {
  return "untilMs" in decision;
}
