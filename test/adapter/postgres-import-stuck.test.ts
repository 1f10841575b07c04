import { Readable } from "node:stream";
import pg from "pg";
import t, { type Test } from "tap";
import { ChangeLog } from "../../src/adapter/postgres/repository/change.ts";
import { PostgresContactStore } from "../../src/adapter/postgres/repository/contact-store.ts";
import { type LoadLimits, usualLoadLimits } from "../../src/adapter/postgres/repository/load-limits.ts";
import { type ImportReport, importContacts } from "../../src/contact/import-engine.ts";
import type { ContactStore } from "../../src/contact/ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

const { url } = await openTestDatabase(t);
const admin = new pg.Client({ connectionString: url });
await admin.connect();
t.teardown(() => admin.end());

function openPool(t: Test): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: t.name });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  t.teardown(() => pool.end());
  return pool;
}

/** A store of one connection: whoever keeps it has everybody else wait for ever. */
function openStore(t: Test, limits: Partial<LoadLimits>, clock: Clock = new VirtualClock(), pool = openPool(t)): ContactStore {
  return new PostgresContactStore(new ChangeLog(pool).over(pool), clock, { ...usualLoadLimits, ...limits });
}

function load(store: ContactStore, name: string, append = false): Promise<ImportReport> {
  const csv = Readable.from([
    Buffer.from(`client_id,phone\n${Array.from({ length: 20 }, (_, index) => `c${index},21255501${index + 10}\n`).join("")}`),
  ]);
  return importContacts({ store, name, append, csv, rejected: () => undefined });
}

/** What the database knows of the one connection of a test's store. */
async function sessionOf(t: Test): Promise<{ readonly state: string; readonly query: string } | undefined> {
  const text = "select state, query from pg_stat_activity where datname = current_database() and application_name = $1 and state is not null";
  return (await admin.query(text, [t.name.slice(0, 63)])).rows[0];
}

t.test("a lock that was forgotten", async (t) => {
  const store = openStore(t, { lockMs: 200 });
  await admin.query("begin; lock table address in access exclusive mode");
  const stuck = { code: "import-stuck", retryable: true, message: /waited 0\.2 s .*pg_locks.* Nothing was imported; try again/ };
  await t.rejects(load(store, "locked"), stuck, "the rows wait for it");
  await admin.query("rollback");
  t.match(await load(store, "locked"), { accepted: 20 }, "nothing has gone in before, and the connection is free");

  await admin.query("begin; select from list where name = 'locked' for update");
  await t.rejects(load(store, "locked", true), stuck, "another import into the same list");
  await admin.query("rollback");
  t.match(await load(store, "locked", true).catch((error: unknown) => error), { code: "import-nothing-usable" });
});

t.test("a statement that takes too long", async (t) => {
  const pool = openPool(t);
  const store = openStore(t, { statementMs: 200 }, undefined, pool);
  await admin.query("begin; lock table address in access exclusive mode");
  await t.rejects(load(store, "slow"), { code: "import-stuck", retryable: true, message: /longer than 0\.2 s/ });
  await admin.query("rollback");
  // Over the same connection, and with all the time that a busy machine takes.
  t.match(await load(openStore(t, {}, undefined, pool), "slow"), { accepted: 20 });
});

t.test("a process that stands still", async (t) => {
  const clock = new VirtualClock();
  // Longer than this process is ever held up while it opens the load.
  const store = openStore(t, { idleMs: 1000 }, clock);
  const standing = await store.openLoad({ name: "still", append: false });
  await until(async () => (await sessionOf(t)) === undefined, "the database ends it");
  const people = [{ clientId: "c1", addresses: [], fields: {} }];
  await t.rejects(standing.add(people), { code: "import-stuck", retryable: true, message: /heard nothing of this process for 1 s/ });
  await standing.abort();
  t.equal(clock.pending, 0, "no timer is left");
  t.match(await load(openStore(t, {}), "still"), { accepted: 20 }, "the list is free, and was not made");
});

t.test("a file that comes slowly", async (t) => {
  const clock = new VirtualClock();
  const store = openStore(t, {}, clock);
  const slow = await store.openLoad({ name: "slowly", append: false });
  t.match(await sessionOf(t), { state: "idle in transaction" });
  for (let beat = 0; beat < 2; beat += 1) {
    // As text: a Date knows milliseconds, and the beat may come within the same one.
    const own = "from pg_stat_activity where datname = current_database() and application_name = $1";
    const before = (await admin.query(`select state_change::text as at ${own}`, [t.name])).rows[0]?.at;
    await clock.advance(usualLoadLimits.idleMs / 3);
    await until(async () => {
      return (await admin.query(`select ${own} and query = 'select 1' and state_change > $2::timestamptz`, [t.name, before])).rowCount === 1;
    }, "the database hears of it");
    await until(() => clock.pending === 1, "it will hear again");
  }
  await slow.abort();
  t.equal(clock.pending, 0);
});
