import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import t, { type Test } from "tap";
import { verifyAudit } from "../../src/access/audit-engine.ts";
import { tablesOf } from "../../src/adapter/postgres/backup-catalog.ts";
import { type BackupHeader, jsonRecord, readHeader, recordsOf } from "../../src/adapter/postgres/backup-format.ts";
import { checkBackup, restoreBackup, skippedNumbers } from "../../src/adapter/postgres/backup-restore.ts";
import { writeBackup } from "../../src/adapter/postgres/backup-write.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { mostPromptBytes } from "../../src/ivr/prompt-upload-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { schemaDrift } from "../harness/schema-drift.ts";
import { attemptRow, begun, claim, makeCampaign, node, openWorld } from "./stores-kit.ts";

const about = { version: "0.0.0-test", now: Date.UTC(2026, 10, 23) };

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

/** Every table with its rows, in a form that can be compared. */
async function contents(client: pg.Client): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { table } of await tablesOf(client)) {
    const { rows } = await client.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' order by x::text)), '') as sum from "${table}" x`,
    );
    found[table] = rows[0]?.sum ?? "";
  }
  return found;
}

t.test(
  "a backup that is made while the server works is one moment of it, and what is restored goes on without anybody being contacted twice",
  async (t) => {
    const { stores, url } = await openWorld(t);
    const client = await connect(t, url);
    const campaign = await makeCampaign(stores, { people: 60 });
    // Whatever a text may hold.
    const odd = "a\tb\\N\n\\.\r\u0001 \u{1f600} '\"";
    await client.query("update contact set fields = jsonb_build_object('odd', $1::text, 'long', repeat('\\', 3000000)) where client_id = 'c60'", [
      odd,
    ]);
    await stores.suppressions.add({ whom: { kind: "client-id", value: "c59" }, reason: "asked" }, "tester");
    for (const target of ["/a", "/b"]) await stores.audit.add({ actorKind: "terminal", actor: "tester", action: "x", target, origin: "here" });
    await stores.stream.begin();
    const orders = await begun(stores, campaign, 20);
    const at = Date.now();
    const finish = (ids: readonly { attemptId: string }[]) =>
      Promise.all(ids.map(({ attemptId }) => stores.attempts.finish(attemptId, { at, result: "human", reason: "" })));
    await finish(orders.slice(0, 10));
    await claim(stores, campaign, 3);
    const wish =
      "insert into effect (attempt_id, key, kind, body, state, at, due_at) values ($1, $2, 'send', '{\"channel\": \"sms\"}', 'pending', now(), $3)";
    await client.query(wish, [orders[0]?.attemptId, "now", new Date(0)]);
    await client.query(wish, [orders[0]?.attemptId, "later", new Date(at + 86_400_000)]);
    await stores.schedules.set({ campaignId: campaign.id }, { stopAt: at + 60_000, staysOpen: false }, { step: "stop", at: at + 60_000 }, "tester");

    // The server goes on meanwhile: more is claimed, begun and ended until the file is there.
    const file = join(t.testdir({}), "one.carillon");
    let over = false;
    const working = (async () => {
      for (let round = 0; !over && round < 12; round += 1) await finish((await begun(stores, campaign, 3)).slice(0, 2));
    })();
    const written = await writeBackup({ ...about, url, file });
    over = true;
    await working;
    await finish(orders.slice(10));
    t.equal((await stat(file)).mode & 0o777, 0o600, "for its owner alone");
    t.match(await checkBackup(file), { header: { carillon: about.version, at: "2026-11-23T00:00:00.000Z" }, end: { rows: written.rows } });

    const other = await openTestDatabase(t, { migrated: false });
    const { stilled, migrated } = await restoreBackup({ url: other.url, file });
    t.same(migrated, []);
    t.match(stilled, { campaigns: [campaign.name], messages: 1, schedules: 1 });
    t.ok(stilled.attempts >= 13, `10 that were on the line, 3 that were about to leave, and what came meanwhile: ${stilled.attempts}`);
    t.equal(await schemaDrift(other.url), "", "with every index and key");

    const copy = await connect(t, other.url);
    const one = await copy.query("select c.fields->>'odd' as odd, length(c.fields->>'long') as long from contact c where client_id = 'c60'");
    t.same(one.rows, [{ odd, long: 3_000_000 }]);
    const restored = await openStores({ url: other.url, log: silentLog, clock: systemClock, node });
    t.teardown(() => restored.close());
    t.same((await restored.reports.differences(10)).differences, [], "report verify");
    t.match(await verifyAudit((after, limit) => restored.audit.chain(after, limit)), { records: 2, broken: undefined });
    t.equal((await restored.consents.chain("0", 10)).length, (await stores.consents.chain("0", 10)).length);
    // One moment: whoever has an attempt does not wait, whoever has none does, and an ending is there with its event.
    const torn = await copy.query(`
    select c.id from contact c left join work w on w.contact_id = c.id left join attempt a on a.contact_id = c.id where (w.contact_id is null) = (a.id is null) and c.client_id <> 'c59'
    union all select a.id from attempt a where not exists (select from attempt_event e where e.attempt_id = a.id and e.kind = 'ended')`);
    t.equal(torn.rowCount, 0);

    t.equal((await restored.campaigns.find(campaign.id))?.state, "paused");
    t.match(await restored.schedules.find({ campaignId: campaign.id }), { next: undefined, trouble: /restored/ });
    await restored.registry.register(node, Date.now());
    t.same(await restored.registry.takeOrphans(node, Date.now()), [], "nothing is put back");
    t.same(await restored.wishes.take("sms", 10, false), [], "nor sent");
    t.match(await attemptRow(restored, orders[15]?.attemptId ?? ""), { state: "ended", result: "interrupted", reason: /restored/ });
    await restored.campaigns.move(campaign.id, "paused", "running");
    const tried = new Set((await copy.query<{ contact_id: string }>("select contact_id from attempt")).rows.map(({ contact_id }) => contact_id));
    const { orders: next } = await claim(restored, { ...campaign, state: "running" }, 100);
    t.equal(next.length + tried.size, 59, "all but who opted out");
    t.same(
      next.filter(({ contactId }) => tried.has(contactId)),
      [],
      "who was called is not called again",
    );
    const last = (await client.query<{ last: string }>("select max(id) as last from attempt")).rows[0]?.last ?? "";
    t.ok(
      next.every(({ attemptId }) => BigInt(attemptId) > skippedNumbers && BigInt(attemptId) > BigInt(last)),
      "numbers given out since are not given out again",
    );
  },
);

