import pg from "pg";
import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { Orphan } from "../../src/attempt/recovery-ports.ts";
import { until } from "../harness/far-side.ts";
import { openTcpProxy } from "../harness/tcp-proxy.ts";
import { allow, attemptRow, begun, claim, makeCampaign, node, openWorld, phone } from "./stores-kit.ts";

// Leases run out while it looks on; on a busy machine that takes its time.
t.setTimeout(280_000);
const at = Date.UTC(2026, 0, 5, 15, 0, 0);
const never = { at, result: "human", reason: "" } as const;

t.test("what a dead process left is handed to its successor, once", async (t) => {
  const { stores: old, open } = await openWorld(t);
  const campaign = await makeCampaign(old, { people: 7 });
  const orders = await begun(old, campaign, 5);
  const [sending, ringing, answered, talking, over] = orders.map(({ attemptId }) => attemptId);
  if (!sending || !ringing || !answered || !talking || !over) throw new Error("no orders");
  const sent = { transactionId: "t-1", callId: "call-1", mediaServer: "fs-1", endpointId: "e-1" };
  await old.attempts.mark(ringing, { at, kind: "sent", legIds: sent, detail: { trunk: "carrier-a", callerId: "+12125550100" } });
  await old.attempts.mark(ringing, { at, kind: "ringing" });
  await old.attempts.mark(answered, { at, kind: "answered", legIds: { dialogId: "d-3" } });
  const leg = { leg: 2, name: "trunk carrier-a", callId: "call-4", from: "a", to: "b" };
  const invite = { ms: 0, leg: 2, sip: { sent: true, method: "INVITE" } };
  await old.attempts.mark(talking, { at, kind: "ladder", ladder: { startedAt: at, legs: [leg], rungs: [invite], leftOut: 0 } });
  for (const peer of ["first", "second"]) {
    const detail = { peerDialogId: `${peer}-dialog`, peerMediaServer: "fs-2", peerEndpointId: `${peer}-endpoint` };
    await old.attempts.mark(talking, { at, kind: "answered", legIds: { dialogId: "d-4", endpointId: "e-4" } });
    await old.attempts.mark(talking, { at, kind: "transfer", detail });
  }
  await old.attempts.finish(over, { at, result: "busy", reason: "486" });
  const { orders: reserved } = await claim(old, campaign, 1);
  const unsent = reserved[0]?.attemptId ?? "";
  t.same(await old.registry.takeOrphans(node, Date.now()), [], "its own living attempts are no orphans");

  const successor = await open();
  await successor.registry.register(node, Date.now());
  t.equal(await old.registry.heartbeat(node), false, "the old process learns that it is dead");
  t.equal(await successor.registry.heartbeat(node), true);
  t.equal(await old.attempts.begin(unsent, Date.now()), false, "nothing leaves for it any more");
  await t.rejects(old.attempts.mark(ringing, { at, kind: "answered", legIds: { dialogId: "late" } }), { code: "attempt-taken-over" });
  t.same((await claim(old, campaign, 1)).orders, [], "nor does it get new orders");

  const taken = await Promise.all([successor.registry.takeOrphans(node, Date.now()), successor.registry.takeOrphans(node, Date.now())]);
  const orphans = taken.flat();
  t.match(orphans, [
    { attemptId: sending, campaignId: campaign.id, state: "sending", legIds: {}, peer: undefined },
    { attemptId: ringing, campaignId: campaign.id, state: "ringing", legIds: sent, peer: undefined },
    { attemptId: answered, campaignId: campaign.id, state: "answered", legIds: { dialogId: "d-3" }, peer: undefined },
    {
      attemptId: talking,
      campaignId: campaign.id,
      state: "answered",
      legIds: { dialogId: "d-4", endpointId: "e-4" },
      peer: { dialogId: "second-dialog", mediaServer: "fs-2", endpointId: "second-endpoint" },
    },
  ]);
  t.same(
    orphans.map(({ told }) => told),
    [{ address: phone(1) }, { address: phone(2), trunk: "carrier-a", callerId: "+12125550100" }, { address: phone(3) }, { address: phone(4) }],
    "with what was written down of each",
  );
  t.match(await attemptRow(successor, unsent), { state: "ended", result: "canceled" });
  t.match(await successor.campaigns.progress(campaign.id), { contacts: 7, waiting: 2, inFlight: 4, done: 1 });

  // It dies as well, before it has cleared anything up.
  const third = await open();
  await third.registry.register(node, Date.now());
  const again = await third.registry.takeOrphans(node, Date.now());
  t.same(
    again.map(({ attemptId }) => attemptId),
    [sending, ringing, answered, talking],
  );
  const bye = {
    startedAt: at + 5000,
    legs: [{ ...leg, leg: 1, name: "taken over" }],
    rungs: [{ ms: 0, leg: 1, sip: { sent: true, method: "BYE" } }],
    leftOut: 0,
  };
  const byIts = (id: string) => (id === talking ? { ladder: bye } : {});
  await Promise.all(
    again.map(({ attemptId: id }) => third.attempts.finish(id, { at, result: "interrupted", reason: "the server stopped", ...byIts(id) })),
  );
  const told = (await third.attemptReader.attempt(talking))?.ladder;
  t.same(told?.legs, [leg], "what the dead one had written, and what its successor did, are one ladder");
  t.match(told?.rungs, [
    { ms: 0, leg: 2, sip: { method: "INVITE" } },
    { ms: 5000, leg: 2, sip: { method: "BYE" } },
  ]);
  await old.attempts.finish(ringing, never);
  t.match(await attemptRow(third, ringing), { result: "interrupted" }, "the dead cannot change it");
  t.same(await third.registry.takeOrphans(node, Date.now()), []);
  const rest = await claim(third, campaign, 10);
  t.same(
    rest.orders.map(({ address }) => address).sort(),
    [phone(6), phone(7)],
    "whom nothing had left for is called; whoever was in flight is not called again",
  );
});

