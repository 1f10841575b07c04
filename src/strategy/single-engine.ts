import type { Order, OrderSource } from "../attempt/ports.ts";
import { settle } from "../attempt/treatment.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { isVoice, type VoiceCampaign } from "./campaign.ts";
import { type AccountPolicy, gatePolicyOf } from "./gate-policy.ts";
import { judge } from "./judge.ts";
import { judgePass } from "./pass-judge.ts";
import type { PassPlaces } from "./pass-places-engine.ts";
import type { CampaignStore, Candidate } from "./ports.ts";
import type { SingleRefusal, SingleStore, SingleWish } from "./single-ports.ts";

export interface SingleOrdersParts {
  /** As the pass engine has it; read anew each time. */
  readonly account: AccountPolicy;
  readonly singles: SingleStore;
  readonly orders: Pick<OrderSource, "pull" | "due">;
  readonly campaigns: Pick<CampaignStore, "find">;
  /** What passes go by. Without it there are none. */
  readonly places?: Pick<PassPlaces, "of">;
  readonly clock: Clock;
}

/** Orders for those who call one person at a time; every one that is returned is committed as a reserved attempt. */
export class SingleOrders {
  readonly #parts: SingleOrdersParts;

  constructor(parts: SingleOrdersParts) {
    this.#parts = parts;
  }

  due(campaignId: string): boolean {
    return this.#parts.orders.due(campaignId);
  }

  /** Whose turn it is in a campaign that runs. */
  async next(campaignId: string): Promise<Order | undefined> {
    return (await this.#parts.orders.pull(campaignId, 1))[0];
  }

  /** This person, whether or not it is their turn. @throws Fault `campaign-unknown` */
  async one(campaignId: string, wish: SingleWish): Promise<(Order & { readonly dueAt?: number }) | SingleRefusal> {
    const { singles, clock } = this.#parts;
    const campaign = await this.#campaign(campaignId);
    const now = clock.now();
    const gate = (candidate: Candidate) => judge(now, candidate, gatePolicyOf(campaign, this.#parts.account));
    // Limits of a strategy hold back no call that the person asked for.
    const place = wish.promised ? undefined : await this.#parts.places?.of(campaign);
    const taken = await singles.reserve(campaign, wish, now, place ? (candidate) => judgePass(now, candidate, gate, place) : gate);
    if ("refused" in taken) return taken;
    const treatments = campaign.retries && settle(campaign.retries, taken.putBack);
    return { ...taken.order, ...(treatments && { treatments }), ...(taken.dueAt !== undefined && { dueAt: taken.dueAt }) };
  }

  /** The gate is asked again, at the instant of dialling. @throws Fault `campaign-unknown` */
  async again({ attemptId, campaignId }: Order): Promise<SingleRefusal | undefined> {
    const campaign = await this.#campaign(campaignId);
    const now = this.#parts.clock.now();
    const renewed = await this.#parts.singles.renew(attemptId, now, (candidate) =>
      judge(now, candidate, gatePolicyOf(campaign, this.#parts.account)),
    );
    return "refused" in renewed ? renewed : undefined;
  }

  /** One that writes has nobody to call. */
  async #campaign(id: string): Promise<VoiceCampaign> {
    const campaign = await this.#parts.campaigns.find(id);
    if (!campaign || !isVoice(campaign))
      throw new Fault("campaign-unknown", `There is no campaign ${id} that calls people.`, { detail: { campaign: id } });
    return campaign;
  }
}