t.test("what is restored is what was there, table by table, and a server that starts meanwhile waits", async (t) => {
  const { stores, url } = await openWorld(t);
  await makeCampaign(stores, { people: 5, started: false });
  // The largest that may be uploaded: one row of 33 MB in the form in which PostgreSQL hands it over.
  const sound = Buffer.alloc(mostPromptBytes, randomBytes(4096));
  const format = { encoding: "pcm-16", sampleRate: 8000, channels: 1 } as const;
  const of = {
    name: "jingle",
    sha256: createHash("sha256").update(sound).digest("hex"),
    bytes: sound.length,
    durationMs: 1_048_576,
    language: undefined,
    note: undefined,
  };
  await stores.prompts.put({ ...of, ...format, uploadedBy: "tester", sound });
  await stores.registry.release(node);
  const file = join(t.testdir({}), "same.carillon");
  const heldBytes = () => process.resourceUsage().maxRSS * 1024;
  const atFirst = heldBytes();
  const { header } = await writeBackup({ ...about, url, file });
  const { url: empty } = await openTestDatabase(t, { migrated: false });
  const [, ran] = await Promise.all([restoreBackup({ url: empty, file }), migrate(empty)]);
  t.ok(heldBytes() - atFirst < 12 * mostPromptBytes, `${Math.round((heldBytes() - atFirst) / 2 ** 20)} MB more were held for it`);
  t.ok(ran.length === 0 || ran.length === header.migrations.length);
  const [before, after] = await Promise.all([contents(await connect(t, url)), contents(await connect(t, empty))]);
  for (const known of ["schema_migration", "listening"]) {
    delete before[known];
    delete after[known];
  }
  t.same(after, before);

  await t.rejects(restoreBackup({ url: empty, file }), { code: "database-not-empty", message: /rows in .*empty database/ });
  const again = await openStores({ url: empty, log: silentLog, clock: systemClock, node: "n" });
  await again.registry.register("n", Date.now());
  await again.close();
  await t.rejects(restoreBackup({ url: empty, file }), { code: "database-in-use", message: /Node n / });
  await t.rejects(writeBackup({ ...about, url, file }), { code: "backup-exists" });
  await t.rejects(writeBackup({ ...about, url, file: join(t.testdirName, "none", "x") }), { code: "backup-file", message: /no such file or folder/ });
  const { url: foreign } = await openTestDatabase(t, { migrated: false });
  await (await connect(t, foreign)).query("create table theirs (id int)");
  await t.rejects(restoreBackup({ url: foreign, file }), { code: "database-not-empty", message: /theirs/ });
  await t.rejects(writeBackup({ ...about, url: foreign, file: `${file}2` }), { code: "backup-no-database" });
});

