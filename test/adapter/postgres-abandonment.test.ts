import t from "tap";
import type { PostgresAbandonmentLedger } from "../../src/adapter/postgres/repository/abandonment-ledger.ts";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { LiveAnswer, Order } from "../../src/attempt/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import type { NewVoiceCampaign } from "../../src/strategy/ports.ts";
import { Pacer } from "../../src/voice/pacing/pacer.ts";
import { defaultPacing } from "../../src/voice/pacing/policy.ts";
import { attemptRow, begun, makeCampaign, makeList, openWorld, race, type World } from "./stores-kit.ts";

const seed = Date.now() & 0xffff;
const cap = 0.03;

/** Ends an attempt as a call for agents that somebody answered. */
async function end({ stores }: Pick<World, "stores">, { attemptId }: Order, live: LiveAnswer | undefined, at = Date.now()): Promise<void> {
  const result = live === "abandoned" ? ("abandoned" as const) : ("human" as const);
  await stores.attempts.finish(attemptId, { at, result, reason: "", ...(live && { live }) });
}

/** Answers of long ago, as the ends of as many attempts would have left them. */
async function answered({ stores }: World, campaignId: string, answers: number, abandoned: number, ago: string): Promise<void> {
  const text = `insert into live_answer select $1::bigint, span, date_bin(stretch, clock_timestamp() - $4::interval, to_timestamp(0)), $2, $3
    from (values ('day', interval '5 min'), ('month', interval '1 hour')) s(span, stretch)
    on conflict (campaign_id, span, from_at) do update set answers = live_answer.answers + excluded.answers, abandoned = live_answer.abandoned + excluded.abandoned`;
  await stores.pool.query(text, [campaignId, answers, abandoned, ago]);
}

t.test("answers count once, with the end of their attempt, in both windows until they are over", async (t) => {
  const world = await openWorld(t);
  const { stores } = world;
  const campaign = await makeCampaign(stores, { people: 12 });
  const other = await makeCampaign(stores, { name: "other", people: 3 });
  const orders = await begun(stores, campaign, 10);
  const [first, second, third, ...rest] = orders;
  if (!first || !second || !third) throw new Error("three orders");
  await Promise.all([end(world, first, "abandoned"), end(world, second, undefined), ...rest.map((order) => end(world, order, "connected"))]);
  t.same(await stores.abandonment.read(campaign.id), { day: { answers: 8, abandoned: 1 }, month: { answers: 8, abandoned: 1 } });
  await end(world, first, "abandoned");
  t.match(await stores.abandonment.read(campaign.id), { day: { answers: 8, abandoned: 1 } }, "a second ending counts for nothing");
  const [alone] = await begun(stores, other, 1);
  const lost = { at: Date.now(), result: "interrupted", reason: "", live: "abandoned" } as const;
  if (alone) await stores.attempts.finish(alone.attemptId, lost);
  t.match(
    await stores.abandonment.read(other.id),
    { day: { answers: 0, abandoned: 0 }, month: { answers: 0, abandoned: 0 } },
    "a script was with them",
  );
  await stores.campaigns.change(other.id, { mode: "predictive" }, "test");
  const [promised] = await begun(stores, other, 1);
  if (promised) await stores.attempts.finish(promised.attemptId, lost);
  t.match(await stores.abandonment.read(other.id), { day: { answers: 1, abandoned: 1 } }, "an agent was promised, and the server died");

  await answered(world, campaign.id, 100, 2, "26 hours");
  t.same(await stores.abandonment.read(campaign.id), { day: { answers: 8, abandoned: 1 }, month: { answers: 108, abandoned: 3 } });
  await answered(world, campaign.id, 1000, 20, "31 days 2 hours");
  t.match(await stores.abandonment.read(campaign.id), { month: { answers: 108, abandoned: 3 } });

  const again = await world.open({ node: "node-2" });
  t.match(await again.abandonment.read(campaign.id), { day: { answers: 8, abandoned: 1 } }, "it is the same for everybody, also after a restart");
});

