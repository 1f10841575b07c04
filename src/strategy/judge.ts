import { type GatePolicy, isPermit, mayContact } from "../compliance/gate.ts";
import type { Candidate, Verdict } from "./ports.ts";

/** The gate's word on one candidate. @param now epoch ms */
export function judge(now: number, candidate: Candidate, policy: GatePolicy): Verdict {
  const decision = mayContact(now, candidate, policy);
  if (isPermit(decision)) return { go: true, untilMs: decision.untilMs };
  return { go: false, rule: decision.rule, ...(decision.retryAt === undefined ? {} : { retryAt: decision.retryAt }) };
}