t.test("a file that is damaged, cut off, foreign or newer is refused, and nothing is written", async (t) => {
  const { stores, url } = await openWorld(t);
  await makeCampaign(stores, { people: 30 });
  const dir = t.testdir({});
  const file = join(dir, "good.carillon");
  await writeBackup({ ...about, url, file });
  const good = await readFile(file);
  const { url: empty } = await openTestDatabase(t, { migrated: false });
  const bad = join(dir, "bad");
  const refused = async (bytes: Buffer, expected: { readonly code: string | RegExp; readonly message?: RegExp }, what: string) => {
    await writeFile(bad, bytes);
    await t.rejects(restoreBackup({ url: empty, file: bad }), expected, what);
  };
  const damaged = { code: /^backup-(damaged|foreign|newer)$/, message: /bad / };
  for (let at = 10; at < good.length; at += Math.ceil(good.length / 24)) {
    const flipped = Buffer.from(good);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
    await refused(flipped, damaged, `byte ${at}`);
    await refused(good.subarray(0, at), { code: "backup-damaged" }, `cut off after ${at}`);
  }
  // Damage that zlib cannot see: somebody edited it.
  const plain = gunzipSync(good);
  const name = plain.indexOf("Name 7");
  const edited = Buffer.from(plain);
  edited.write("Name 8", name);
  await refused(gzipSync(edited), { code: "backup-damaged", message: /rows of table contact/ }, "another value");
  const line = plain.indexOf(10, name);
  const shorter = Buffer.concat([plain.subarray(0, line), Buffer.from(" "), plain.subarray(line + 1)]);
  await refused(gzipSync(shorter), { code: "backup-damaged", message: /29 rows instead of 30/ }, "a row less");
  await refused(gzipSync(Buffer.concat([plain, plain.subarray(0, 20)])), { code: "backup-damaged" }, "more behind its end");

  const { value: first } = await recordsOf(toStream(plain)).next();
  const header = readHeader(first?.body);
  const rest = plain.subarray(5 + first?.body.length);
  const headed = (change: Partial<BackupHeader>) => gzipSync(Buffer.concat([jsonRecord("H", { ...header, ...change }), rest]));
  await refused(headed({ version: 2 }), { code: "backup-newer", message: /restore it with that one/ }, "another form");
  await refused(
    headed({ migrations: [...header.migrations, "20991231-more"] }),
    { code: "backup-newer", message: /20991231-more/ },
    "a newer schema",
  );
  await refused(headed({ tables: header.tables.slice(1) }), { code: "backup-damaged" }, "another table");
  for (const [bytes, what] of [
    [Buffer.from("PGDMP"), "a dump of pg_dump"],
    [gzipSync("-- PostgreSQL database dump"), "SQL, zipped"],
    [gzipSync(jsonRecord("Z", { rows: 0, sequences: [] })), "no header"],
  ] as const)
    await refused(bytes, { code: "backup-foreign", message: /is no backup of Carillon/ }, what);
  await refused(Buffer.alloc(0), { code: "backup-damaged", message: /cut off/ }, "empty");
  await t.rejects(checkBackup(join(dir, "none")), { code: "backup-file", message: /none cannot be read: there is no such file/ });
  await mkdir(join(dir, "folder"));
  await chmod(join(dir, "folder"), 0o700);
  await t.rejects(checkBackup(join(dir, "folder")), { code: "backup-file", message: /it is a folder/ });

  const client = await connect(t, empty);
  t.same(await tablesOf(client), [], "nothing was written");
  await restoreBackup({ url: empty, file });
  t.equal((await client.query("select count(*)::int as n from contact")).rows[0]?.n, 30, "and the good one goes in");
});

async function* toStream(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
