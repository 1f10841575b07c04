import pg from "pg";
import t from "tap";
import { purgeSql, takeSql } from "../../src/adapter/postgres/repository/answer-keeper.ts";
import { beginSql, effectSql, recordSql, suppressSql, withdrawSql } from "../../src/adapter/postgres/repository/attempt-sql.ts";
import { namedSql, timelineSql } from "../../src/adapter/postgres/repository/timeline-reader.ts";
import { claimSql, momentSql, settleSql } from "../../src/adapter/postgres/repository/work-sql.ts";
import { describeError } from "../../src/adapter/system/log.ts";
import { type LogFields, silentLog } from "../../src/kernel/log.ts";
import { begun, claim, makeCampaign, node, openWorld, phone } from "./stores-kit.ts";

const at = Date.UTC(2026, 0, 5, 15, 0, 0);

t.test("a server that restarts loses nothing that was said meanwhile, and nothing is written twice", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 40 });
  const orders = await begun(stores, campaign, 40);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  let cutting: Promise<unknown> = Promise.resolve();
  const cut = () => {
    // Until each has gone: one that went a moment later would take with it what is asked behind all this.
    const others = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    cutting = cutting.then(() => admin.query(others));
    return cutting;
  };
  const said = orders.map(async ({ attemptId }, index) => {
    await stores.attempts.mark(attemptId, { at, kind: "ringing" });
    if (index % 10 === 3) await cut();
    await stores.attempts.finish(attemptId, { at: at + index, result: "no-answer", reason: "ring time-out" });
  });
  await cut();
  await Promise.all(said);
  await admin.end();
  t.match(await stores.campaigns.progress(campaign.id), { inFlight: 0, done: 40, results: { "no-answer": 40 } });
  const { rows } = await stores.pool.query("select attempt_id, kind, count(*) from attempt_event group by 1, 2 having count(*) > 1");
  t.same(rows, []);
  t.match(await stores.check(), { ready: true });
});

t.test("no statement on the way of a call or of a request reads a whole table, even when planned while all were small", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 100 });
  await begun(stores, campaign, 20);
  await stores.pool.query("analyze");
  const { rows: limits } = await stores.pool.query("show idle_in_transaction_session_timeout");
  t.same(limits, [{ idle_in_transaction_session_timeout: "1min" }], "a transaction that nobody goes on with keeps no dead rows alive for long");
  const calls = { claimSql, settleSql, momentSql: momentSql("$1"), beginSql, effectSql, recordSql, suppressSql, withdrawSql };
  const statements = { ...calls, timelineSql, namedSql, takeSql, purgeSql };
  for (const [name, sql] of Object.entries(statements)) {
    const { rows } = await stores.pool.query(`explain (generic_plan, format json) ${sql}`);
    const scans = scansIn(rows[0]?.["QUERY PLAN"]);
    t.ok(scans.length > 0, name);
    for (const { relation, cond } of scans) t.ok(cond ?? neverLong.includes(relation), `${name} looks ${relation} up by ${cond}`);
  }
});

/** Tables of one row, and of what administrators have made by hand. */
const neverLong = ["agent_desk", "evidence_salt", "frequency_cap", "legal_reach", "webhook"];

/** The scans of tables in a plan (EXPLAIN's JSON), each with the condition by which its index is entered. */
function scansIn(plan: unknown): { relation: string; cond: string | undefined }[] {
  if (Array.isArray(plan)) return plan.flatMap(scansIn);
  if (typeof plan !== "object" || plan === null) return [];
  const node = new Map(Object.entries(plan));
  const below = [...node.values()].flatMap(scansIn);
  const relation = node.get("Relation Name");
  if (!String(node.get("Node Type")).endsWith("Scan") || relation === undefined) return below;
  return [{ relation: String(relation), cond: node.get("Index Cond") ?? node.get("Recheck Cond") ?? node.get("TID Cond") }, ...below];
}