t.test("headroom is shared by agents, by the stricter window, and what is spent is kept", async (t) => {
  const world = await openWorld(t);
  const { stores } = world;
  const two = await world.open({ node: "node-2" });
  await two.registry.register("node-2", Date.now());
  const { id: campaignId } = await makeCampaign(stores, { people: 1 });
  const share = async (ledger: PostgresAbandonmentLedger, agents: number, kept = 0) =>
    (await ledger.share([{ campaignId, cap, agents, kept }])).get(campaignId)?.allowed ?? -1;
  t.equal(await share(stores.abandonment, 5), 0, "who has no answers may lose nobody");
  await answered(world, campaignId, 1000, 10, "1 hour");
  t.equal(await share(stores.abandonment, 5), 20, "alone, all of it is its own");
  t.equal(await share(two.abandonment, 15), 0, "who comes waits until it is given up");
  t.equal(await share(stores.abandonment, 5), 5);
  t.equal(await share(two.abandonment, 15), 15);
  t.equal(await share(two.abandonment, 15, 18), 18, "what is spent cannot be taken back");
  t.equal(await share(stores.abandonment, 5), 2, "and the other has less");
  for (let round = 0; round < 10; round++) {
    await Promise.all([stores.abandonment, two.abandonment].map((ledger) => ledger.giveBack([campaignId])));
    const both = await Promise.all([share(stores.abandonment, 5), share(two.abandonment, 15)]);
    t.ok(both[0] + both[1] <= 20, `two that come at once get no more than there is: ${both.join(" and ")}`);
  }
  await answered(world, campaignId, 0, 20, "26 hours");
  t.equal(await share(stores.abandonment, 5), 0, "the month allows no more");
  await two.registry.release("node-2");
  await answered(world, campaignId, 1000, 0, "26 hours");
  t.equal(await share(stores.abandonment, 5), 20, "a node that is gone has no share");
  await stores.abandonment.giveBack([campaignId]);
  t.same((await stores.pool.query("select from abandonment_share")).rowCount, 0);
});

t.test("two nodes that lose all they may never pass the cap", async (t) => {
  const world = await openWorld(t);
  const two = await world.open({ node: "node-2" });
  await two.registry.register("node-2", Date.now());
  const random = seededRandom(seed);
  const draw = (below: number) => Math.floor(random.next() * below);
  const { id: campaignId } = await makeCampaign(world.stores, { people: 1 });
  await answered(world, campaignId, 200 + draw(500), 0, "10 minutes");
  // Each loses people, of whom the ledger hears later; more than it is allowed it does not risk.
  const nodes = [world.stores, two].map(({ abandonment }) => ({ ledger: abandonment, agents: 1 + draw(20), allowed: 0, unwritten: 0 }));
  let lost = 0;
  for (let turn = 0; turn < 60; turn++) {
    await race(
      ...nodes.map((node) => async () => {
        const shares = await node.ledger.share([{ campaignId, cap, agents: node.agents, kept: node.unwritten }]);
        node.allowed = shares.get(campaignId)?.allowed ?? 0;
      }),
    );
    for (const node of nodes) {
      const more = Math.max(0, Math.floor(node.allowed) - node.unwritten);
      const losing = random.next() < 0.7 ? more : draw(more + 1);
      node.unwritten += losing;
      lost += losing;
    }
    const { day } = await world.stores.abandonment.read(campaignId);
    const unwritten = nodes.reduce((sum, node) => sum + node.unwritten, 0);
    const answers = day.answers + unwritten;
    if (!t.ok(day.abandoned + unwritten <= cap * answers + 1e-9, `turn ${turn}: ${day.abandoned + unwritten} of ${answers} (seed ${seed})`)) break;
    for (const node of nodes) {
      const written = draw(node.unwritten + 1);
      await answered(world, campaignId, written, written, "1 minute");
      node.unwritten -= written;
      if (random.next() < 0.1) node.agents = draw(20);
    }
    await answered(world, campaignId, draw(60), 0, "1 minute");
  }
  t.ok(lost > 10, `they did lose people: ${lost} (seed ${seed})`);
});

