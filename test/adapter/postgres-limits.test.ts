import pg from "pg";
import t, { type Test } from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { Order } from "../../src/attempt/ports.ts";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import type { ClaimedCalls } from "../../src/strategy/ports.ts";
import { allow, claim, makeCampaign, openWorld, phone } from "./stores-kit.ts";

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

/** One store and name for each node of the fleet; the database's clock is the test's. */
async function openFleet(t: Test, nodes: number) {
  const world = await openWorld(t);
  const admin = new pg.Client({ connectionString: world.adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  let now = Date.UTC(2026, 0, 15, 15, 0, 0);
  const set = async (ms: number) => {
    now = ms;
    await admin.query("update virtual.clock set at = to_timestamp($1::float8 / 1000)", [ms]);
  };
  await admin.query(`create schema virtual; create table virtual.clock as select now() as at;
    create function virtual.clock_timestamp() returns timestamptz language sql volatile as 'select at from virtual.clock';
    grant usage on schema virtual to public; grant select on virtual.clock to public`);
  const { rows } = await admin.query<{ name: string }>("select current_database() as name");
  await admin.query(`alter database ${pg.escapeIdentifier(String(rows[0]?.name))} set search_path = virtual, public, pg_catalog`);
  await set(now);
  // Only connections made from now on see that clock.
  const fleet = [];
  for (let index = 0; index < nodes; index += 1) {
    const name = `fleet-${index}`;
    const stores = await world.open({ node: name });
    await stores.registry.register(name, now);
    fleet.push({ name, stores });
  }
  const [first] = fleet;
  if (!first) throw new RangeError("a fleet has nodes");
  return { fleet, first, now: () => now, advance: (ms: number) => set(now + ms) };
}

/** The most starts that any stretch of that length holds, its end not included. */
function most(starts: readonly number[], spanMs: number): number {
  const sorted = starts.toSorted((a, b) => a - b);
  let from = 0;
  let found = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[from] ?? at) >= spanMs) from += 1;
    found = Math.max(found, index - from + 1);
  }
  return found;
}

function startsOf(claims: readonly ClaimedCalls[], now: number): number[] {
  return claims.flatMap(({ orders, startInMs }) => orders.map((_, index) => now + (startInMs[index] ?? Number.NaN)));
}

for (const maxCps of [0.5, 10, 13, 120]) {
  t.test(`three nodes place ${maxCps} calls a second together, never more, and one alone as many`, async (t) => {
    const random: Random = seededRandom(seed);
    const { fleet, first, now, advance } = await openFleet(t, 3);
    const seconds = maxCps < 10 ? 60 : 12;
    const campaign = await makeCampaign(first.stores, { people: Math.ceil(maxCps * seconds * 1.2) + 20, maxCps });
    const beganAt = now();
    const starts: number[] = [];
    const round = async (nodes: typeof fleet) => {
      const claims = await Promise.all(
        nodes.map(({ name, stores }) => claim(stores, campaign, Math.max(1, Math.ceil((maxCps * intBetween(random, 0, 10)) / 20)), { node: name })),
      );
      starts.push(...startsOf(claims, now()));
      await advance(intBetween(random, 1, 200));
    };
    while (now() < beganAt + (seconds * 1000) / 2) await round(fleet);
    const alone = [pick(random, fleet)];
    while (now() < beganAt + seconds * 1000) await round(alone);
    const perSecond = maxCps < 1 ? 1 : Math.floor(maxCps);
    const spanMs = maxCps < 1 ? 1000 / maxCps : 1000;
    t.ok(
      starts.every((at) => at >= beganAt),
      "every order has its moment",
    );
    t.ok(most(starts, spanMs) <= perSecond, `${most(starts, spanMs)} in ${spanMs} ms (seed ${seed})`);
    const elapsed = starts.filter((at) => at < now()).length / ((now() - beganAt) / 1000);
    t.ok(elapsed >= maxCps * 0.93, `${elapsed} a second of ${maxCps} (seed ${seed})`);
    const late = starts.filter((at) => at >= beganAt + seconds * 500 && at < now()).length / ((now() - beganAt - seconds * 500) / 1000);
    t.ok(late >= maxCps * 0.9, `alone ${late} a second of ${maxCps} (seed ${seed})`);
  });
}

