import { fork } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import t, { type Test } from "tap";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores, type StoresOptions } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { openTcpProxy } from "../harness/tcp-proxy.ts";
import { allow, attemptRow, begun, claim, eventKinds, makeCampaign, node, openWorld } from "./stores-kit.ts";

// Servers are stopped and started; on a busy machine that takes its time.
t.setTimeout(280_000);

async function faultOf(work: Promise<unknown>): Promise<Pick<Fault, "code" | "retryable"> | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { code: error.code, retryable: error.retryable };
  }
}

/** A server of this test's own, that it can stop. */
async function openServer(t: Test) {
  const home = await mkdtemp(join(tmpdir(), "carillon-outage-"));
  await chmod(home, 0o755);
  t.teardown(() => rm(home, { recursive: true, force: true }));
  // While it is down nobody else may be given its port.
  const port = await portForAnother();
  const start = () => startEmbedded({ dataDir: join(home, ".carillon"), log: silentLog, clock: systemClock, durable: false, port });
  let server = await start();
  t.teardown(() => server.stop());
  const { url } = server;
  await migrate(url);
  return {
    url,
    home,
    stop: () => server.stop(),
    async start() {
      server = await start();
      t.equal(server.url, url, "it comes back where it was");
    },
  };
}

function open(t: Test, url: string, more: Partial<StoresOptions> = {}) {
  const opening = openStores({ url, log: silentLog, clock: systemClock, node, beginWindowMs: 2, recordWindowMs: 2, ...more });
  t.teardown(() => opening.then((stores) => stores.close()));
  return opening;
}

async function suppressions(stores: Stores): Promise<readonly { readonly attempt: string; readonly rows: number }[]> {
  const { rows } = await stores.pool.query("select attempt_id as attempt, count(*)::int as rows from suppression group by 1 order by attempt_id");
  return rows;
}

t.test("while the database is away nothing goes out, and nothing that was said is lost", async (t) => {
  const server = await openServer(t);
  const { url } = server;
  const stores = await open(t, url);
  await stores.registry.register(node, Date.now());
  const campaign = await makeCampaign(stores, { people: 6 });
  const [first, second] = await begun(stores, campaign, 2);
  const [third] = (await claim(stores, campaign, 1)).orders;
  if (!first || !second || !third) throw new Error("too few orders");

  await server.stop();
  t.match(await stores.check(), { ready: false, note: /cannot be reached/ });
  const away = { code: "database-unreachable", retryable: true };
  t.same(await faultOf(stores.attempts.begin(third.attemptId, Date.now())), away, "nothing leaves that is not written down");
  t.same(await faultOf(stores.work.claim(campaign, 1, Date.now(), node, allow)), away);
  t.same(await faultOf(stores.campaigns.find(campaign.id)), away);
  t.same(await faultOf(stores.contacts.openLoad({ name: "new", append: false })), away);
  t.same(await faultOf(stores.registry.heartbeat(node)), away);
  t.same(await faultOf(openStores({ url, log: silentLog, clock: systemClock })), away);
  t.same(await faultOf(migrate(url)), away);

  const finished = stores.attempts.finish(first.attemptId, { at: Date.now(), result: "no-answer", reason: "ring time-out" });
  const optOut = () =>
    stores.attempts.effect(second.attemptId, Date.now(), [{ kind: "suppress", channels: ["voice"], scope: "account", reason: "key 9" }]);
  const late = { code: "effect-late", retryable: true };
  t.same(await faultOf(optOut()), late, "who is on the line does not wait in silence for a database");
  t.same(await faultOf(optOut()), late);
  const third9 = faultOf(optOut());

  await server.start();
  await finished;
  await third9;
  await until(async () => (await faultOf(optOut())) === undefined, "the opt-out to be written");
  t.match(await attemptRow(stores, first.attemptId), { state: "ended", result: "no-answer" });
  t.match(await stores.check(), { ready: true });
  const kinds = (await eventKinds(stores, second.attemptId)).filter((kind) => kind === "suppress");
  t.ok(kinds.length >= 1 && kinds.length <= 2, "the three that came while it was away are one, the last may be another");
  await until(async () => (await attemptRow(stores, third.attemptId))["state"] === "ended", "the attempt that could not begin to be put back");
  t.equal(await stores.attempts.begin(third.attemptId, Date.now()), false, "what was told that nothing may leave stays so");
  t.match(await attemptRow(stores, third.attemptId), { result: "canceled", reason: "the database was away when it was to leave" });
  const { orders } = await claim(stores, campaign, 4);
  const again = orders.find(({ contactId }) => contactId === third.contactId);
  t.equal(orders.length, 4, "nobody is lost");
  t.equal(await stores.attempts.begin(again?.attemptId ?? "", Date.now()), true, "whoever could not be called is called");
});