t.test("a claim that is being committed while its process is replaced is not lost", async (t) => {
  const { stores: old, open, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(old, { people: 3 });
  const successor = await open();
  const gate = new pg.Client({ connectionString: adminUrl });
  // Within its transaction a session sees the others as they were at its first look; so another one looks.
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([gate.connect(), watch.connect()]);
  const waiting = async (count: number) => {
    for (;;) {
      const { rows } = await watch.query(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (rows[0].n >= count) return;
    }
  };
  // The claim has its rows and is about to write the attempts.
  await gate.query("begin");
  await gate.query("lock table attempt in share mode");
  const claiming = claim(old, campaign, 2);
  await waiting(1);
  const registering = successor.registry.register(node, Date.now());
  await waiting(2);
  await gate.query("rollback");
  await Promise.all([gate.end(), watch.end()]);
  const [{ orders }] = await Promise.all([claiming, registering]);
  for (const { attemptId } of orders) t.equal(await old.attempts.begin(attemptId, Date.now()), false, "its orders are void");
  await successor.registry.takeOrphans(node, Date.now());
  t.match(await successor.campaigns.progress(campaign.id), { waiting: 3, inFlight: 0, done: 0 }, "and their people are due again");
});

/** Lets a node's lease run out at once. */
async function expire({ pool }: Stores, name: string): Promise<void> {
  await pool.query("update node set lease_until = now() - interval '1 s' where name = $1", [name]);
}

t.test("nodes whose lease ran out are inherited by one of the living", async (t) => {
  const { stores, adminUrl, open } = await openWorld(t, { leaseMs: 1500 });
  const [dead, other] = [await open(), await open()];
  const start = Date.now();
  await stores.registry.register(node, start);
  await dead.registry.register("dead", start);
  // Its machine's clock is a minute behind ours.
  await other.registry.register("other", start - 60_000);
  const { rowCount } = await stores.pool.query("select from node where lease_until > now()");
  t.equal(rowCount, 3, "it has a lease all the same");
  const campaign = await makeCampaign(stores, { people: 20 });
  const left = await begun(dead, campaign, 8, "dead");
  await claim(dead, campaign, 2, { node: "dead" });
  const mine = await begun(stores, campaign, 2);
  const late = start + 5000;
  t.same(await other.registry.takeOrphans("other", late), [], "not while its lease holds");
  await expire(stores, "dead");
  t.same(await other.registry.takeOrphans("other", late), [], "nor by somebody who may have been cut off as long as it was");
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  const taken: (readonly Orphan[])[] = [];
  const takenByIt: Orphan[] = [];
  let broken = false;
  let answersAgain = Number.POSITIVE_INFINITY;
  await until(async () => {
    t.ok(await stores.registry.heartbeat(node), "a living node keeps its lease");
    t.ok(await other.registry.heartbeat("other"), "also when its clock is a minute behind");
    // Not before the database has been away: a slow machine may be at it for longer than a lease.
    if (!broken && Date.now() - start <= 1000) return false;
    if (!broken) {
      broken = true;
      // For a moment the database answers nobody.
      await admin.query("alter table node rename to away");
      await t.rejects(stores.registry.heartbeat(node), { name: "Fault" });
      await t.rejects(other.registry.heartbeat("other"), { name: "Fault" });
      answersAgain = Date.now();
      await admin.query("alter table away rename to node");
      await Promise.all([stores.registry.heartbeat(node), other.registry.heartbeat("other")]);
    }
    const [first, byOther, second] = await Promise.all([
      stores.registry.takeOrphans(node, late),
      other.registry.takeOrphans("other", late - 60_000),
      stores.registry.takeOrphans(node, late),
    ]);
    taken.push(first, byOther, second);
    takenByIt.push(...first, ...second);
    return taken.flat().length > 0;
  }, "the dead node's attempts to be inherited");
  t.ok(Date.now() - answersAgain >= 1500, "the dead have had a lease to come back since the database answers");
  t.same(
    taken
      .flat()
      .map(({ attemptId }) => attemptId)
      .sort(),
    left.map(({ attemptId }) => attemptId).sort(),
    "each by one only, and none of the living's",
  );
  t.equal(await dead.registry.heartbeat("dead"), false, "it comes back and learns that it is dead");
  await t.rejects(dead.attempts.mark(left[0]?.attemptId ?? "", { at, kind: "answered" }), { code: "attempt-taken-over" });
  t.same((await claim(dead, campaign, 5, { node: "dead" })).orders, []);
  const reborn = await open();
  await reborn.registry.register("dead", late);
  t.equal(await dead.registry.heartbeat("dead"), false, "nor is it taken for a later process of its name");
  t.same((await claim(dead, campaign, 5, { node: "dead" })).orders, []);
  t.equal(await reborn.registry.heartbeat("dead"), true);
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 10, inFlight: 10 });

  await stores.registry.release(node);
  const inherited = await other.registry.takeOrphans("other", late);
  const leftByIt = [...takenByIt, ...mine].map(({ attemptId }) => attemptId);
  t.same(
    inherited.map(({ attemptId }) => attemptId).sort(),
    leftByIt.sort(),
    "what a node leaves at its release, too: its own, and what it had taken over",
  );
  t.equal(await stores.registry.heartbeat(node), false);
});

