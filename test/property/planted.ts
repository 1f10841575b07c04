import type { Candidate, Verdict, WorkStore } from "../../src/strategy/ports.ts";
import type { Planted } from "./node.ts";

/* Faults that are put in on purpose: a property that does not find them proves nothing. Each with the violation that it must come to. */

const wide = { go: true, untilMs: 8e12 } as const;

/** Claims whose verdicts go through a function. */
function judged(work: WorkStore, change: (verdict: Verdict, candidate: Candidate) => Verdict): WorkStore {
  const through = (judge: (candidate: Candidate) => Verdict) => (candidate: Candidate) => change(judge(candidate), candidate);
  return {
    claim: (campaign, count, now, node, judge, ...rest) => work.claim(campaign, count, now, node, through(judge), ...rest),
    claimMessages: (campaign, count, now, node, judge, ...rest) => work.claimMessages(campaign, count, now, node, through(judge), ...rest),
    moment: (id) => work.moment(id),
    unfinished: (id) => work.unfinished(id),
    onTheirWay: (id) => work.onTheirWay(id),
  };
}

export const plantedFaults: Readonly<Record<string, { readonly planted: Planted; readonly found: RegExp }>> = {
  "calling hours are not asked about": {
    planted: { work: (work) => judged(work, (verdict) => (!verdict.go && verdict.rule === "outside-calling-window" ? wide : verdict)) },
    found: /^outside the calling hours/,
  },
  "permits outlive the calling hours": {
    planted: { work: (work) => judged(work, (verdict) => (verdict.go ? wide : verdict)) },
    found: /^outside the calling hours/,
  },
  "opt-outs are lost": {
    planted: { deaf: true },
    found: /^after an opt-out/,
  },
  "what a dead process had in flight is tried again": {
    planted: {
      after:
        "insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, ended_at from attempt where result = 'interrupted' and sending_at is not null on conflict do nothing",
    },
    found: /^again after interrupted/,
  },
  "somebody waits twice": {
    planted: {
      after:
        "insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, reserved_at from attempt where ended_at is null on conflict do nothing",
    },
    found: /^twice at once/,
  },
  "refusals are not written": {
    planted: { after: "delete from refusal where retry_at is null" },
    found: /nothing says why/,
  },
};
