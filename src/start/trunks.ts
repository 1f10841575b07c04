import type { OwnCalendars } from "../compliance/calendar-ports.ts";
import type { DestinationPolicy } from "../compliance/destination.ts";
import type { PlacePolicy } from "../compliance/gate.ts";
import type { OwnRules } from "../compliance/rule-ports.ts";
import { differences, differenceText } from "../config/difference.ts";
import type { Config } from "../config/schema.ts";
import { readPool, readRoute } from "../config/way.ts";
import { rulesOf } from "../contact/lookup/exchange.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { AccountPolicy } from "../strategy/gate-policy.ts";
import { type CallerIdPool, noPool } from "../voice/caller-id.ts";
import { CallerIds } from "../voice/caller-id-engine.ts";
import type { NumberStore } from "../voice/caller-id-ports.ts";
import type { CallerHeaders } from "../voice/identity-engine.ts";
import { noWay, type Route, type WayFacts, waysOf } from "../voice/route.ts";
import type { KeptSetting, SettingStore } from "../voice/setting-store-ports.ts";
import type { Trunk } from "../voice/trunk.ts";
import { Trunks } from "../voice/trunk-engine.ts";
import type { TrunkLedger } from "../voice/trunk-ports.ts";
import type { TrunkStore } from "../voice/trunk-store-ports.ts";
import { destinationsOf } from "./destinations.ts";
import { identityOf, openIdentity } from "./identity.ts";
import { trunkOf } from "./kept-trunk.ts";
import { whereaboutsOf } from "./whereabouts.ts";

/** Sections of the configuration that a running server takes over when it is read anew. */
const changeable: readonly (keyof Config)[] = ["trunks", "routes", "callerIds", "destinations", "identity", "secret"];

/** What reading the configuration anew has come to. */
export interface ConfigChange {
  /** What is otherwise now, one line each; never values. */
  readonly changed: readonly string[];
  /** What is otherwise in the configuration and waits for a restart. */
  readonly needsRestart: readonly string[];
  /** Trunks that are left as they were known to their carriers: a registration there is to be taken back. */
  readonly left: readonly Trunk[];
}

/** What was added over the API. */
export interface Added {
  readonly trunks: readonly Trunk[];
  readonly settings: readonly KeptSetting[];
}

/** Everything that campaigns may name, of the configuration and of the API. Names of the configuration are its own. */
export interface Listed {
  readonly trunks: readonly Trunk[];
  readonly routes: readonly Route[];
  readonly pools: readonly CallerIdPool[];
}

/** The ways out to the telephone network and what is shown on them, as configuration and API have them now. */
export class WaysOut {
  readonly trunks: Trunks;
  readonly callerIds: CallerIds;
  readonly callerHeaders: CallerHeaders;
  /** The account's own rules: what goes by the ways out goes by them too. Set before anybody is asked about. */
  ownRules?: OwnRules;
  /** The account's own calendars, likewise. */
  calendars?: OwnCalendars;
  readonly lookups: NonNullable<AccountPolicy["lookups"]>;
  #config: Config;
  #added: Added = { trunks: [], settings: [] };
  #listed: Listed;

  /** @throws Fault `identity-key-unusable` */
  constructor(config: Config, store: NumberStore, ledger: TrunkLedger, clock: Clock, log: Log) {
    this.#config = config;
    this.lookups = rulesOf(config.lookups);
    this.#listed = listed(config, this.#added);
    this.trunks = new Trunks(guarded(config, config.trunks), config.routes, clock, ledger);
    this.callerIds = new CallerIds(config.callerIds, store, clock, log);
    this.callerHeaders = openIdentity(config, clock);
  }