t.test("a pacer is kept, goes on from what this node or another has learned, and what cannot be read is left", async (t) => {
  const world = await openWorld(t);
  const two = await world.open({ node: "node-2" });
  const listId = await makeList(world.stores, "people", 1);
  const { id } = await makeCampaign(world.stores, { listId });
  t.equal(await world.stores.pacers.load(id), undefined);
  const pacer = new Pacer(defaultPacing("predictive", 5));
  for (let call = 0; call < 50; call++) {
    pacer.observe({ kind: "dialled", atMs: call * 1000, call: `${call}`, list: listId, attempt: 1 });
    pacer.observe({ kind: "ended", atMs: call * 1000 + 900, call: `${call}`, how: call % 3 ? "unanswered" : "answered" });
  }
  const record = pacer.record();
  await world.stores.pacers.keep(new Map([[id, record]]));
  t.same(await two.pacers.load(id), record, "another node begins with it");
  const own = new Pacer(defaultPacing("progressive", 5)).record();
  await two.pacers.keep(new Map([[id, own]]));
  t.same(await two.pacers.load(id), own);
  t.same(await world.stores.pacers.load(id), record);
  await world.stores.pool.query(`update pacer set record = '{"version": 0}'`);
  t.equal(await two.pacers.load(id), undefined);
});

t.test("who was abandoned is not called by a campaign in which that may happen, neither when chosen nor when about to be called", async (t) => {
  const world = await openWorld(t);
  const { stores } = world;
  const listId = await makeList(stores, "people", 3);
  const first = await makeCampaign(stores, { name: "first", listId });
  const [abandoned] = await begun(stores, first, 1);
  if (!abandoned) throw new Error("an order");
  const endedAt = Date.now();
  await end(world, abandoned, "abandoned", endedAt);

  const engine = (node: Stores) =>
    new PassEngine({ work: node.work, campaigns: node.campaigns, clock: systemClock, log: silentLog, node: "node-1", watchMs: 5 });
  const pass = engine(stores);
  t.teardown(() => pass.close());
  await pass.start();
  const always = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const make = async (name: string, more: Partial<NewVoiceCampaign>) => {
    const { id: _, state: __, script: ___, ...like } = first;
    const made = await stores.campaigns.create({ ...like, name, window: always, ...more });
    await pass.order(made.id, "start");
    return made;
  };
  const refusals = async (campaignId: string) =>
    (await stores.timelines.timeline(abandoned.contactId, 50)).filter((entry) => entry.kind === "refused" && entry.campaignId === campaignId);

  const predictive = await make("predictive", { mode: "predictive", pacing: { abandonedPauseS: 3600 } });
  t.same((await pass.pull(predictive.id, 3)).length, 2, "the two others");
  t.match(await refusals(predictive.id), [{ rule: "abandoned-before", retryAt: endedAt + 3_600_000 }]);
  t.same(
    await stores.timelines
      .waiting(abandoned.contactId)
      .then((all) => all.map(({ campaignId }) => campaignId))
      .then((ids) => ids.includes(predictive.id)),
    true,
  );

  const several = await make("several lines", { mode: "progressive", pacing: { linesPerAgent: 1.5 } });
  t.equal((await pass.pull(several.id, 3)).length, 2);
  t.match(await refusals(several.id), [{ rule: "abandoned-before", retryAt: endedAt + 72 * 3_600_000 }]);

  const progressive = await make("progressive", { mode: "progressive" });
  const orders = await pass.pull(progressive.id, 3);
  t.equal(orders.length, 3, "where there is an agent for each of them it does not matter");
  const order = orders.find(({ contactId }) => contactId === abandoned.contactId);
  if (!order) throw new Error("the order of the one who was abandoned");
  await stores.campaigns.change(progressive.id, { mode: "predictive" }, "test");
  t.equal(await stores.attempts.begin(order.attemptId, Date.now()), false, "the mode was changed before the call left");
  t.match(await refusals(progressive.id), [{ rule: "abandoned-before", retryAt: endedAt + 72 * 3_600_000 }]);
  t.match(await attemptRow(stores, order.attemptId), { state: "ended", result: "canceled", reason: "abandoned before" });
  const waiting = (await stores.timelines.waiting(abandoned.contactId)).find(({ campaignId }) => campaignId === progressive.id);
  t.equal(waiting?.dueAt, endedAt + 72 * 3_600_000, "and waits until then");
  const [other] = orders.filter(({ contactId }) => contactId !== abandoned.contactId);
  t.equal(other && (await stores.attempts.begin(other.attemptId, Date.now())), true);
});
