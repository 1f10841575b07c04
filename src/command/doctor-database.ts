import pg from "pg";
import { startEmbedded } from "../adapter/postgres/embedded.ts";
import { pendingMigrations } from "../adapter/postgres/migrate.ts";
import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { silentLog } from "../kernel/log.ts";
import { type Finding, fault, ok, saidBy, warning } from "./doctor-finding.ts";
import { examineLookups } from "./doctor-lookup.ts";
import { examineRecordings } from "./doctor-prompts.ts";

/** The oldest that PostgreSQL's project still mends (versioning policy, 2026-11). Carillon brings 18. */
const oldestMajor = 14;
/** Leases last seconds, and windows open by the minute. */
const badClockMs = 2000;
const doubtfulClockMs = 250;

interface Facts {
  readonly version: number;
  readonly autovacuum: string;
  readonly connections: number;
  readonly most: number;
  readonly now: Date;
}

const factsSql = `select current_setting('server_version_num')::int as version, current_setting('autovacuum') as autovacuum,
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections, current_setting('max_connections')::int as most, clock_timestamp() as now`;

/** The database, and this machine's clock against its. Nothing is changed; an embedded one that does not run is started for as long as this takes. */
export async function examineDatabase({ database, ...config }: Pick<Config, "database" | "lookups" | "prompts">): Promise<readonly Finding[]> {
  const what = "database";
  let embedded: Awaited<ReturnType<typeof startEmbedded>> | undefined;
  try {
    embedded = database.url === undefined ? await startEmbedded({ dataDir: database.dataDir, clock: systemClock, log: silentLog }) : undefined;
    return await examine(database.url ?? embedded?.url ?? "", config);
  } catch (error) {
    const where =
      database.url === undefined
        ? `Look at the folder ${database.dataDir}.`
        : "Check database.url, and that PostgreSQL runs and lets this machine in.";
    return [fault(what, saidBy(error), where)];
  } finally {
    await embedded?.stop();
  }
}

async function examine(url: string, config: Pick<Config, "lookups" | "prompts">): Promise<readonly Finding[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // What is wrong with it is told by the query.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const askedAt = systemClock.now();
    const { rows } = await client.query<Facts>(factsSql);
    const answeredAt = systemClock.now();
    const [facts] = rows;
    if (!facts) return [fault("database", "it answers nothing", "Look at PostgreSQL's log.")];
    const schema = await examineSchema(url);
    const kept = schema.grade === "ok" ? [...(await examineLookups(client, config)), ...(await examineRecordings(url, config))] : [];
    return [examineServer(facts), schema, examineClock(facts.now.getTime() - (askedAt + answeredAt) / 2), ...kept];
  } finally {
    await client.end().catch(() => undefined);
  }
}

function examineServer({ version, autovacuum, connections, most }: Facts): Finding {
  const what = "database";
  const major = Math.floor(version / 10_000);
  const seen = `PostgreSQL ${major}.${version % 10_000}, ${connections} of ${most} connections taken`;
  if (major < oldestMajor) return warning(what, seen, `PostgreSQL ${major} is not mended any more: move to 18, which Carillon is tested with.`);
  if (autovacuum !== "on")
    return warning(what, `${seen}, autovacuum is off`, "Set autovacuum = on: without it the next contact takes longer and longer to find.");
  if (connections > most * 0.8) return warning(what, seen, "Raise max_connections, or find out who holds so many (pg_stat_activity).");
  return ok(what, seen);
}

async function examineSchema(url: string): Promise<Finding> {
  const what = "schema";
  const pending = await pendingMigrations(url);
  if (pending.length === 0) return ok(what, "up to date");
  return warning(
    what,
    `not up to date: ${pending[0]}${pending.length > 1 ? ` and ${pending.length - 1} more` : ""}`,
    "carillon migrate runs them; so does carillon serve when it starts.",
  );
}

function examineClock(aheadMs: number): Finding {
  const what = "clock";
  const size = Math.round(Math.abs(aheadMs));
  const seen = `the database's is ${size} ms ${aheadMs < 0 ? "behind" : "ahead of"} ours`;
  const advice = "Let both machines keep time by NTP (chrony, systemd-timesyncd): calling hours and leases go by the clock.";
  if (size > badClockMs) return fault(what, seen, advice);
  return size > doubtfulClockMs ? warning(what, seen, advice) : ok(what, seen);
}
