import pg from "pg";
import t from "tap";
import { migrate, schemaDrift } from "../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Orphan } from "../../src/attempt/recovery-ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openTcpProxy } from "../harness/tcp-proxy.ts";
import { allow, attemptRow, begun, claim, makeCampaign, makeList, node, openWorld, phone, race } from "./stores-kit.ts";

// Leases run out while it looks on; on a busy machine that takes its time.
t.setTimeout(110_000);
const at = Date.UTC(2026, 0, 5, 15, 0, 0);
const never = { at, result: "human", reason: "" } as const;

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

t.test("what a dead process left is handed to its successor, once", async (t) => {
  const { stores: old, open } = await openWorld(t);
  const campaign = await makeCampaign(old, { people: 7 });
  const orders = await begun(old, campaign, 5);
  const [sending, ringing, answered, talking, over] = orders.map(({ attemptId }) => attemptId);
  if (!sending || !ringing || !answered || !talking || !over) throw new Error("no orders");
  const sent = { transactionId: "t-1", callId: "call-1", mediaServer: "fs-1", endpointId: "e-1" };
  await old.attempts.mark(ringing, { at, kind: "sent", legIds: sent });
  await old.attempts.mark(ringing, { at, kind: "ringing" });
  await old.attempts.mark(answered, { at, kind: "answered", legIds: { dialogId: "d-3" } });
  for (const peer of ["first", "second"]) {
    const detail = { peerDialogId: `${peer}-dialog`, peerEndpointId: `${peer}-endpoint` };
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
  t.same(orphans, [
    { attemptId: sending, campaignId: campaign.id, state: "sending", legIds: {}, peer: undefined },
    { attemptId: ringing, campaignId: campaign.id, state: "ringing", legIds: sent, peer: undefined },
    { attemptId: answered, campaignId: campaign.id, state: "answered", legIds: { dialogId: "d-3" }, peer: undefined },
    {
      attemptId: talking,
      campaignId: campaign.id,
      state: "answered",
      legIds: { dialogId: "d-4", endpointId: "e-4" },
      peer: { dialogId: "second-dialog", endpointId: "second-endpoint" },
    },
  ]);
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
  await Promise.all(again.map(({ attemptId }) => third.attempts.finish(attemptId, { at, result: "interrupted", reason: "the server stopped" })));
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

t.test("an opt-out covers the person on every list, number and campaign it says, in the same commit", async (t) => {
  const { stores } = await openWorld(t);
  const listId = await makeList(stores, "first", 4);
  const one = await makeCampaign(stores, { name: "one", listId });
  const two = await makeCampaign(stores, { name: "two", listId });
  const three = await makeCampaign(stores, { name: "three", listId: await makeList(stores, "second", 4) });
  const [first, second] = await begun(stores, one, 2);
  const reserved = await claim(stores, two, 1);
  await stores.attempts.effect(first?.attemptId ?? "", at, [
    { kind: "suppress", channels: ["voice"], scope: "account", reason: "pressed 9" },
    { kind: "callback", inS: 3600, key: "later:2", reason: "ivr test later" },
  ]);
  t.match(
    await attemptRow(stores, reserved.orders[0]?.attemptId ?? ""),
    { state: "ended", result: "canceled", reason: "suppressed" },
    "what was queued is withdrawn",
  );
  t.match(await stores.campaigns.progress(two.id), { waiting: 3, inFlight: 0, done: 1, refusals: { suppressed: 1 } });
  t.match(await stores.campaigns.progress(three.id), { waiting: 3, done: 1 }, "the same client id on another list");
  t.match(await stores.campaigns.progress(one.id), { waiting: 2, inFlight: 2 }, "the call on which it was said goes on");
  t.same(await stores.registry.withdrawn(node), []);

  await stores.attempts.effect(second?.attemptId ?? "", at, [{ kind: "suppress", channels: [], scope: "campaign", reason: "not this again" }]);
  t.match(await stores.campaigns.progress(two.id), { waiting: 3 }, "of this campaign only");
  const { orders } = await claim(stores, two, 1);
  t.equal(orders[0]?.address, phone(2));
  t.equal(await stores.attempts.begin(orders[0]?.attemptId ?? "", Date.now()), true);

  const later = await stores.contacts.openLoad({ name: "third", append: false });
  await later.add([{ addresses: [{ kind: "unknown", number: phone(1) }], fields: {} }]);
  const four = await makeCampaign(stores, { name: "four", listId: (await later.commit()).listId });
  const seen: boolean[] = [];
  await claim(stores, four, 1, {
    judge: ({ suppressed }) => {
      seen.push(suppressed);
      return { go: false, rule: "suppressed" };
    },
  });
  t.same(seen, [true], "an import does not bring anybody back");
  const { rows } = await stores.pool.query(
    "select number, client_id, channel, reason, source, attempt_id from suppression where attempt_id = $1 order by id",
    [first?.attemptId],
  );
  t.equal(rows.length, 3, "both numbers and the client id");
  t.match(rows, [{ channel: "voice", reason: "pressed 9", source: "attempt" }]);
  await t.rejects(stores.attempts.effect("999999", at, [{ kind: "suppress", channels: [], scope: "account", reason: "" }]), {
    code: "attempt-unknown",
  });
});

t.test("an opt-out and a call to the same person at once: the call stays, or is named to be taken back", async (t) => {
  const { stores, open } = await openWorld(t);
  const second = await open();
  await second.registry.register("node-2", Date.now());
  const rounds = 40;
  const listId = await makeList(stores, "everybody", rounds);
  const one = await makeCampaign(stores, { name: "one", listId });
  const two = await makeCampaign(stores, { name: "two", listId });
  const heard = await begun(stores, one, rounds);
  const queued = await claim(stores, two, rounds / 2);
  let went = 0;
  await Promise.all(
    heard.map(async ({ attemptId, contactId }, index) => {
      const theirs = queued.orders.find((order) => order.contactId === contactId);
      const optOut = async () => {
        // Some come early and some late: a few round trips to the server, from none to so many that most calls have gone.
        for (let trip = 0; trip < index % 10; trip += 1) await stores.pool.query("select 1");
        await stores.attempts.effect(attemptId, Date.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "STOP" }]);
      };
      const call = async () => {
        // Half of them are claimed only now.
        const id = theirs?.attemptId ?? (await claim(second, two, 1, { node: "node-2" })).orders[0]?.attemptId;
        return id !== undefined && (await second.attempts.begin(id, Date.now()));
      };
      const ends = index % 2 === 0 ? await race<unknown>(optOut, call) : await race<unknown>(call, optOut);
      t.same(
        ends.map(({ status }) => status),
        ["fulfilled", "fulfilled"],
      );
    }),
  );
  const named = new Set([...(await stores.registry.withdrawn(node)), ...(await second.registry.withdrawn("node-2"))]);
  const { rows } = await stores.pool.query<{ id: string; state: string }>("select id, state from attempt where campaign_id = $1", [two.id]);
  for (const { id, state } of rows) {
    if (state === "ended") continue;
    went += 1;
    t.equal(state, "sending");
    t.ok(named.has(id), `attempt ${id} went out and is named`);
  }
  t.comment(`${went} of ${rounds} went out before the opt-out`);
  t.ok(went > 0 && went < rounds, "the race went both ways");
  for (const id of named) await stores.attempts.finish(id, { at, result: "canceled", reason: "withdrawn" });
  t.same(await stores.registry.withdrawn(node), [], "no longer named once they have ended");
  const progress = await stores.campaigns.progress(two.id);
  t.match(progress, { waiting: 0, inFlight: 0, done: rounds }, "and nobody of them is called later");
});

t.test("keys, scripts, campaigns and lists are found again, and pages follow each other", async (t) => {
  const { stores } = await openWorld(t);
  const key = await stores.keys.add({ name: "crm", hash: "a".repeat(64) });
  t.same(await stores.keys.findByHash("a".repeat(64)), key);
  t.equal(await stores.keys.revoke(key.id), true);
  t.equal(await stores.keys.revoke(key.id), false);
  t.equal(await stores.keys.findByHash("a".repeat(64)), undefined);
  t.match(await stores.keys.list(), [{ id: key.id, revokedAt: Number }]);

  const versions = await Promise.all(["a", "b", "a", "b"].map((source) => stores.scripts.publish("greet", source)));
  t.equal(new Set(versions.map(({ id }) => id)).size, 2, "the same source is the same version");
  t.same(new Set(versions.map(({ version }) => version)), new Set([1, 2]));
  const latest = await stores.scripts.publish("greet", "c");
  t.match(latest, { version: 3, name: "greet", source: "c" });
  t.match(latest, await stores.scripts.current("greet"));
  t.match(latest, await stores.scripts.find(latest.id));

  const campaign = await makeCampaign(stores, { started: false });
  t.same(await stores.campaigns.find(campaign.id), campaign);
  t.same(await stores.campaigns.findByName(campaign.name), campaign);
  await t.rejects(makeCampaign(stores, { listId: campaign.listId }), { code: "campaign-exists" });
  await t.rejects(makeCampaign(stores, { name: "other", listId: "999" }), { code: "campaign-invalid" });
  t.equal(await stores.campaigns.move(campaign.id, "running", "paused"), false);
  const moves = await Promise.all(Array.from({ length: 5 }, () => stores.campaigns.move(campaign.id, "draft", "running")));
  t.equal(moves.filter(Boolean).length, 1);
  t.match(await stores.campaigns.progress(campaign.id), { contacts: 10, waiting: 10 }, "the work table is filled once");
  t.match(await stores.campaigns.inState(["running", "stopping"]), [{ id: campaign.id }]);
  t.same(await stores.campaigns.inState(["paused"]), []);

  for (let index = 0; index < 5; index += 1) await makeList(stores, `list ${index}`, 1);
  const all = await stores.lists.lists({ limit: 100 });
  const pages: string[] = [];
  for (let afterId: string | undefined; ; ) {
    const page = await stores.lists.lists({ limit: 2, ...(afterId !== undefined && { afterId }) });
    if (page.length === 0) break;
    pages.push(...page.map(({ id }) => id));
    afterId = page.at(-1)?.id;
  }
  t.same(
    pages,
    all.map(({ id }) => id),
  );
  const people = await stores.lists.contacts(campaign.listId, { limit: 3 });
  t.match(people, [
    {
      clientId: "c1",
      timeZone: "America/New_York",
      addresses: [{ kind: "mobile", number: phone(1) }, { kind: "landline" }],
      fields: { first_name: "Name 1" },
    },
  ]);
  t.same(await stores.lists.contact(people[0]?.id ?? ""), people[0]);
  for (const id of ["0", "-1", "abc", "", "1e3", "99999999999999999999", "'; drop table list; --"]) {
    t.equal(await stores.lists.list(id), undefined, id);
    t.equal(await stores.lists.contact(id), undefined);
    t.equal(await stores.campaigns.find(id), undefined);
    t.equal(await stores.scripts.find(id), undefined);
    t.equal(await stores.keys.revoke(id), false);
    t.same(await stores.lists.contacts(id, { limit: 1 }), []);
    t.same(await stores.attemptReader.attempts(id, {}, { limit: 1 }), []);
  }
});
