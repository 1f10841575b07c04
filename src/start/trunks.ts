import type { DestinationPolicy } from "../compliance/destination.ts";
import { differences, differenceText } from "../config/difference.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { CallerIds } from "../voice/caller-id-engine.ts";
import type { NumberStore } from "../voice/caller-id-ports.ts";
import type { CallerHeaders } from "../voice/identity-engine.ts";
import { noWay, type WayFacts, waysOf } from "../voice/route.ts";
import type { Trunk } from "../voice/trunk.ts";
import { Trunks } from "../voice/trunk-engine.ts";
import type { TrunkLedger } from "../voice/trunk-ports.ts";
import type { TrunkStore } from "../voice/trunk-store-ports.ts";
import { destinationsOf } from "./destinations.ts";
import { identityOf, openIdentity } from "./identity.ts";
import { trunkOf } from "./kept-trunk.ts";

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

/** The ways out to the telephone network and what is shown on them, as the configuration has them now. */
export class WaysOut {
  readonly trunks: Trunks;
  readonly callerIds: CallerIds;
  readonly callerHeaders: CallerHeaders;
  #config: Config;
  /** Those that were added over the API. */
  #kept: readonly Trunk[] = [];

  /** @throws Fault `identity-key-unusable` */
  constructor(config: Config, store: NumberStore, ledger: TrunkLedger, clock: Clock, log: Log) {
    this.#config = config;
    this.trunks = new Trunks(guarded(config, config.trunks), config.routes, clock, ledger);
    this.callerIds = new CallerIds(config.callerIds, store, clock, log);
    this.callerHeaders = openIdentity(config, clock);
  }

  /** Every name that campaigns may dial over. */
  get ways(): readonly WayFacts[] {
    return waysOf(this.#listed, this.#config.routes);
  }

  /** See `noWay` of voice/route.ts. */
  noWay(name: string): string | undefined {
    return noWay(name, this.#listed, this.#config.routes);
  }

  get routes(): Config["routes"] {
    return this.#config.routes;
  }

  /** As they were last read. */
  get config(): Pick<Config, "trunks" | "routes" | "identity" | "secret"> {
    return this.#config;
  }

  /** Names of the caller id pools. */
  get pools(): readonly string[] {
    return this.#config.callerIds.map(({ name }) => name);
  }

  /** Names of the caller id pools that have a number. */
  poolsOf(number: string): readonly string[] {
    return this.#config.callerIds.filter(({ numbers }) => numbers.some((one) => one.number === number)).map(({ name }) => name);
  }

  get destinations(): DestinationPolicy {
    return destinationsOf(this.#config);
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
    const left = this.#setTrunks();
    this.callerIds.set(config.callerIds);
    this.callerHeaders.set(identity);
    const sections = Object.keys(config) as (keyof Config)[];
    const others = sections.filter((name) => !changeable.includes(name));
    const lines = (names: readonly (keyof Config)[]) => differences(was, config, names).map(differenceText);
    return { changed: lines(changeable), needsRestart: lines(others), left };
  }

  /**
   * Takes over the trunks that were added over the API. Names that the configuration has are its own.
   * @returns trunks that are left as they were known to their carriers
   */
  keep(kept: readonly Trunk[]): readonly Trunk[] {
    this.#kept = kept;
    return this.#setTrunks();
  }

  get #listed(): readonly Trunk[] {
    return listed(this.#config, this.#kept);
  }

  #setTrunks(): readonly Trunk[] {
    return this.trunks.set(guarded(this.#config, this.#listed), this.#config.routes);
  }
}

/** The trunks of a configuration and those of its database, as a server has them. Rejects when the database is away */
export async function trunksOf(config: Config, { keptTrunks }: { readonly keptTrunks: TrunkStore }): Promise<readonly Trunk[]> {
  const kept = await keptTrunks.all();
  return listed(
    config,
    kept.map((trunk) => trunkOf(trunk, config)),
  );
}

function listed({ trunks, routes }: Config, kept: readonly Trunk[]): readonly Trunk[] {
  const names = new Set([...trunks, ...routes].map(({ name }) => name));
  return [...trunks, ...kept.filter(({ name }) => !names.has(name))];
}

function guarded(config: Config, trunks: readonly Trunk[]): readonly Trunk[] {
  const destinations = destinationsOf(config);
  return trunks.map((trunk) => ({ ...trunk, destinations }));
}
