import t from "tap";
import type { Order } from "../../src/attempt/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { CampaignState } from "../../src/strategy/campaign.ts";
import { until } from "../harness/far-side.ts";
import { becomes, thursday, world } from "./world.ts";

t.test("several pass engines on one database", async (t) => {
  const { stores, clock, engine: start, campaign: create, end } = await world(t);

  await t.test("several nodes: nobody twice, and each hears what another one did", async (t) => {
    clock.at = thursday;
    await stores.registry.register("node-2", clock.now());
    const here = await start();
    const there = await start({ node: "node-2" });
    const campaign = await create(Array.from({ length: 60 }, () => undefined));
    const heard = becomes(there.engine, campaign.id, "running");
    await here.engine.order(campaign.id, "start");
    await heard;
    const orders: Order[] = [];
    for (let round = 0; round < 40 && orders.length < 60; round++) {
      const pulled = await Promise.all([here.engine.pull(campaign.id, 3), there.engine.pull(campaign.id, 3), here.engine.pull(campaign.id, 3)]);
      orders.push(...pulled.flat());
    }
    t.equal(orders.length, 60);
    t.equal(new Set(orders.map(({ contactId }) => contactId)).size, 60);
    const both = Promise.all([becomes(here.engine, campaign.id, "finished"), becomes(there.engine, campaign.id, "finished")]);
    // A claim that met rows the others had locked does not know that nothing is left; whoever dials asks again, and so does this.
    await here.engine.pull(campaign.id, 3);
    await end(orders);
    await both;
  });

  await t.test("several nodes: the calls per second and the lines of a campaign are its own, not each node's", async (t) => {
    clock.at = thursday;
    const here = await start();
    const there = await start({ node: "node-2" });
    const campaign = await create(
      Array.from({ length: 30 }, () => undefined),
      { maxLines: 8, maxCps: 4 },
    );
    const heard = becomes(there.engine, campaign.id, "running");
    await here.engine.order(campaign.id, "start");
    await heard;
    const before = here.claims();
    const askedAt = performance.now();
    const orders = [...(await here.engine.pull(campaign.id, 5)), ...(await there.engine.pull(campaign.id, 5))];
    // Moments are told from the time of each claim, and the test's clock stands still between the two.
    const tookMs = performance.now() - askedAt;
    t.equal(orders.length, 8, "as many lines as there are");
    const moments = orders.map(({ startAt = 0 }) => startAt).toSorted((a, b) => a - b);
    t.ok((moments[0] ?? 0) >= thursday);
    for (const [index, at] of moments.slice(4).entries())
      t.ok(at - (moments[index] ?? at) > 900 - tookMs, `each a second after the fourth before: ${moments}, asked for within ${tookMs} ms`);
    t.same(await here.engine.pull(campaign.id, 5), []);
    t.equal(here.claims(), before + 2, "nobody asks again within a pull when the limits are reached");
    await end(orders);
    await here.engine.order(campaign.id, "stop");
  });

  await t.test("a restarted node takes up what runs", async (t) => {
    clock.at = thursday;
    const before = await start();
    const campaign = await create([undefined]);
    await before.engine.order(campaign.id, "start");
    await before.engine.close();
    const after = await start();
    const finished = becomes(after.engine, campaign.id, "finished");
    const orders = await after.engine.pull(campaign.id, 10);
    t.equal(orders.length, 1);
    await end(orders);
    await finished;
  });

  await t.test("an order holds from when it is given, whatever a look had read just before", async (t) => {
    clock.at = thursday;
    const [read, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let holding = false;
    let looks = 0;
    const campaigns = Object.assign(Object.create(stores.campaigns), {
      find: (id: string) => stores.campaigns.find(id),
      move: (id: string, from: CampaignState, to: CampaignState) => stores.campaigns.move(id, from, to),
      inState: async (states: readonly CampaignState[]) => {
        looks++;
        const found = await stores.campaigns.inState(states);
        if (holding) {
          read.resolve();
          await goOn.promise;
        }
        return found;
      },
    });
    const { engine } = await start({ campaigns });
    const { id } = await create([undefined]);
    await engine.order(id, "start");
    holding = true;
    await read.promise;
    const told: string[] = [];
    engine.onChange((campaign) => campaign.id === id && told.push(campaign.state));
    t.equal((await engine.order(id, "pause")).state, "paused");
    holding = false;
    goOn.resolve();
    const before = looks;
    await until(() => looks > before, "the look that was held to be over");
    t.same(told, ["paused"], "nobody is told that it runs");
    t.notOk(engine.running().some((campaign) => campaign.id === id));
  });

  await t.test("a database that is away for a while is said once, and watched for", async (t) => {
    clock.at = thursday;
    let away = false;
    let looks = 0;
    const said: string[] = [];
    const log = { ...silentLog, error: (_fields: unknown, message: string) => said.push(message) };
    let back = () => {};
    const isBack = new Promise<void>((resolve) => {
      back = resolve;
    });
    const info = (_fields: unknown, message: string) => {
      if (message.includes("again")) back();
    };
    const campaigns = Object.assign(Object.create(stores.campaigns), {
      inState: async (states: readonly CampaignState[]) => {
        looks++;
        if (away && looks > 5) away = false;
        if (away) throw new Error("connection refused");
        return stores.campaigns.inState(states);
      },
    });
    await start({ campaigns, log: { ...log, info } });
    away = true;
    await isBack;
    t.same(said, ["campaigns cannot be watched; trying on"]);
  });
});
