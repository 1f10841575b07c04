import t, { type Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Order } from "../../src/attempt/ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import type { Campaign, CampaignState } from "../../src/strategy/campaign.ts";
import { PassEngine, type PassEngineParts } from "../../src/strategy/pass-engine.ts";
import type { NewCampaign, WorkStore } from "../../src/strategy/ports.ts";
import { openTestDatabase } from "../harness/database.ts";

/** A Thursday, 10:00 in New York, 09:00 in Chicago, 05:00 in Honolulu. */
const thursday = Date.UTC(2026, 0, 15, 15, 0, 0);

/** Real timers, so that the database has the time it takes; the time of day is the test's. */
class SetClock implements Clock {
  at = thursday;
  now(): number {
    return this.at;
  }
  after(delayMs: number, fire: () => void) {
    return systemClock.after(delayMs, fire);
  }
}

function phone(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Error(`not E.164: ${text}`);
  return text;
}

interface World {
  readonly stores: Stores;
  readonly clock: SetClock;
  /** An engine that watches, and is closed with the test. `claims` counts how often it asked the database for work. */
  engine(more?: Partial<PassEngineParts>): Promise<{ readonly engine: PassEngine; readonly claims: () => number }>;
  /** A draft campaign over people with these zones. */
  campaign(zones: readonly (string | undefined)[], more?: Partial<NewCampaign>): Promise<Campaign>;
  end(orders: readonly Order[]): Promise<void>;
}

let made = 0;

async function world(t: Test): Promise<World> {
  const database = await openTestDatabase(t);
  const clock = new SetClock();
  const stores = await openStores({ url: database.url, log: silentLog, clock, node: "node-1" });
  t.teardown(() => stores.close());
  await stores.registry.register("node-1", clock.now());
  return {
    stores,
    clock,
    async engine(more = {}) {
      let claims = 0;
      const work: WorkStore = {
        claim: (...args) => {
          claims++;
          return stores.work.claim(...args);
        },
        moment: (id) => stores.work.moment(id),
        unfinished: (id) => stores.work.unfinished(id),
      };
      const engine = new PassEngine({ work, campaigns: stores.campaigns, clock, log: silentLog, node: "node-1", watchMs: 5, ...more });
      await engine.start();
      t.teardown(() => engine.close());
      return { engine, claims: () => claims };
    },
    async campaign(zones, more = {}) {
      const number = ++made;
      const load = await stores.contacts.openLoad({ name: `list ${number}`, append: false });
      const contacts = zones.map((timeZone, at) => ({
        ...(timeZone === undefined ? {} : { timeZone }),
        addresses: [{ kind: "unknown" as const, number: phone(`+1${2_120_000_000 + number * 10_000 + at}`) }],
        fields: { first_name: `P${at}` },
      }));
      t.same(await load.add(contacts), []);
      const { listId } = await load.commit();
      const script = await stores.scripts.publish("greeting", "script: greeting");
      return stores.campaigns.create({
        name: `campaign ${number}`,
        listId,
        scriptVersionId: script.id,
        trunk: "carrier-a",
        callerId: "+15550100100",
        maxCps: 1000,
        maxLines: 1000,
        ringTimeoutMs: 25_000,
        window: { startMinute: 8 * 60, endMinute: 20 * 60, weekdays: [1, 2, 3, 4, 5] },
        defaultTimeZone: "America/New_York",
        ...more,
      });
    },
    async end(orders) {
      for (const order of orders) {
        await stores.attempts.begin(order.attemptId, clock.now());
        await stores.attempts.finish(order.attemptId, { at: clock.now(), result: "no-answer", reason: "ring time-out" });
      }
    },
  };
}

/** Resolves when the engine says that the campaign is in the state. */
function becomes(engine: PassEngine, id: string, state: CampaignState): Promise<Campaign> {
  return new Promise((resolve) => {
    const off = engine.onChange((campaign) => {
      if (campaign.id !== id || campaign.state !== state) return;
      off();
      resolve(campaign);
    });
  });
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
  return "none";
}

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
    const { engine } = await start({ destinationPrefixes: { "carrier-a": ["+44"] } });
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
    const orders = [...(await here.engine.pull(campaign.id, 5)), ...(await there.engine.pull(campaign.id, 5))];
    t.equal(orders.length, 8, "as many lines as there are");
    const moments = orders.map(({ startAt = 0 }) => startAt).toSorted((a, b) => a - b);
    t.ok((moments[0] ?? 0) >= thursday);
    for (const [index, at] of moments.slice(4).entries())
      t.ok(at - (moments[index] ?? at) > 900, `each a second after the fourth before: ${moments}`);
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
