import type { ChannelName } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { countryOf } from "./destination.ts";
import { type UnusableList, unusableLists } from "./do-not-call.ts";
import type { DoNotCallOptions } from "./options.ts";
import type { SafeguardStore } from "./safeguard-ports.ts";
import type { SuppressionStore } from "./suppression-ports.ts";

/** What it must know of a campaign. */
export interface DialledCampaign {
  readonly id: string;
  readonly name: string;
  readonly channel: ChannelName;
  readonly listId: string;
}

export interface DoNotCallParts {
  readonly suppressions: Pick<SuppressionStore, "lists">;
  readonly safeguards: Pick<SafeguardStore, "find" | "numbers">;
  readonly options: DoNotCallOptions;
  readonly clock: Clock;
}

const pageNumbers = 5000;
/** Whoever has so many numbers of a calling code on a list, and none of the country among them, is taken to have one further on. */
const mostPages = 40;

/** Whether campaigns may contact people by the national do-not-call lists that there are. */
export class DoNotCallLists {
  readonly #parts: DoNotCallParts;

  constructor(parts: DoNotCallParts) {
    this.#parts = parts;
  }

  /** Why the campaign must not go on, for people: which list, how old, what to do; undefined when nothing is against it. */
  async hindrance(campaign: DialledCampaign): Promise<string | undefined> {
    const { suppressions, safeguards, options, clock } = this.#parts;
    const against = unusableLists(clock.now(), await suppressions.lists(), options).filter(({ channels }) => channels.includes(campaign.channel));
    if (against.length === 0 || (await safeguards.find(campaign.id)).doNotCallExempt !== undefined) return undefined;
    const found: string[] = [];
    for (const list of against) if (await this.#concerns(campaign.listId, list)) found.push(list.why);
    return found.length === 0 ? undefined : found.join("; ");
  }

  /** @throws Fault `do-not-call-list-old` */
  async mayStart(campaign: DialledCampaign): Promise<void> {
    const why = await this.hindrance(campaign);
    if (why === undefined) return;
    const way = "If national do-not-call lists are not for this campaign, exempt it, with the reason (docs/compliance.md).";
    throw new Fault("do-not-call-list-old", `Campaign ${campaign.name} must not run: ${why}. ${way}`, { detail: { campaign: campaign.id } });
  }

  async #concerns(listId: string, { countries, prefix }: UnusableList): Promise<boolean> {
    let after: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const { numbers, next } = await this.#parts.safeguards.numbers(listId, prefix, pageNumbers, after);
      if (numbers.some((number) => countries.includes(countryOf(number)?.country ?? ""))) return true;
      if (next === undefined) return false;
      after = next;
    }
    return true;
  }
}
