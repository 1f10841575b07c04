import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import t, { type Test } from "tap";
import { verifyAudit } from "../../src/access/audit-engine.ts";
import { quoted } from "../../src/adapter/postgres/backup-catalog.ts";
import type { BackupTable } from "../../src/adapter/postgres/backup-format.ts";
import { type ReadBackup, readBackup } from "../../src/adapter/postgres/backup-read.ts";
import { restoreBackup } from "../../src/adapter/postgres/backup-restore.ts";
import { migrate, migrating } from "../../src/adapter/postgres/migrate.ts";
import { migrations } from "../../src/adapter/postgres/migrations.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { schemaDrift } from "../harness/schema-drift.ts";

/*
 * What earlier releases left: their databases after the demo (calls, texts, e-mails, agents, payments, opt-outs), named after their last migration. With each release one more is added, and none is
 * ever changed.
 */
const folder = join(import.meta.dirname, "releases");

interface Held {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
}

/** Values that the upgrade, or restoring, is meant to change; all others have to be as they were. */
// Below it nothing is unfinished: of campaigns that write, too, since that is how what is under way of them is found.
const meant: Readonly<Record<string, readonly string[]>> = { pace: ["oldest_id"] };
const meantOfRestoring: Readonly<Record<string, readonly string[]>> = {
  campaign: ["state"],
  listening: ["until", "since"],
  agent_desk: ["incarnation", "holder_incarnation"],
};

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query("set timezone = 'UTC'");
  return client;
}

/** What is in the file, by table. They are small. */
async function held(file: string): Promise<ReadBackup & { readonly tables: ReadonlyMap<string, Held> }> {
  const tables = new Map<string, Held>();
  let at: BackupTable | undefined;
  let pieces: Buffer[] = [];
  const read = await readBackup(file, {
    async table(table) {
      at = table;
      pieces = [];
    },
    async rows(piece) {
      pieces.push(Buffer.from(piece));
    },
    async tableEnd({ table, columns }) {
      tables.set(table, { columns: at?.columns ?? columns, rows: linesOf(Buffer.concat(pieces)) });
    },
  });
  return { ...read, tables };
}

function linesOf(text: Buffer): readonly string[] {
  return text.toString("utf8").split("\n").slice(0, -1).sort();
}

/** The rows as they are now, of those columns. */
async function rowsNow(client: pg.Client, table: string, columns: readonly string[]): Promise<readonly string[]> {
  const pieces: Buffer[] = [];
  for await (const piece of client.query(copyTo(`copy ${quoted(table)} (${columns.map(quoted).join(", ")}) to stdout`)))
    pieces.push(Buffer.from(piece));
  return linesOf(Buffer.concat(pieces));
}

async function nothingLost(t: Test, client: pg.Client, tables: ReadonlyMap<string, Held>, expected: Readonly<Record<string, readonly string[]>>) {
  let compared = 0;
  for (const [table, { columns, rows }] of tables) {
    const left = new Set([...(meant[table] ?? []), ...(expected[table] ?? [])]);
    const kept = columns.filter((column) => !left.has(column));
    const places = kept.map((column) => columns.indexOf(column));
    const before = rows.map((row) => {
      const cells = row.split("\t");
      return places.map((place) => cells[place]).join("\t");
    });
    t.same(await rowsNow(client, table, kept), before.sort(), table);
    compared += rows.length;
  }
  return compared;
}

/** Counters, chains and stores of a database that came through. */
async function inOrder(t: Test, url: string) {
  t.equal((await schemaDrift(url)).trim(), "");
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "n" });
  t.teardown(() => stores.close());
  t.same((await stores.reports.differences(10)).differences, [], "report verify");
  const byAgent = await stores.reports.counts({ from: Date.parse("2026-11-01"), to: Date.parse("2026-12-01"), zone: "UTC" }, "agent");
  t.ok(new Set(byAgent.map(({ key }) => key)).size > 2, "whose the calls were is known");
  const audit = await verifyAudit((after, limit) => stores.audit.chain(after, limit));
  t.equal(audit.broken, undefined);
  t.ok(audit.records > 0);
  const campaigns = await stores.campaigns.list({ limit: 100 });
  const done = await Promise.all(campaigns.map(async ({ id }) => (await stores.campaigns.progress(id)).done));
  t.ok(done.length > 0 && done.every((people) => people > 0), `campaigns know whom they are done with: ${done.join(", ")}`);
}

for (const name of readdirSync(folder)) {
  t.test(`${name}: two nodes that start at once bring it to the present, once, and nothing is lost; restored, it comes to the same`, async (t) => {
    const file = join(folder, name);
    const { header, end, tables } = await held(file);
    t.equal(header.migrations.at(-1), name.replace(".carillon", ""));
    t.ok(end.rows > 1000, `${end.rows} rows`);
    const { url, adminUrl } = await openTestDatabase(t, { migrated: false });
    // As it stood then, by other means than restoring has: as the superuser, for whom no trigger fires.
    await migrating(url, "make the schema of then", (run) => run(header.migrations));
    const admin = await connect(t, adminUrl);
    await admin.query("set session_replication_role = replica");
    await admin.query("truncate listening, evidence_salt");
    for (const [table, { columns, rows }] of tables)
      await pipeline(
        Readable.from(rows.map((row) => `${row}\n`)),
        admin.query(copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join(", ")}) from stdin`)),
      );

    const both = await Promise.all([migrate(url), migrate(url)]);
    const since = migrations.map(({ name }) => name).filter((each) => !header.migrations.includes(each));
    t.same(both.flat(), since, "each migration ran once, in order");
    t.ok(
      both.some((ran) => ran.length === 0),
      "all by one of them",
    );
    t.equal(await nothingLost(t, admin, tables, {}), end.rows);
    await inOrder(t, url);

    const { url: other, adminUrl: otherAdmin } = await openTestDatabase(t, { migrated: false });
    const { stilled, migrated } = await restoreBackup({ url: other, file });
    t.same(migrated, since);
    t.ok(stilled.campaigns.length > 0, "what ran is paused");
    await nothingLost(t, await connect(t, otherAdmin), tables, meantOfRestoring);
    await inOrder(t, other);

    // And the way back is refused: as a newer Carillon's database would be by this one.
    await admin.query("insert into schema_migration (name, executed_at) values ('20991231-more', now())");
    await t.rejects(migrate(url), { code: "database-newer", message: /20991231-more/ });
  });
}
