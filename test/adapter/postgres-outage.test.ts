import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { allow, attemptRow, begun, claim, eventKinds, makeCampaign, node } from "./stores-kit.ts";

async function faultOf(work: Promise<unknown>): Promise<Pick<Fault, "code" | "retryable"> | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { code: error.code, retryable: error.retryable };
  }
}

t.test("while the database is away nothing goes out, and nothing that was said is lost", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "carillon-outage-"));
  await chmod(home, 0o755);
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const start = () => startEmbedded({ dataDir: join(home, ".carillon"), log: silentLog, clock: systemClock, durable: false });
  let server = await start();
  t.teardown(() => server.stop());
  const { url } = server;
  await migrate(url);
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node, beginWindowMs: 2, recordWindowMs: 2 });
  t.teardown(() => stores.close());
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
  t.same(await faultOf(stores.registry.heartbeat(node, Date.now())), away);
  t.same(await faultOf(openStores({ url, log: silentLog, clock: systemClock })), away);
  t.same(await faultOf(migrate(url)), away);

  const finished = stores.attempts.finish(first.attemptId, { at: Date.now(), result: "no-answer", reason: "ring time-out" });
  const optOut = () =>
    stores.attempts.effect(second.attemptId, Date.now(), [{ kind: "suppress", channels: ["voice"], scope: "account", reason: "key 9" }]);
  const late = { code: "effect-late", retryable: true };
  t.same(await faultOf(optOut()), late, "who is on the line does not wait in silence for a database");
  t.same(await faultOf(optOut()), late);
  const third9 = optOut();

  server = await start();
  t.equal(server.url, url, "it comes back where it was");
  await finished;
  await third9.catch((error: unknown) => t.match(error, late));
  await optOut();
  t.match(await attemptRow(stores, first.attemptId), { state: "ended", result: "no-answer" });
  t.match(await stores.check(), { ready: true });
  const kinds = (await eventKinds(stores, second.attemptId)).filter((kind) => kind === "suppress");
  t.ok(kinds.length >= 1 && kinds.length <= 2, "the three that came while it was away are one, the last may be another");
  t.equal(await stores.attempts.begin(third.attemptId, Date.now()), true, "and calls go out again");
  t.equal((await claim(stores, campaign, 1)).orders.length, 1);
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
