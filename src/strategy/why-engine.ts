import { explain } from "../compliance/gate.ts";
import type { Why, WhyReader } from "../compliance/why-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CandidateReader } from "./candidate-ports.ts";
import { type AccountPolicy, gatePolicyOf } from "./gate-policy.ts";
import type { CampaignStore } from "./ports.ts";

export interface WhyParts {
  readonly campaigns: Pick<CampaignStore, "find">;
  readonly candidates: CandidateReader;
  /** As the pass engine has it; read anew each time. */
  readonly account: AccountPolicy;
  readonly clock: Clock;
}

/** Asks the gate about one person, by the facts that a claim would give it, and changes nothing. */
export class Whys implements WhyReader {
  readonly #parts: WhyParts;

  constructor(parts: WhyParts) {
    this.#parts = parts;
  }

  async why(campaignId: string, contactId: string): Promise<Why | undefined> {
    const { campaigns, candidates, account, clock } = this.#parts;
    const campaign = await campaigns.find(campaignId);
    if (campaign === undefined) return undefined;
    const at = clock.now();
    const candidate = await candidates.candidate(campaign, contactId, at);
    if (candidate === undefined) return undefined;
    if (typeof candidate === "string") return { at, address: undefined, may: false, rule: candidate, decisions: [] };
    const decisions = explain(at, candidate, gatePolicyOf(campaign, account));
    const first = decisions.find(({ passed }) => !passed);
    const said = first?.rule && { rule: first.rule, ...(first.retryAt !== undefined && { retryAt: first.retryAt }) };
    return { at, address: candidate.address, may: first === undefined, ...said, decisions };
  }
}
