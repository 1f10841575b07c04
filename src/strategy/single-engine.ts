import type { Order, OrderSource } from "../attempt/ports.ts";
import { settle } from "../attempt/treatment.ts";
import type { DestinationPolicy } from "../compliance/destination.ts";
import type { GatePolicy } from "../compliance/gate.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { isVoice, type VoiceCampaign } from "./campaign.ts";
import { judge } from "./judge.ts";
import type { CampaignStore } from "./ports.ts";
import type { SingleRefusal, SingleStore, SingleWish } from "./single-ports.ts";

export interface SingleOrdersParts {
  readonly singles: SingleStore;
  readonly orders: Pick<OrderSource, "pull" | "due">;
  readonly campaigns: Pick<CampaignStore, "find">;
  readonly clock: Clock;
  /** As the pass engine has them. */
  readonly destinationPrefixes?: Readonly<Record<string, readonly string[]>>;
  readonly destinations?: DestinationPolicy;
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
    const taken = await singles.reserve(campaign, wish, now, (candidate) => judge(now, candidate, this.#policyOf(campaign)));
    if ("refused" in taken) return taken;
    const treatments = campaign.retries && settle(campaign.retries, taken.putBack);
    return { ...taken.order, ...(treatments && { treatments }), ...(taken.dueAt !== undefined && { dueAt: taken.dueAt }) };
  }

  /** The gate is asked again, at the instant of dialling. @throws Fault `campaign-unknown` */
  async again({ attemptId, campaignId }: Order): Promise<SingleRefusal | undefined> {
    const campaign = await this.#campaign(campaignId);
    const now = this.#parts.clock.now();
    const renewed = await this.#parts.singles.renew(attemptId, now, (candidate) => judge(now, candidate, this.#policyOf(campaign)));
    return "refused" in renewed ? renewed : undefined;
  }

  /** One that writes has nobody to call. */
  async #campaign(id: string): Promise<VoiceCampaign> {
    const campaign = await this.#parts.campaigns.find(id);
    if (!campaign || !isVoice(campaign))
      throw new Fault("campaign-unknown", `There is no campaign ${id} that calls people.`, { detail: { campaign: id } });
    return campaign;
  }

  #policyOf({ window, defaultTimeZone, trunk }: VoiceCampaign): GatePolicy {
    const { destinationPrefixes = {}, destinations } = this.#parts;
    return { window, defaultTimeZone, destinationPrefixes: destinationPrefixes[trunk] ?? [], ...(destinations && { destinations }) };
  }
}
