import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import { loadConsents } from "../compliance/consent-import-engine.ts";
import { DoNotCallLists } from "../compliance/do-not-call-engine.ts";
import { Hindrances } from "../compliance/hindrance-engine.ts";
import { loadSuppressions } from "../compliance/suppression-import-engine.ts";
import type { Config } from "../config/schema.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Campaign } from "../strategy/campaign.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";

type SafeguardStores = Pick<Stores, "suppressions" | "safeguards" | "consents" | "lookups" | "schedules">;
type SafeguardConfig = Pick<Config, "contact" | "doNotCall" | "lookups">;

/** What the API says and changes of suppressions and consents. */
export function safeguardsOf(
  stores: SafeguardStores,
  { contact, doNotCall: options, lookups: here }: SafeguardConfig,
  clock: Clock,
): ApiParts["safeguards"] {
  const { suppressions, safeguards, consents, lookups, schedules } = stores;
  const doNotCall = new DoNotCallLists({ suppressions, safeguards, options, clock });
  return {
    suppressions,
    safeguards,
    consents,
    hindrances: new Hindrances({ doNotCall, lookups, schedules, here: here.map(({ name }) => name) }),
    load: (request) => loadSuppressions({ defaultCountry: contact.defaultCountry, ...request, store: suppressions, clock }),
    loadConsents: (request) => loadConsents({ defaultCountry: contact.defaultCountry, ...request, store: consents, clock }),
  };
}

/** How often it is looked: the age of lists counts in days, and a look-up is gone after minutes. */
const lookMs = 60_000;

export interface GuardParts {
  readonly stores: SafeguardStores;
  readonly config: SafeguardConfig;
  readonly pass: Pick<PassEngine, "running" | "order" | "onChange" | "guard">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets no campaign start that something keeps from running, a national do-not-call list that is too old or a look-up that is gone, and pauses those that run when that has come about. */
export function guardCampaigns({ stores, config, pass, clock, log }: GuardParts): {
  readonly api: ApiParts["safeguards"];
  close(): Promise<void>;
} {
  const api = safeguardsOf(stores, config, clock);
  const look = async (campaigns: readonly Campaign[]) => {
    for (const campaign of campaigns) {
      const reason = await api.hindrances.hindrance(campaign);
      if (reason === undefined) continue;
      const paused = await pass.order(campaign.id, "pause").catch((error: unknown) => {
        // Somebody has stopped it meanwhile: that keeps none of the others running.
        if (!(error instanceof Fault && error.code === "campaign-state")) throw error;
        return undefined;
      });
      if (paused) log.warn({ campaign: campaign.id, reason }, "the campaign is paused: it must not run now");
    }
  };
  const trouble = (error: unknown) => log.error({ err: error }, "cannot look what keeps campaigns from running; trying again");
  pass.guard((campaign) => api.hindrances.mayStart(campaign));
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