t.test("an opt-out and a result that the database does not take outlive the process", async (t) => {
  const server = await openServer(t);
  const { url, home } = server;
  const spoolFile = join(home, "data", "unwritten.jsonl");
  const first = await open(t, url);
  await first.registry.register(node, Date.now());
  const campaign = await makeCampaign(first, { people: 8 });
  const [optOut, over, closing, closed, alien] = (await begun(first, campaign, 5)).map(({ attemptId }) => attemptId);
  if (!optOut || !over || !closing || !closed || !alien) throw new Error("too few orders");
  const [, second] = await claim(first, campaign, 2).then(({ orders }) => orders);
  await first.close();

  const program = fileURLToPath(new URL("spool-process.ts", import.meta.url));
  const child = fork(program, [url, spoolFile, optOut, over]);
  t.teardown(() => child.kill("SIGKILL"));
  const [ready] = await once(child, "message");
  t.equal(ready, "ready");
  await server.stop();
  child.send("go");
  const [answer] = await once(child, "message");
  t.equal(answer, "effect-late");
  await until(async () => (await readFile(spoolFile, "utf8")).includes('"paid"'), "the ending to be on disk, too");
  child.kill("SIGKILL");
  await once(child, "exit");
  t.match(await readFile(spoolFile, "utf8"), /key 9/, "it was on disk before it was called late");
  t.notMatch(await readFile(spoolFile, "utf8"), /\+1212/, "nobody's number is in it");
  // Killed in the middle of a line; and one that says what was never reserved by then, as after a change of the database.
  const alienLine = { key: "alien", attemptId: alien, ending: { at: 1000, result: "busy", reason: "of another database" } };
  const unknownLine = {
    key: "unknown",
    attemptId: "424242",
    at: Date.now(),
    effects: [{ kind: "suppress", channels: [], scope: "account", reason: "" }],
  };
  await appendFile(spoolFile, `\n${JSON.stringify(alienLine)}\n${JSON.stringify(unknownLine)}\n{"key":"torn","attemptId":"${alien}","at":17`);

  await server.start();
  const next = await open(t, url, { spoolFile });
  t.same(await suppressions(next), [{ attempt: optOut, rows: 3 }], "written before the stores are anybody's to use");
  t.match(await next.attemptReader.attempt(optOut), { state: "sending", effects: { length: 2 } }, "the message to be sent, too, and once");
  t.match(await next.attemptReader.attempt(over), { state: "ended", result: "human", outcome: "paid", answers: [{ name: "nps", value: "9" }] });
  t.match(await attemptRow(next, alien), { state: "sending" }, "what belongs to another database changes nothing");
  await until(async () => (await readFile(spoolFile, "utf8")) === "", "the file to be emptied");
  await next.registry.register(node, Date.now());
  const interrupted = (await next.registry.takeOrphans(node, Date.now())).map(({ attemptId }) => attemptId);
  t.notOk(interrupted.includes(over), "what is known to have ended is not interrupted");

  // It ends cleanly while the database is away. The clock is hurried: it would try for 5 s.
  let aheadMs = 0;
  const clock: Clock = { now: () => systemClock.now() + aheadMs, after: (delayMs, fire) => systemClock.after(delayMs, fire) };
  const last = await open(t, url, { spoolFile, clock });
  await server.stop();
  await last.attempts.finish(closed, { at: Date.now(), result: "busy", reason: "486" });
  t.match(await readFile(spoolFile, "utf8"), /486/, "a call that is over waits for no database");
  const unheard = last.attempts.effect(closing, Date.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "STOP" }]);
  const late = unheard.catch(({ code }: Fault) => code);
  const ending = last.attempts.close();
  aheadMs = 10_000;
  await ending;
  t.equal(await late, "database-unreachable", "it does not count as written");
  const kept = await readFile(spoolFile, "utf8");
  t.match(kept, /STOP/);

  await server.start();
  const final = await open(t, url, { spoolFile });
  t.same(await suppressions(final), [
    { attempt: optOut, rows: 3 },
    { attempt: closing, rows: 3 },
  ]);
  t.match(await attemptRow(final, closed), { state: "ended", result: "busy" });
  await final.close();
  // Killed after the database had it and before the file was emptied.
  await writeFile(spoolFile, kept);
  const repeated = await open(t, url, { spoolFile });
  t.same(
    (await suppressions(repeated)).map(({ rows }) => rows),
    [3, 3],
    "nothing is written twice",
  );
  t.match(await attemptRow(repeated, second?.attemptId ?? ""), { state: "ended", result: "canceled" }, "the others are as they would be");
  await t.rejects(openStores({ url, log: silentLog, clock: systemClock, spoolFile: join(home, "\0") }), { code: "spool-unusable" });
});

