import { Counter, type Registry } from "prom-client";
import { gateRules } from "../compliance/gate-rules.ts";
import type { Candidate, Verdict, WorkStore } from "../strategy/ports.ts";

/** The same store, with every refusal of the gate counted by its rule. Who waits for their hour is refused anew whenever they are looked at. */
export function countedWork(registry: Registry, work: WorkStore): WorkStore {
  const refusals = new Counter({
    name: "carillon_gate_refusals_total",
    help: "Contacts whom the gate held back when they were looked at, by rule.",
    labelNames: ["rule"],
    registers: [registry],
  });
  // Whoever compares with what was there before needs a series that does not begin with its first event.
  for (const rule of Object.keys(gateRules)) refusals.inc({ rule }, 0);
  const counting = (judge: (candidate: Candidate) => Verdict) => (candidate: Candidate) => {
    const verdict = judge(candidate);
    // Of rules of the account's own there may be any number; campaign why names them.
    if (!verdict.go) refusals.inc({ rule: verdict.rule.startsWith("rule/") ? "own-rule" : verdict.rule });
    return verdict;
  };
  return {
    claim: (campaign, count, now, node, judge, ...more) => work.claim(campaign, count, now, node, counting(judge), ...more),
    claimMessages: (campaign, count, now, node, judge, ...more) => work.claimMessages(campaign, count, now, node, counting(judge), ...more),
    moment: (campaignId) => work.moment(campaignId),
    unfinished: (campaign) => work.unfinished(campaign),
    onTheirWay: (id) => work.onTheirWay(id),
  };
}
