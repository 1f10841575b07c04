import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import { loadConsents } from "../compliance/consent-import-engine.ts";
import { DoNotCallLists } from "../compliance/do-not-call-engine.ts";
import { loadSuppressions } from "../compliance/suppression-import-engine.ts";
import type { Config } from "../config/schema.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Campaign } from "../strategy/campaign.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";

type SafeguardStores = Pick<Stores, "suppressions" | "safeguards" | "consents">;

/** What the API says and changes of suppressions and consents. */
export function safeguardsOf(
  stores: SafeguardStores,
  { contact, doNotCall }: Pick<Config, "contact" | "doNotCall">,
  clock: Clock,
): ApiParts["safeguards"] {
  const { suppressions, safeguards, consents } = stores;
  return {
    suppressions,
    safeguards,
    consents,
    doNotCall: new DoNotCallLists({ suppressions, safeguards, options: doNotCall, clock }),
    load: (request) => loadSuppressions({ defaultCountry: contact.defaultCountry, ...request, store: suppressions, clock }),
    loadConsents: (request) => loadConsents({ defaultCountry: contact.defaultCountry, ...request, store: consents, clock }),
  };
}

/** How often it is looked whether a list has become too old; its age counts in days. */
const lookMs = 60_000;

export interface GuardParts {
  readonly stores: SafeguardStores;
  readonly config: Pick<Config, "contact" | "doNotCall">;
  readonly pass: Pick<PassEngine, "running" | "order" | "onChange" | "guard">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets no campaign start by a national do-not-call list that is too old, and pauses those that run by one that has become so. */
export function guardCampaigns({ stores, config, pass, clock, log }: GuardParts): {
  readonly api: ApiParts["safeguards"];
  close(): Promise<void>;
} {
  const api = safeguardsOf(stores, config, clock);
  const look = async (campaigns: readonly Campaign[]) => {
    for (const campaign of campaigns) {
      const reason = await api.doNotCall.hindrance(campaign);
      if (reason === undefined) continue;
      await pass.order(campaign.id, "pause");
      log.warn({ campaign: campaign.id, reason }, "the campaign is paused: a national do-not-call list cannot be used");
    }
  };
  const trouble = (error: unknown) => log.error({ err: error }, "cannot look how old the national do-not-call lists are; trying again");
  pass.guard((campaign) => api.doNotCall.mayStart(campaign));
  // What was started otherwise, as a pass is by its strategy, is seen at once.
  let looking: Promise<void> = Promise.resolve();
  const off = pass.onChange((campaign) => {
    if (campaign.state === "running") looking = looking.then(() => look([campaign])).catch(trouble);
  });
  const end = againDespite(clock, lookMs, () => look(pass.running()), trouble);
  return {
    api,
    async close() {
      off();
      await Promise.all([end(), looking]);
    },
  };
}
