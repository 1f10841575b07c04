import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { Reports } from "../../src/report/report-engine.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, table } from "./gates.ts";

/** Attempts of each database. */
const usualSizes = [100_000, 5_000_000, 50_000_000];
const usualRounds = 21;
const insertedAtOnce = 1_000_000;
/** What the reports take for now: the end of a working day. Attempts are from the 90 days before it. */
const now = Date.parse("2026-06-30T18:00:00Z");
const month = { from: Date.parse("2026-06-01T04:00:00Z"), to: Date.parse("2026-07-01T04:00:00Z"), zone: "America/New_York" };

interface Stage {
  readonly size: number;
  readonly stores: Stores;
  readonly reports: Reports;
  /** ms, by what was read. */
  readonly took: Record<Read, number[]>;
}

type Read = "dashboard" | "month";

/** `npm run bench -- report`: what the dashboard and the report on a month cost when there are ever more attempts. `--sizes 100000,5000000` and `--rounds N` make it shorter. */
export const bench: Bench = async (say, args = []) => {
  const sizes = after(args, "--sizes")?.split(",").map(Number) ?? usualSizes;
  const rounds = Number(after(args, "--rounds") ?? usualRounds);
  const dataDir = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  // Run by root, the database is another user's and must find its way.
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog, clock: systemClock, durable: false });
  const stages: Stage[] = [];
  try {
    for (const size of sizes) stages.push(await open(server, size, say));
    // In turn, so that whatever else the machine does falls on all alike.
    for (let round = 0; round < rounds; round += 1)
      for (const stage of stages) for (const read of ["dashboard", "month"] as const) await time(stage, read);
    return await conclude(stages, say);
  } finally {
    await Promise.all(stages.map(({ stores }) => stores.close()));
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

async function open(server: { readonly url: string; readonly adminUrl: string }, size: number, say: (line: string) => void): Promise<Stage> {
  const name = `report_${size}`;
  const admin = new Client({ connectionString: server.adminUrl });
  await admin.connect();
  await admin.query(`create database ${name} owner carillon`).finally(() => admin.end());
  const [url, adminUrl] = [onDatabase(server.url, name), onDatabase(server.adminUrl, name)];
  await migrate(url);
  let beganAt = performance.now();
  await fill(adminUrl, size);
  say(`${size} attempts are made: ${seconds(beganAt)}`);
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "bench" });
  beganAt = performance.now();
  await stores.reports.recount();
  say(`${size} attempts are counted: ${seconds(beganAt)}`);
  const reports = new Reports({ store: stores.reports, tariffs: [], clock: { ...systemClock, now: () => now } });
  return { size, stores, reports, took: { dashboard: [], month: [] } };
}

/**
 * Attempts as twenty campaigns leave them behind in 90 days of twelve hours. The indexes that no report uses (a recount asks for the attempts of each person) are not there: those of attempts that are over make most of the work of writing fifty
 * million of them. Nor do triggers run: the counters are made by the recount that follows, the same ones.
 */
async function fill(adminUrl: string, size: number): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`
      insert into list (id, name, contacts, created_at) select i, 'list ' || i, 0, now() from generate_series(1, 20) i;
      insert into script (id, name) values (1, 'reminder');
      insert into template (id, name, channel) values (1, 'text', 'sms');
      insert into campaign (id, name, list_id, channel, script_id, state, mode, trunk, caller_id, max_cps, max_lines, ring_timeout_ms, template_id, sender, window_start_minute, window_end_minute, window_weekdays, default_time_zone, created_at)
      select i, 'campaign ' || i, i, case when v then 'voice' else 'sms' end, case when v then 1 end, 'running', case when v then 'ivr' end, case when v then 'carrier-a' end, case when v then '+15550100' end, 5,
        case when v then 10 end, case when v then 30000 end, case when not v then 1 end, case when not v then 'desk' end, 0, 1440, '[1]', 'UTC', now()
      from (select i, i % 2 = 0 as v from generate_series(1, 20) i) c`);
    const { rows } = await client.query<{ name: string }>(
      "select indexname as name from pg_indexes where tablename = 'attempt' and indexname <> 'attempt_pkey' and indexdef not like all ('{%(contact_id%,%listed_unfinished%}')",
    );
    for (const { name } of rows) await client.query(`drop index ${name}`);
    await client.query("set session_replication_role = replica");
    for (let from = 0; from < size; from += insertedAtOnce)
      await client.query(
        `insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at, result, answered_at, ended_at)
         select i, c, i, case when c % 2 = 0 then 'voice' else 'sms' end, '+15550100', 'ended', 'bench', at, at, result, case when result = 'human' then at - interval '40 s' end, at
         from (
           select i, 1 + ((hashint8(i)::bigint & 2147483647) % 20) as c,
             timestamptz '2026-04-01T06:00Z' + ((hashint8(i + 7)::bigint & 2147483647) % 90) * interval '1 day' + ((hashint8(i + 13)::bigint & 2147483647) % 43200) * interval '1 s' as at,
             (hashint8(i + 29)::bigint & 2147483647) % 100 as die
           from generate_series($1::bigint, $2::bigint) i) d
         cross join lateral (select case when c % 2 = 1 then case when die < 90 then 'delivered' else 'undelivered' end
           when die < 35 then 'human' when die < 60 then 'machine' when die < 85 then 'no-answer' when die < 95 then 'busy' else 'bad-number' end as result) r`,
        [from + 1, Math.min(size, from + insertedAtOnce)],
      );
    await client.query("analyze attempt");
  } finally {
    await client.end();
  }
}

async function time({ reports, took }: Stage, read: Read): Promise<void> {
  const beganAt = performance.now();
  if (read === "dashboard") {
    const today = { from: Date.parse("2026-06-30T04:00:00Z"), to: now, zone: month.zone };
    await reports.table("live", today);
    await reports.table("figures", today, "hour");
    await reports.table("abandonment", today);
    await reports.table("agents", today);
  } else {
    await reports.table("figures", month, "day");
    await reports.table("figures", month, "campaign");
    await reports.table("results", month);
    await reports.table("cost", month);
  }
  took[read].push(performance.now() - beganAt);
}

async function conclude(stages: readonly Stage[], say: (line: string) => void): Promise<readonly Gate[]> {
  const counters = async ({ stores }: Stage) =>
    (await stores.pool.query<{ n: number }>("select count(*)::int as n from report_count")).rows[0]?.n ?? 0;
  const rows = await Promise.all(
    stages.map(async (stage) => [String(stage.size), await counters(stage), median(stage.took.dashboard), median(stage.took.month)]),
  );
  say(table([["attempts", "counters", "dashboard, ms", "month, ms"], ...rows]));
  const ratio = (read: Read) => median(stages.at(-1)?.took[read] ?? []) / median(stages[0]?.took[read] ?? []);
  return [gate("dashboard, most attempts ÷ fewest", ratio("dashboard"), "<=", 2), gate("month, most attempts ÷ fewest", ratio("month"), "<=", 2)];
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function after(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

function seconds(beganAt: number): string {
  return `${((performance.now() - beganAt) / 1000).toFixed(1)} s`;
}