  /** Every name that campaigns may dial over. */
  get ways(): readonly WayFacts[] {
    return waysOf(this.#listed.trunks, this.#listed.routes);
  }

  /** See `whyNobody`. */
  noWay(trunk: string, callerId: string): string | undefined {
    return whyNobody({ trunk, callerId }, this.#listed);
  }

  get routes(): readonly Route[] {
    return this.#listed.routes;
  }

  get callerIdPools(): readonly CallerIdPool[] {
    return this.#listed.pools;
  }

  /** As they were last read. */
  get config(): Pick<Config, "trunks" | "routes" | "callerIds" | "identity" | "secret"> {
    return this.#config;
  }

  /** Names of the caller id pools. */
  get pools(): readonly string[] {
    return this.#listed.pools.map(({ name }) => name);
  }

  /** Names of the caller id pools that have a number. */
  poolsOf(number: string): readonly string[] {
    return this.#listed.pools.filter(({ numbers }) => numbers.some((one) => one.number === number)).map(({ name }) => name);
  }

  get destinations(): DestinationPolicy {
    return destinationsOf(this.#config);
  }

  get whereabouts(): PlacePolicy {
    return whereaboutsOf(this.#config);
  }

  /** By the name of the trunk or route. */
  get destinationPrefixes(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.ways.map(({ name, destinationPrefixes }) => [name, destinationPrefixes]));
  }

  /**
   * Takes over what may change while calls are up: those go on as they were placed.
   * @throws Fault `identity-key-unusable`: nothing has changed then
   */
  change(config: Config): ConfigChange {
    const identity = identityOf(config);
    const was = this.#config;
    // What is not taken over still counts as it was: the next time it is said again.
    this.#config = { ...was, ...Object.fromEntries(changeable.map((name) => [name, config[name]])) };
    const left = this.#take();
    this.callerHeaders.set(identity);
    const sections = Object.keys(config) as (keyof Config)[];
    const others = sections.filter((name) => !changeable.includes(name));
    const lines = (names: readonly (keyof Config)[]) => differences(was, config, names).map(differenceText);
    return { changed: lines(changeable), needsRestart: lines(others), left };
  }

  /**
   * Takes over what was added over the API.
   * @returns trunks that are left as they were known to their carriers
   */
  keep(added: Added): readonly Trunk[] {
    this.#added = added;
    return this.#take();
  }

  #take(): readonly Trunk[] {
    this.#listed = listed(this.#config, this.#added);
    const { trunks, routes, pools } = this.#listed;
    this.callerIds.set(pools);
    return this.trunks.set(guarded(this.#config, trunks), routes);
  }
}

/** What a configuration has and what its database has, as a server has it. Rejects when the database is away */
export async function listedOf(
  config: Config,
  { keptTrunks, keptSettings }: { readonly keptTrunks: TrunkStore; readonly keptSettings: SettingStore },
): Promise<Listed> {
  const [kept, settings] = await Promise.all([keptTrunks.all(), keptSettings.all()]);
  return listed(config, { trunks: kept.map((trunk) => trunkOf(trunk, config)), settings });
}

function listed(config: Pick<Config, "trunks" | "routes" | "callerIds">, { trunks: kept, settings }: Added): Listed {
  const own = namesOf([...config.trunks, ...config.routes]);
  const trunks = [...config.trunks, ...kept.filter(({ name }) => !own.has(name))];
  const taken = namesOf([...trunks, ...config.routes]);
  const names = trunks.map(({ name }) => name);
  const routes = ofKind(settings, "route", taken).map((setting) => readRoute(setting, names).part);
  const pools = ofKind(settings, "pool", namesOf(config.callerIds)).map((setting) => readPool(setting).part);
  return { trunks, routes: [...config.routes, ...routes], pools: [...config.callerIds, ...pools] };
}

/** Why nobody at all can be called by a campaign, and what to do, for people; undefined where there is a way out, be it up or down, and something to show. */
export function whyNobody(
  { trunk, callerId }: { readonly trunk: string; readonly callerId: string },
  { trunks, routes, pools }: Listed,
): string | undefined {
  return noWay(trunk, trunks, routes) ?? noPool(callerId, pools);
}

const namesOf = (named: readonly { readonly name: string }[]): ReadonlySet<string> => new Set(named.map(({ name }) => name));

/** As a configuration would have them. @param taken names of others */
function ofKind(settings: readonly KeptSetting[], kind: KeptSetting["kind"], taken: ReadonlySet<string>): Record<string, unknown>[] {
  return settings.flatMap((kept) => (kept.kind === kind && !taken.has(kept.name) ? [{ ...kept.settings, name: kept.name }] : []));
}

function guarded(config: Config, trunks: readonly Trunk[]): readonly Trunk[] {
  const destinations = destinationsOf(config);
  return trunks.map((trunk) => ({ ...trunk, destinations }));
}
