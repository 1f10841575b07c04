import t from "tap";

import { becomes, faultOf, thursday, world } from "./world.ts";

t.test("the pass engine on a real database", async (t) => {
  const { stores, clock, engine: start, campaign: create, end } = await world(t);

  await t.test("hands everybody out once, and ends the campaign when the last attempt has ended", async (t) => {
    const { engine } = await start();
    const campaign = await create(["America/New_York", "America/Chicago", undefined]);
    t.same(await engine.pull(campaign.id, 10), [], "a draft gives nothing");
    t.equal((await engine.order(campaign.id, "start")).state, "running");
    t.same(
      engine.running().map(({ id }) => id),
      [campaign.id],
    );
    const finished = becomes(engine, campaign.id, "finished");
    const first = await engine.pull(campaign.id, 2);
    const rest = await engine.pull(campaign.id, 10);
    t.equal(first.length, 2);
    t.equal(rest.length, 1);
    const orders = [...first, ...rest];
    t.equal(new Set(orders.map(({ contactId }) => contactId)).size, 3, "nobody twice");
    for (const order of orders) {
      t.match(order, { campaignId: campaign.id, channel: "voice", callerId: "+15550100100", scriptVersionId: campaign.scriptVersionId });
      t.ok(order.permit.untilMs > clock.now());
    }
    t.same(await engine.pull(campaign.id, 10), []);
    t.equal((await stores.campaigns.find(campaign.id))?.state, "running", "somebody is still on the line");
    await end(orders);
    t.equal((await finished).state, "finished");
    t.equal((await stores.campaigns.find(campaign.id))?.state, "finished");
    t.same(engine.running(), []);
  });

  await t.test("asks the gate: who is outside the hours waits for them, and the database is left alone meanwhile", async (t) => {
    clock.at = thursday;
    const { engine, claims } = await start();
    const campaign = await create(["America/New_York", "Pacific/Honolulu", "Nowhere/Land", "Pacific/Honolulu"]);
    await engine.order(campaign.id, "start");
    const finished = becomes(engine, campaign.id, "finished");
    const now = await engine.pull(campaign.id, 10);
    t.equal(now.length, 1);
    const progress = await stores.campaigns.progress(campaign.id);
    t.equal(progress.refusals["unknown-time-zone"], 1, "a zone that nobody knows is refused for good, with its rule");
    t.equal(progress.refusals["outside-calling-window"], 2);
    // While they are on the line, before the permits of 10 minutes are over.
    await end(now);
    const before = claims();
    for (let turn = 0; turn < 20; turn++) t.same(await engine.pull(campaign.id, 10), []);
    t.equal(claims(), before, "nothing is due, so nobody asks");
    clock.at = thursday + 3 * 3_600_000 - 1;
    t.same(await engine.pull(campaign.id, 10), [], "a millisecond before 08:00 in Honolulu");
    clock.at = thursday + 3 * 3_600_000;
    // The idle look just before saw nothing due until now.
    const later = await engine.pull(campaign.id, 10);
    t.equal(later.length, 2);
    await end(later);
    await finished;
  });

  await t.test("a time zone that still sleeps does not keep those behind it waiting", async (t) => {
    clock.at = thursday;
    const { engine, claims } = await start();
    const asleep = Array.from({ length: 1000 }, () => "Pacific/Honolulu");
    const campaign = await create([...asleep, "America/New_York", "America/New_York", "America/New_York"]);
    await engine.order(campaign.id, "start");
    const orders = await engine.pull(campaign.id, 1);
    t.equal(orders.length, 1, "the one pull finds the first who is awake");
    t.ok(claims() < 10, `${claims()} claims`);
    t.equal(
      (await stores.campaigns.progress(campaign.id)).refusals["outside-calling-window"],
      1000,
      "everybody before was asked about, and recorded",
    );
    const rest = [...(await engine.pull(campaign.id, 1)), ...(await engine.pull(campaign.id, 5))];
    t.same(
      [...orders, ...rest].map(({ fields }) => fields["first_name"]),
      ["P1000", "P1001", "P1002"],
      "in the order of the list, nobody lost and nobody twice",
    );
    await end([...orders, ...rest]);
    await engine.order(campaign.id, "stop");
  });

  await t.test("refuses by suppression and by destination", async (t) => {
    clock.at = thursday;
    const { engine } = await start({ account: { destinationPrefixes: { "carrier-a": ["+44"] } } });
    const nowhere = await create([undefined, undefined]);
    await engine.order(nowhere.id, "start");
    const finished = becomes(engine, nowhere.id, "finished");
    t.same(await engine.pull(nowhere.id, 10), []);
    await finished;
    t.same((await stores.campaigns.progress(nowhere.id)).refusals, { "destination-not-allowed": 2 });
  });

  await t.test("an opt-out keeps the same person from being called in another campaign", async (t) => {
    clock.at = thursday;
    const { engine } = await start();
    const first = await create([undefined]);
    await engine.order(first.id, "start");
    const orders = await engine.pull(first.id, 1);
    const order = orders[0];
    if (order === undefined) throw new Error("nothing was pulled");
    await stores.attempts.begin(order.attemptId, clock.now());
    await stores.attempts.effect(order.attemptId, clock.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "key 9" }]);
    await stores.attempts.finish(order.attemptId, { at: clock.now(), result: "human", reason: "script ended", outcome: "opted_out" });

    const second = await stores.campaigns.create({ ...first, name: "the same list again" });
    await engine.order(second.id, "start");
    const finished = becomes(engine, second.id, "finished");
    t.same(await engine.pull(second.id, 10), []);
    await finished;
    const progress = await stores.campaigns.progress(second.id);
    t.match(progress, { refusals: { suppressed: 1 }, results: {}, done: 1 });
  });

  await t.test("pause, resume, stop", async (t) => {
    clock.at = thursday;
    const { engine } = await start();
    const campaign = await create([undefined, undefined, undefined]);
    await engine.order(campaign.id, "start");
    const orders = [...(await engine.pull(campaign.id, 1))];
    t.equal((await engine.order(campaign.id, "pause")).state, "paused");
    t.same(await engine.pull(campaign.id, 10), [], "paused");
    t.equal((await engine.order(campaign.id, "resume")).state, "running");
    orders.push(...(await engine.pull(campaign.id, 1)));
    t.equal(orders.length, 2);
    t.equal((await engine.order(campaign.id, "stop")).state, "stopping");
    t.same(await engine.pull(campaign.id, 10), [], "no new orders");
    const stopped = becomes(engine, campaign.id, "stopped");
    await end(orders.slice(0, 1));
    t.equal((await stores.campaigns.find(campaign.id))?.state, "stopping", "somebody is still on the line");
    await end(orders.slice(1));
    await stopped;
    t.equal((await stores.campaigns.find(campaign.id))?.state, "stopped");

    t.equal(await faultOf(engine.order(campaign.id, "resume")), "campaign-state");
    t.equal(await faultOf(engine.order("999999999", "start")), "campaign-unknown");
  });
});