t.test("calls that missed their moments take others, one after the other, and are counted with the rest", async (t) => {
  const { fleet, first, now, advance } = await openFleet(t, 2);
  const campaign = await makeCampaign(first.stores, { people: 60, maxCps: 4 });
  const missed = await Promise.all(fleet.map(({ name, stores }) => claim(stores, campaign, 5, { node: name })));
  const late = startsOf(missed, now()).length;
  t.equal(late, 10, "as many as fit in the time ahead");
  await advance(3000);
  const starts: number[] = [];
  for (let call = 0; call < late; call += 1) {
    const { stores } = fleet[call % 2] ?? first;
    starts.push(now() + (await stores.work.moment(campaign.id)));
  }
  t.same((await claim(first.stores, campaign, 5, { node: first.name })).orders, [], "nobody new until they have gone");
  await advance(2500);
  starts.push(...startsOf([await claim(first.stores, campaign, 5, { node: first.name })], now()));
  t.ok((starts[0] ?? 0) <= now());
  t.equal(most(starts, 1000), 4);
});

t.test("the lines of a campaign are counted over all nodes, and all of them are used", async (t) => {
  const random = seededRandom(seed);
  const maxLines = 7;
  const { fleet, first, now } = await openFleet(t, 3);
  const campaign = await makeCampaign(first.stores, { people: 300, maxLines });
  const up: { readonly order: Order; readonly stores: Stores }[] = [];
  const hangUp = async (count: number) => {
    const ending = up.splice(0, count);
    for (const { order, stores } of ending) {
      await stores.attempts.begin(order.attemptId, now());
      await stores.attempts.finish(order.attemptId, { at: now(), result: "human", reason: "done" });
    }
  };
  for (let round = 0; round < 25; round += 1) {
    const nodes = round < 12 ? fleet : [first];
    const claims = await Promise.all(nodes.map(({ name, stores }) => claim(stores, campaign, intBetween(random, 3, 7), { node: name })));
    for (const [index, { orders }] of claims.entries()) up.push(...orders.map((order) => ({ order, stores: nodes[index]?.stores ?? first.stores })));
    const { inFlight } = await first.stores.campaigns.progress(campaign.id);
    t.equal(inFlight, up.length);
    t.ok(inFlight <= maxLines, `${inFlight} lines (seed ${seed})`);
    if (nodes.length > 1) t.equal(inFlight, maxLines, `all lines are used (seed ${seed})`);
    await hangUp(intBetween(random, 1, 5));
  }
  t.equal((await claim(first.stores, campaign, 10, { node: first.name })).orders.length, maxLines - up.length, "by one node alone too");
});

t.test("calls that are asked for one by one take lines too, of which claims know that have not counted", async (t) => {
  const { first } = await openFleet(t, 1);
  const { stores, name } = first;
  const campaign = await makeCampaign(stores, { people: 20, maxLines: 6 });
  const [last] = (await stores.lists.contacts(campaign.listId, { limit: 20 })).slice(-1);
  const claimed = async (count: number) => (await claim(stores, campaign, count, { node: name })).orders;
  const up = await claimed(3);
  t.equal(up.length, 3);
  t.match(await stores.singles.reserve(campaign, { contactId: last?.id ?? "" }, Date.now(), allow), { order: { contactId: last?.id } });
  t.equal((await claimed(1)).length, 1, "without counting");
  t.equal((await claimed(2)).length, 1, "the sixth line was the last");
  t.equal((await claimed(1)).length, 0);
  for (const { attemptId } of up) await stores.attempts.finish(attemptId, { at: Date.now(), result: "canceled", reason: "done" });
  t.equal((await claimed(9)).length, 3, "those that have ended make room");
  t.match(await stores.campaigns.progress(campaign.id), { inFlight: 6 });
});

