import { explain } from "../compliance/gate.ts";
import type { Why, WhyDecision, WhyReader } from "../compliance/why-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CandidateReader } from "./candidate-ports.ts";
import { type AccountPolicy, gatePolicyOf } from "./gate-policy.ts";
import { judgeOwn, type PassPlace } from "./pass-judge.ts";
import type { PassPlaces } from "./pass-places-engine.ts";
import type { CampaignStore, Candidate } from "./ports.ts";

export interface WhyParts {
  readonly campaigns: Pick<CampaignStore, "find">;
  readonly candidates: CandidateReader;
  /** As the pass engine has it; read anew each time. */
  readonly account: AccountPolicy;
  readonly clock: Clock;
  /** What passes of strategies go by. Absent: campaigns are asked about as if they were by themselves. */
  readonly places?: Pick<PassPlaces, "of">;
}

/** Asks the gate about one person, by the facts that a claim would give it, and changes nothing. */
export class Whys implements WhyReader {
  readonly #parts: WhyParts;

  constructor(parts: WhyParts) {
    this.#parts = parts;
  }

  async why(campaignId: string, contactId: string): Promise<Why | undefined> {
    const { campaigns, candidates, account, clock, places } = this.#parts;
    const campaign = await campaigns.find(campaignId);
    if (campaign === undefined) return undefined;
    const at = clock.now();
    const candidate = await candidates.candidate(campaign, contactId, at);
    if (candidate === undefined) return undefined;
    if (typeof candidate === "string") return { at, address: undefined, may: false, rule: candidate, decisions: [] };
    const place = await places?.of(campaign);
    const decisions = [...(place === undefined ? [] : [ofPass(at, candidate, place)]), ...explain(at, candidate, gatePolicyOf(campaign, account))];
    const first = decisions.find(({ passed }) => !passed);
    const said = first?.rule && { rule: first.rule, ...(first.retryAt !== undefined && { retryAt: first.retryAt }) };
    return { at, address: candidate.address, may: first === undefined, ...said, decisions };
  }
}

/** The question that comes before the gate. */
function ofPass(at: number, candidate: Candidate, place: PassPlace): WhyDecision {
  const own = judgeOwn(at, candidate, place);
  const saw = `pass ${place.pass.name} of strategy ${place.strategy.name}: whom it is meant for, its days, and limits of attempts`;
  if (own === undefined || own.go) return { step: "pass", passed: true, saw };
  return { step: "pass", passed: false, rule: own.rule, ...(own.retryAt !== undefined && { retryAt: own.retryAt }), saw };
}