t.test("a claim whose answer is lost, and an order nobody sends, leave no contact behind", async (t) => {
  const { stores, url, adminUrl, open } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 5 });
  const [order] = (await claim(stores, campaign, 1)).orders;
  const [calling] = await begun(stores, campaign, 1);
  const address = new URL(url);
  const wire = await openTcpProxy(Number(address.port));
  t.teardown(() => wire.close());
  address.port = String(wire.port);
  const distant = await open({ url: address.href });
  await distant.registry.register(node, Date.now());
  // Its statements are prepared after this; to prepare them it would wait for the lock below.
  await claim(distant, campaign, 0);
  const gate = new pg.Client({ connectionString: adminUrl });
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([gate.connect(), watch.connect()]);
  t.teardown(() => Promise.all([gate.end(), watch.end()]));
  await gate.query("begin");
  await gate.query("lock table attempt in share mode");
  const claiming = claim(distant, campaign, 2);
  await until(async () => {
    const { rowCount } = await watch.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
    return rowCount === 1;
  }, "the claim to wait");
  wire.hold();
  await gate.query("rollback");
  await until(async () => (await stores.campaigns.progress(campaign.id)).inFlight === 4, "the claim to be committed");
  wire.cut();
  await t.rejects(claiming, { code: "database-unreachable" });
  await until(() => distant.pool.totalCount === 0, "what was cut to be noticed");

  await distant.registry.takeOrphans(node, Date.now() + 50_000);
  t.match(
    await stores.campaigns.progress(campaign.id),
    { waiting: 2 },
    "the earlier life's order is due again; what was just reserved may be on its way",
  );
  t.same(await distant.registry.takeOrphans(node, Date.now() + 61_000), []);
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 4, inFlight: 1, done: 0 }, "nobody is left reserved");
  t.equal(await distant.attempts.begin(order?.attemptId ?? "", Date.now()), false, "who still holds an order cannot send it");
  t.match(await attemptRow(stores, calling?.attemptId ?? ""), { state: "sending" }, "a call that goes on is left alone");
  const { orders } = await distant.work.claim(campaign, 5, Date.now() + 62_000, node, allow);
  t.equal(new Set(orders.map(({ contactId }) => contactId)).size, 4, "they are called");
});