t.test("whom the limits hold back stays where he was in the list", async (t) => {
  const { first, advance } = await openFleet(t, 1);
  const campaign = await makeCampaign(first.stores, { people: 60, maxLines: 25, maxCps: 10 });
  const called: string[] = [];
  let held = 0;
  for (let round = 0; round < 10; round += 1) {
    const claimed = await claim(first.stores, campaign, 7, { node: first.name });
    held += claimed.held;
    called.push(...claimed.orders.map(({ address }) => address));
    await advance(300);
  }
  t.same(
    called,
    Array.from({ length: 25 }, (_, index) => phone(index + 1)),
    "in the order of the list, as many as there are lines",
  );
  t.equal(held, 45);
  t.match(await first.stores.campaigns.progress(campaign.id), { waiting: 35, inFlight: 25 });
});

t.test("calls of a dead node keep their lines until somebody has taken them over and ended them", async (t) => {
  const { fleet, first } = await openFleet(t, 2);
  const [, dead] = fleet;
  if (!dead) throw new RangeError("two nodes");
  const campaign = await makeCampaign(first.stores, { people: 20, maxLines: 4 });
  const lost = await claim(dead.stores, campaign, 3, { node: dead.name });
  t.equal(await dead.stores.attempts.begin(lost.orders[0]?.attemptId ?? "", Date.now()), true);
  await dead.stores.registry.release(dead.name);
  const room = async () => (await claimAndEnd(first.stores, campaign, first.name)).length;
  t.equal(await room(), 1);
  const orphans = await first.stores.registry.takeOrphans(first.name, Date.now());
  t.equal(orphans.length, 1, "the two that never left are waiting again");
  t.equal(await room(), 3);
  await first.stores.attempts.finish(orphans[0]?.attemptId ?? "", { at: Date.now(), result: "interrupted", reason: "its server died" });
  t.equal(await room(), 4);
});

async function claimAndEnd(stores: Stores, campaign: VoiceCampaign, name: string): Promise<readonly Order[]> {
  const { orders } = await stores.work.claim(campaign, 10, Date.now(), name, allow);
  for (const { attemptId } of orders) await stores.attempts.finish(attemptId, { at: Date.now(), result: "canceled", reason: "test" });
  return orders;
}

t.test("a raised limit holds at once, and a database clock that was set back stops nobody", async (t) => {
  const { first, now, advance } = await openFleet(t, 1);
  const slow = await makeCampaign(first.stores, { people: 50, maxCps: 0.01 });
  t.equal((await claim(first.stores, slow, 10, { node: first.name })).orders.length, 1, "one in 100 s");
  await advance(2000);
  t.equal((await claim(first.stores, slow, 10, { node: first.name })).orders.length, 0);
  await first.stores.pool.query("update campaign set max_cps = 10 where id = $1", [slow.id]);
  const raised = await claim(first.stores, slow, 10, { node: first.name });
  t.equal(raised.orders.length, 10);
  t.ok(Math.max(...startsOf([raised], now())) <= now() + 2500, "and nothing is reserved long before its moment");
  await advance(-3_600_000);
  t.equal((await claim(first.stores, slow, 5, { node: first.name })).orders.length, 5);
});

t.test("who died before the database's clock was set back is inherited all the same, and nobody who lives", async (t) => {
  const { fleet, first, now, advance } = await openFleet(t, 3);
  const [, alive, dead] = fleet;
  if (!alive || !dead) throw new RangeError("three nodes");
  const campaign = await makeCampaign(first.stores, { people: 10 });
  const held = await claim(alive.stores, campaign, 2, { node: alive.name });
  const lost = await claim(dead.stores, campaign, 3, { node: dead.name });
  for (const [{ orders }, { stores }] of [[held, alive] as const, [lost, dead] as const])
    for (const { attemptId } of orders) await stores.attempts.begin(attemptId, now());
  const beat = async () => {
    await advance(5000);
    t.same(await Promise.all([first, alive].map(({ name, stores }) => stores.registry.heartbeat(name))), [true, true]);
    return (await first.stores.registry.takeOrphans(first.name, now())).map(({ attemptId }) => attemptId);
  };
  t.same(await beat(), []);
  await advance(-3_600_000);
  const taken: string[] = [];
  for (let beats = 0; beats < 8; beats += 1) taken.push(...(await beat()));
  t.same(taken.toSorted(), lost.orders.map(({ attemptId }) => attemptId).toSorted());
});
