import type { Stores } from "../adapter/postgres/stores.ts";
import { systemClock } from "../adapter/system/clock.ts";
import type { ApiParts } from "../api/parts.ts";
import type { CalendarBook } from "../compliance/calendar-book-engine.ts";
import type { PlacePolicy } from "../compliance/gate.ts";
import type { RuleBook } from "../compliance/rule-book-engine.ts";
import type { Config } from "../config/schema.ts";
import { rulesOf } from "../contact/lookup/exchange.ts";
import { loadVersion } from "../ivr/linked-engine.ts";
import type { ScriptReader } from "../ivr/reader-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type Log, silentLog } from "../kernel/log.ts";
import { type Campaign, isVoice } from "../strategy/campaign.ts";
import type { AccountPolicy } from "../strategy/gate-policy.ts";
import { Preflights, type Saying } from "../strategy/preflight-engine.ts";
import { Whys } from "../strategy/why-engine.ts";
import { fillMessage, neededBy, suppliedFields } from "../template/fill.ts";
import { waysOf } from "../voice/route.ts";
import { openCalendars, readCalendars } from "./calendars.ts";
import { destinationsOf } from "./destinations.ts";
import { openRules, readRules, trialsOf } from "./rules.ts";
import { passPlaces } from "./strategies.ts";
import { listedOf } from "./trunks.ts";
import { keepLaws, whereaboutsOf } from "./whereabouts.ts";

/** What the gate goes by that is kept in the database: the account's rules and calendars, followed as they change, and what the law says of caps and consents. Nobody may be asked about before. */
export async function openBooks(stores: Pick<Stores, "calendars" | "caps" | "rules">, config: Pick<Config, "legalHours">, clock: Clock, log: Log) {
  await keepLaws(stores.caps, config);
  const rules = await openRules(stores.rules, clock, log);
  const calendars = await openCalendars(stores.calendars, clock, log);
  return { rules, calendars, close: async () => void (await Promise.all([rules.close(), calendars.close()])) };
}

type WhyStores = Pick<Stores, "campaigns" | "candidates" | "strategies" | "strategyCampaigns">;
type PreflightStores = WhyStores & Pick<Stores, "scripts" | "templates">;

/** What the API says and changes of the rules by which people are contacted, and of what came of them. */
export function complianceApi(
  stores: PreflightStores & Pick<Stores, "abandonment" | "attemptReader" | "calendars" | "caps" | "rules" | "timelines" | "pool">,
  account: AccountPolicy & { readonly whereabouts: PlacePolicy },
  { rules: book, calendars }: { readonly rules: RuleBook; readonly calendars: CalendarBook },
  clock: Clock,
  reader: ScriptReader,
): Pick<ApiParts, "abandonment" | "attempts" | "calendars" | "caps" | "preflights" | "rules" | "timelines" | "whys"> {
  const { abandonment, attemptReader: attempts, caps, timelines } = stores;
  const rules = { store: stores.rules, book, trials: trialsOf(stores, account.whereabouts, clock) };
  const ofCalendars = { store: stores.calendars, book: calendars };
  return {
    abandonment,
    attempts,
    calendars: ofCalendars,
    caps,
    rules,
    timelines,
    preflights: preflightsOf(stores, account, clock, reader),
    whys: whysOf(stores, account, clock),
  };
}

/** Stands for what whoever sends an e-mail puts in. */
const supplied = Object.fromEntries(suppliedFields.map((name) => [name, name]));

export function preflightsOf(stores: PreflightStores, account: AccountPolicy, clock: Clock, reader: ScriptReader): Preflights {
  const { campaigns, candidates, scripts, templates } = stores;
  return new Preflights({ campaigns, candidates, account, clock, saying, places: passPlaces(stores, clock) });

  async function saying(campaign: Campaign): Promise<Saying> {
    if (isVoice(campaign)) return { needed: await scriptNeeds(campaign.scriptVersionId) };
    const template = await templates.version(campaign.templateVersionId);
    if (template === undefined) return { needed: [] };
    const given = template.channel === "email" ? supplied : {};
    const needed = neededBy(template).filter((field) => !Object.hasOwn(given, field));
    return { needed, unwritable: (fields) => "held" in fillMessage(template, { ...fields, ...given }) };
  }

  /** A version that this Carillon cannot read any more calls nobody; what it would need is not known. */
  async function scriptNeeds(versionId: string): Promise<readonly string[]> {
    try {
      return (await loadVersion(scripts, reader, versionId)).needs;
    } catch (error) {
      if (error instanceof Fault && error.code === "script-invalid") return [];
      throw error;
    }
  }
}

export function whysOf(stores: WhyStores, account: AccountPolicy, clock: Clock): Whys {
  const { campaigns, candidates } = stores;
  return new Whys({ campaigns, candidates, account, clock, places: passPlaces(stores, clock) });
}

/** What the account allows, as a server with this configuration has it. */
export async function accountOf(config: Config, stores: Pick<Stores, "calendars" | "keptTrunks" | "keptSettings" | "rules">): Promise<AccountPolicy> {
  const { trunks, routes } = await listedOf(config, stores);
  const ways = waysOf(trunks, routes);
  return {
    ownRules: await readRules(stores.rules, systemClock, silentLog),
    calendars: await readCalendars(stores.calendars, systemClock, silentLog),
    lookups: rulesOf(config.lookups),
    destinations: destinationsOf(config),
    whereabouts: whereaboutsOf(config),
    destinationPrefixes: Object.fromEntries(ways.map(({ name, destinationPrefixes }) => [name, destinationPrefixes])),
  };
}