t.test("a database that is there and takes nothing loses no opt-out and no result either", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 3 });
  const [first, second] = await begun(stores, campaign, 2);
  const [third] = (await claim(stores, campaign, 1)).orders;
  if (!first || !second || !third) throw new Error("too few orders");
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  // What PostgreSQL says when its disk is full, when its memory is, when a statement is canceled, at an I/O error, while it is read-only.
  for (const code of ["53100", "53200", "57014", "58030", "25006"]) {
    await admin.query(`create or replace function refuse() returns trigger language plpgsql as $$ begin
      raise exception 'refused' using errcode = '${code}'; end $$`);
    await admin.query("create trigger refuse before insert or update on suppression for each row execute function refuse()");
    await admin.query("create trigger refuse before update on attempt for each row execute function refuse()");
    const refusals = stores.attempts.begin(third.attemptId, Date.now());
    if (code === "53100") await t.rejects(refusals, { code: "database-fault", retryable: true });
    else t.equal(await refusals, false);
    const optOut = stores.attempts.effect(first.attemptId, Date.now(), [{ kind: "suppress", channels: ["voice"], scope: "account", reason: code }]);
    await t.rejects(optOut, { code: "effect-late" }, code);
    const ended = code === "25006" ? stores.attempts.finish(second.attemptId, { at: Date.now(), result: "busy", reason: "486" }) : undefined;
    await admin.query("drop trigger refuse on suppression");
    await admin.query("drop trigger refuse on attempt");
    await until(async () => {
      const { rowCount } = await stores.pool.query("select 1 from suppression where reason = $1", [code]);
      return rowCount !== 0;
    }, `the opt-out to be written after ${code}`);
    await ended;
    await until(async () => (await attemptRow(stores, third.attemptId))["state"] === "ended", "the attempt to be put back");
  }
  t.match(await attemptRow(stores, second.attemptId), { state: "ended", result: "busy" });
});

t.test("a begin whose answer is lost or late lets nobody go, and calls nobody twice", async (t) => {
  let aheadMs = 0;
  const clock: Clock = { now: () => systemClock.now() + aheadMs, after: (delayMs, fire) => systemClock.after(delayMs, fire) };
  const { stores, url, adminUrl, open } = await openWorld(t, { clock });
  const campaign = await makeCampaign(stores, { people: 2 });
  const [slow, lost] = (await claim(stores, campaign, 2)).orders;
  if (!slow || !lost) throw new Error("too few orders");
  const gate = new pg.Client({ connectionString: adminUrl });
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([gate.connect(), watch.connect()]);
  t.teardown(() => Promise.all([gate.end(), watch.end()]));
  const waiting = async () => {
    const { rows } = await watch.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows[0]?.pid;
  };
  await gate.query("begin");
  await gate.query("select from attempt where id = $1 for update", [slow.attemptId]);
  const beginning = stores.attempts.begin(slow.attemptId, clock.now());
  await until(async () => (await waiting()) !== undefined, "the begin to wait");
  aheadMs = 120_000;
  await gate.query("rollback");
  t.equal(await beginning, false, "the permit ran out while it was being committed");
  await until(async () => (await attemptRow(stores, slow.attemptId))["state"] === "ended", "it to be put back");
  t.match(await attemptRow(stores, slow.attemptId), { result: "canceled", reason: "permit ran out" });
  aheadMs = 0;

  const away = new URL(url);
  const wire = await openTcpProxy(Number(away.port));
  t.teardown(() => wire.close());
  away.port = String(wire.port);
  const distant = await open({ url: away.href });
  await gate.query("begin");
  await gate.query("select from attempt where id = $1 for update", [lost.attemptId]);
  const unanswered = distant.attempts.begin(lost.attemptId, clock.now());
  await until(async () => (await waiting()) !== undefined, "the begin to wait");
  wire.hold();
  await gate.query("rollback");
  await until(async () => (await attemptRow(stores, lost.attemptId))["state"] === "sending", "the begin to be committed");
  wire.cut();
  await t.rejects(unanswered, { code: "database-unreachable", retryable: true }, "its answer is lost");
  t.equal(await distant.attempts.begin(lost.attemptId, clock.now()), false, "nothing leaves for it any more");
  await until(async () => (await attemptRow(stores, lost.attemptId))["state"] === "ended", "it to be put back");
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 2, inFlight: 0 });
});

t.test("a database that is not ours to use is told in one clear line", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "carillon-refused-"));
  await chmod(home, 0o755);
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const server = await startEmbedded({ dataDir: join(home, ".carillon"), log: silentLog, clock: systemClock, durable: false });
  t.teardown(() => server.stop());
  const changed = (change: (url: URL) => void) => {
    const url = new URL(server.url);
    change(url);
    return openStores({ url: url.href, log: silentLog, clock: systemClock });
  };
  const wrongPassword = changed((url) => {
    url.password = "wrong";
  });
  await t.rejects(wrongPassword, { code: "database-refused", message: /check user and password in DATABASE_URL/ });
  const wrongName = changed((url) => {
    url.pathname = "/nothing";
  });
  await t.rejects(wrongName, { code: "database-refused", message: /does not exist: create it, or correct its name in DATABASE_URL/ });
  const empty = await openStores({ url: server.url, log: silentLog, clock: systemClock });
  t.teardown(() => empty.close());
  await t.rejects(empty.registry.register(node, Date.now()), { code: "database-migration", message: /carillon migrate/ });
});