t.test("a transaction whose connection dies half way leaves everything as it was", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 6 });
  const draft = await makeCampaign(stores, { name: "draft", listId: campaign.listId, started: false });
  const load = await stores.contacts.openLoad({ name: "half", append: false });
  const admin = new pg.Client({ connectionString: adminUrl });
  // Within its transaction a session sees the others as they were at its first look; so another one looks.
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([admin.connect(), watch.connect()]);
  const killWaiting = async (count: number) => {
    for (let killed = 0; killed < count; ) {
      const { rows } = await watch.query("select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
      for (const { pid } of rows) await watch.query("select pg_terminate_backend($1, 5000)", [pid]);
      killed += rows.length;
    }
  };
  // Each of them has done half of its work, and waits for one of these locks with the other half.
  await admin.query("begin");
  await admin.query("lock table attempt, contact in share mode");
  const half: Promise<unknown>[] = [
    claim(stores, campaign, 4),
    load.add([{ addresses: [{ kind: "unknown", number: phone(1) }], fields: {} }]).then(() => load.commit()),
    stores.registry.register(node, Date.now()),
  ];
  const refused = Promise.allSettled(half);
  await killWaiting(half.length);
  for (const end of await refused) t.match(end, { status: "rejected", reason: { name: "Fault", code: "database-unreachable", retryable: true } });
  await admin.query("commit");
  await admin.query("begin");
  await admin.query("lock table work in exclusive mode");
  const starting = t.rejects(stores.campaigns.move(draft.id, "draft", "running"), { name: "Fault", code: "database-unreachable" });
  await killWaiting(1);
  await starting;
  await admin.query("commit");
  await Promise.all([admin.end(), watch.end()]);
  await load.abort();

  t.match(await stores.campaigns.progress(campaign.id), { waiting: 6, inFlight: 0 });
  t.match(await stores.campaigns.find(draft.id), { state: "draft" });
  t.equal(await stores.lists.listByName("half"), undefined);
  t.equal(await stores.registry.heartbeat(node), true, "the name was not taken");
  t.equal((await claim(stores, campaign, 10)).orders.length, 6, "and everything goes on by itself");
  t.equal(await stores.campaigns.move(draft.id, "draft", "running"), true);
});

t.test("calls wait for a connection when all are taken, and go on when one is free", async (t) => {
  const { stores } = await openWorld(t, { poolSize: 2 });
  const campaign = await makeCampaign(stores, { people: 3 });
  const { orders } = await claim(stores, campaign, 2);
  const [one, two] = orders.map(({ attemptId }) => attemptId);
  await stores.attempts.begin(one ?? "", Date.now());
  const held = [await stores.pool.connect(), await stores.pool.connect()];
  const waiting = Promise.all([
    stores.attempts.begin(two ?? "", Date.now()),
    stores.attempts.finish(one ?? "", { at, result: "busy", reason: "486" }),
    claim(stores, campaign, 1).then(({ orders }) => orders.length),
    stores.attempts.effect(two ?? "", at, [{ kind: "callback", inS: 3600, key: "later:2", reason: "ivr test later" }]),
  ]);
  const first = await Promise.race([waiting, new Promise((resolve) => setImmediate(() => resolve("still waiting")))]);
  t.equal(first, "still waiting");
  for (const client of held) client.release();
  t.same(await waiting, [true, undefined, 1, undefined]);
});

t.test("a connection that breaks is one short line in the log, and none when everything is being closed", async (t) => {
  const warnings: LogFields[] = [];
  const { stores, adminUrl } = await openWorld(t, { log: { ...silentLog, warn: (fields) => warnings.push(fields) } });
  await stores.pool.query("select 1");
  const broken = new Promise<Error>((resolve) => stores.pool.once("error", resolve));
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1", [
    `carillon ${node}`,
  ]);
  await admin.end();
  const error = await broken;
  t.match(warnings[0], { reason: /terminating connection/ });
  t.match(describeError(error), { type: "error", message: /terminating connection/, code: "57P01", stack: String });
  t.notMatch(JSON.stringify(describeError(error)), /client|parameters|_events/i);
  const closed = stores.close();
  const before = warnings.length;
  stores.pool.emit("error", error, admin);
  t.equal(warnings.length, before);
  await closed;
});
