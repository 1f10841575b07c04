import type { ImportStores } from "../adapter/postgres/import-stores.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { type LogLevel, openLog } from "../adapter/system/log.ts";
import { loadConfig } from "../config/load.ts";
import type { Purpose } from "../config/rules.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../kernel/log.ts";
import type { Stores } from "../main.ts";
import { evidenceSealsOf } from "../start/evidence-seals.ts";
import { doRecorded } from "./audited.ts";

/** What every command is given on the command line. */
export interface CommonOptions {
  readonly config?: string;
  /** --set section.field=value, any number of times. */
  readonly set?: readonly string[];
}

/** Settings for a command: the file, the environment, the flags. @throws Fault `config-invalid` with everything that is wrong */
export function configFor(options: CommonOptions, purpose: Purpose, more: Readonly<Record<string, unknown>> = {}): Config {
  const flags: Record<string, unknown> = { ...more };
  for (const setting of options.set ?? []) {
    const at = setting.indexOf("=");
    flags[at < 0 ? setting : setting.slice(0, at)] = at < 0 ? "" : setting.slice(at + 1);
  }
  return loadConfig({ env: process.env, flags, purpose, ...(options.config && { file: options.config }) });
}

/** Where the configuration is read from, as `loadConfig` finds it; the environment and flags may add to it. */
export function configurationFile(options: CommonOptions): string {
  return options.config ?? process.env["CARILLON_CONFIG"] ?? "carillon.yaml";
}

/** Runs a tool against the database of the configuration, and closes it again whatever happens. */
export function withStores<T>(options: CommonOptions, work: (stores: Stores, config: Config) => Promise<T>): Promise<T> {
  const config = configFor(options, "admin");
  return withDatabase(config, (stores) => work(stores, config));
}

/** The same for a configuration that is there already. */
export async function withDatabase<T>(config: Config, work: (stores: Stores) => Promise<T>): Promise<T> {
  const { openStores } = await import("../adapter/postgres/stores.ts");
  return await withUrl(
    config,
    (url, log) => openStores({ url, clock: systemClock, log, node: config.node.name, seals: evidenceSealsOf(config) }),
    work,
  );
}

/** As `withStores`, with no more than an import needs: its memory is for the file. */
export async function withImportStores<T>(options: CommonOptions, work: (stores: ImportStores, config: Config) => Promise<T>): Promise<T> {
  const config = configFor(options, "admin");
  const { openImportStores } = await import("../adapter/postgres/import-stores.ts");
  const open = (url: string) => openImportStores({ url, clock: systemClock, seals: evidenceSealsOf(config) });
  return await withUrl(config, open, (stores) => work(stores, config));
}

async function withUrl<S extends Pick<Stores, "changes" | "close">, T>(
  config: Config,
  open: (url: string, log: Log) => Promise<S>,
  work: (stores: S) => Promise<T>,
): Promise<T> {
  const { openDatabase } = await import("../start/database.ts");
  const log = openLog(quieter(config.log.level));
  const database = await openDatabase(config, systemClock, log);
  try {
    const stores = await open(database.url, log);
    try {
      return await doRecorded(stores.changes, () => work(stores));
    } finally {
      await stores.close();
    }
  } finally {
    await database.stop();
  }
}

/** A tool's output is for people; only what is wrong is logged beside it. */
function quieter(level: LogLevel): LogLevel {
  return level === "info" || level === "debug" ? "warn" : level;
}
