import pg from "pg";
import t from "tap";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { schemaDrift } from "../harness/schema-drift.ts";

t.test("migrations run once, also when two start at once, and the entities agree with them", async (t) => {
  const { url } = await openTestDatabase(t, { migrated: false });
  const both = await Promise.all([migrate(url), migrate(url)]);
  t.ok(both.flat().length > 0);
  t.equal(new Set(both.flat()).size, both.flat().length, "each ran once");
  t.same(await migrate(url), []);
  t.equal((await schemaDrift(url)).trim(), "", "no drift");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("alter table contact add column stray text");
  t.match(await schemaDrift(url), /stray/, "drift would be seen");
  await client.end();

  const wrong = new URL(url);
  wrong.password = "wrong";
  const nowhere = new URL(url);
  nowhere.port = "1";
  for (const [bad, fault] of [
    [wrong, { code: "database-refused", message: /password/ }],
    [nowhere, { code: "database-unreachable", retryable: true }],
  ] as const) {
    await t.rejects(openStores({ url: bad.href, log: silentLog, clock: systemClock }), fault);
    await t.rejects(migrate(bad.href), fault);
  }
  const { url: empty } = await openTestDatabase(t, { migrated: false });
  const stores = await openStores({ url: empty, log: silentLog, clock: systemClock });
  await t.rejects(stores.lists.lists({ limit: 10 }), { code: "database-migration", message: /migrate/ });
  await stores.close();
});

for (const [when, block] of [
  ["waits for another one", "select pg_advisory_lock(7243251)"],
  ["is at work", "begin; create table api_key (id int)"],
] as const) {
  t.test(`a migration whose connection is cut while it ${when} ends with a fault, and can be run again`, async (t) => {
    const { url, adminUrl } = await openTestDatabase(t, { migrated: false });
    const [holder, admin] = [new pg.Client({ connectionString: adminUrl }), new pg.Client({ connectionString: adminUrl })];
    await Promise.all([holder.connect(), admin.connect()]);
    t.teardown(() => Promise.all([holder.end(), admin.end()]));
    await holder.query(block);
    const migrating = t.rejects(migrate(url), { code: "database-unreachable", retryable: true });
    await until(async () => {
      const { rows } = await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name like 'carillon migrate%'",
      );
      return rows.length > 0;
    }, "the migration to wait");
    await migrating;
    await holder.query("rollback; select pg_advisory_unlock_all()");
    t.not((await migrate(url)).length, 0);
    t.equal(await schemaDrift(url), "");
  });
}
