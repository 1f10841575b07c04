import { type GatePolicy, isPermit, mayContact } from "../compliance/gate.ts";
import { openFacts } from "../contact/lookup/lookup.ts";
import type { Candidate, Verdict } from "./ports.ts";

/** The gate's word on one candidate. @param now epoch ms */
export function judge(now: number, candidate: Candidate, policy: GatePolicy): Verdict {
  const decision = mayContact(now, candidate, policy);
  if (isPermit(decision)) return { go: true, untilMs: decision.untilMs };
  const { rule, retryAt } = decision;
  const wanted = rule === "not-looked-up" ? openFacts(now, candidate.lookups ?? []) : [];
  return { go: false, rule, ...(retryAt !== undefined && { retryAt }), ...(wanted.length > 0 && { wanted }) };
}
