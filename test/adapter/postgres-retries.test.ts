import t from "tap";
import type { Order } from "../../src/attempt/ports.ts";
import { type Result, resultNames, results } from "../../src/attempt/result.ts";
import { dueAgain, type Retries, retryRefused } from "../../src/attempt/treatment.ts";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import type { PassEngine } from "../../src/strategy/pass-engine.ts";
import { becomes, thursday, world } from "../strategy/world.ts";

/* Contacts that are put back after a result, over a real database: whatever ends how and whoever dies when, nobody is called who should not be. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const node = "node-2";
const always = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };

t.comment(`TEST_SEED=${seed}`);

t.test("contacts that are put back", async (t) => {
  const { stores, clock, engine: start, campaign: create } = await world(t);
  const attemptsOf = async (campaignId: string) =>
    (
      await stores.pool.query<Row>(
        "select id, contact_id, result, sending_at, reserved_at, ended_at, again_at, orphaned from attempt where campaign_id = $1 order by id",
        [campaignId],
      )
    ).rows;

  await t.test("is due again when it says, is counted, and the campaign waits for it", async (t) => {
    clock.at = thursday;
    const { engine } = await start();
    const retries: Retries = { "carrier-fault": { afterS: 300, atMost: 2 } };
    const campaign = await create([undefined, undefined], { retries });
    t.same((await stores.campaigns.find(campaign.id))?.retries, retries);
    await engine.order(campaign.id, "start");
    const finished = becomes(engine, campaign.id, "finished");
    const end = async ({ attemptId, treatments }: Order, result: Result) => {
      await stores.attempts.begin(attemptId, clock.now());
      const againAt = dueAgain(treatments, result, clock.now());
      const ending = { at: clock.now(), result, reason: "test", ...(againAt !== undefined && { againAt }) };
      await stores.attempts.finish(attemptId, ending);
      await stores.attempts.finish(attemptId, { ...ending, result: "human" });
    };
    const [one, other] = await engine.pull(campaign.id, 5);
    if (!one || !other) throw new Error("two were due");
    await end(other, "human");
    let order = one;
    for (const time of [1, 2]) {
      await end(order, "carrier-fault");
      t.match(await stores.campaigns.progress(campaign.id), { contacts: 2, waiting: 1, again: 1, inFlight: 0, done: 1 });
      t.equal((await stores.attemptReader.attempt(order.attemptId))?.againAt, clock.now() + 300_000);
      t.equal(await stores.work.unfinished(campaign), 1);
      clock.at += 299_999;
      t.same(await engine.pull(campaign.id, 5), [], "not before its time");
      clock.at += 10_000;
      const [next] = await engine.pull(campaign.id, 5);
      if (!next) throw new Error("it is due");
      t.equal(next.contactId, one.contactId);
      t.same(next.treatments, time < 2 ? { "carrier-fault": 300 } : {}, "so often and no more");
      order = next;
    }
    await end(order, "carrier-fault");
    await finished;
    t.match(await stores.campaigns.progress(campaign.id), { waiting: 0, again: 0, done: 2, results: { "carrier-fault": 3, human: 1 } });
  });

  await t.test("who opted out meanwhile is not called again", async (t) => {
    clock.at = thursday;
    const { engine } = await start();
    const campaign = await create([undefined], { retries: { "carrier-fault": { afterS: 300, atMost: 2 } } });
    await engine.order(campaign.id, "start");
    const finished = becomes(engine, campaign.id, "finished");
    const [order] = await engine.pull(campaign.id, 1);
    if (!order) throw new Error("one was due");
    await stores.attempts.begin(order.attemptId, clock.now());
    await stores.attempts.effect(order.attemptId, clock.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "key 9" }]);
    await stores.attempts.finish(order.attemptId, { at: clock.now(), result: "carrier-fault", reason: "test", againAt: clock.now() + 300_000 });
    clock.at += 310_000;
    t.same(await engine.pull(campaign.id, 1), []);
    await finished;
    t.match(await stores.campaigns.progress(campaign.id), { done: 1, refusals: { suppressed: 1 } });
  });

  await t.test("random endings, and processes that die: nobody is called again who should not be", async (t) => {
    clock.at = thursday;
    const random = seededRandom(seed);
    const retries: Retries = {
      "carrier-fault": { afterS: 60, atMost: 2 },
      congestion: { afterS: 120, atMost: 1 },
      busy: { afterS: 300, atMost: 2 },
      "no-answer": { afterS: 600, atMost: 1 },
    };
    const voice = resultNames.filter((name) => results[name].channels.some((channel) => channel === "voice") && name !== "canceled");
    const here = (await start()).engine;
    await stores.registry.register(node, clock.now());
    const there = (await start({ node })).engine;
    const campaign = await create(
      Array.from({ length: 60 }, () => undefined),
      { retries, window: always },
    );
    const heard = becomes(there, campaign.id, "running");
    await here.order(campaign.id, "start");
    await heard;
    const live: { order: Order; of: PassEngine; begun: boolean }[] = [];
    const endOne = async (call: (typeof live)[number]) => {
      live.splice(live.indexOf(call), 1);
      const result = pick(random, random.next() < 0.6 ? (Object.keys(retries) as Result[]) : voice);
      const againAt = dueAgain(call.order.treatments, result, clock.now());
      const ending = { at: clock.now(), result, reason: "random", ...(againAt !== undefined && { againAt }) };
      const times = random.next() < 0.2 ? [1, 2] : [1];
      await Promise.all(times.map(() => stores.attempts.finish(call.order.attemptId, ending)));
    };
    const die = async () => {
      await stores.registry.register(node, clock.now());
      const orphans = await stores.registry.takeOrphans(node, clock.now());
      const lost = live.filter(({ of }) => of === there);
      // A process that counts as dead may live, and say how its calls ended, before or after its successor does.
      const known = lost.filter(({ begun }) => begun && random.next() < 0.5);
      const told = () => Promise.all(known.map(endOne));
      const early = random.next() < 0.5;
      if (early) await told();
      const ending = { at: clock.now(), result: "interrupted", reason: "the server stopped" } as const;
      await Promise.all(orphans.map(({ attemptId }) => stores.attempts.finish(attemptId, ending)));
      if (!early) await told();
      for (const call of lost) if (live.includes(call)) live.splice(live.indexOf(call), 1);
    };
    let deaths = 0;
    for (let turn = 0; turn < 5000 && (await stores.work.unfinished(campaign)) > 0; turn++) {
      const engine = random.next() < 0.5 ? here : there;
      for (const order of await engine.pull(campaign.id, intBetween(random, 1, 20))) live.push({ order, of: engine, begun: false });
      const leaving = live.filter(({ begun }) => !begun && random.next() < 0.7);
      await Promise.all(
        leaving.map(async (call) => {
          call.begun = await stores.attempts.begin(call.order.attemptId, clock.now());
        }),
      );
      for (const call of leaving) if (!call.begun) live.splice(live.indexOf(call), 1);
      const up = live.filter(({ begun }) => begun);
      await Promise.all(up.filter(() => random.next() < 0.4).map(endOne));
      if (turn === 10 || random.next() < 0.15) {
        deaths += 1;
        await die();
      }
      clock.at += intBetween(random, 0, 60_000);
    }
    const rows = await attemptsOf(campaign.id);
    t.comment(`${rows.length} attempts, ${deaths} deaths`);
    t.ok(rows.length > 80 && deaths > 0, "there was something to see");
    t.same(faultsOf(rows, retries), [], `TEST_SEED=${seed}`);
    t.equal(new Set(rows.map(({ contact_id }) => contact_id)).size, 60, "everybody was called");
    t.match(await stores.campaigns.progress(campaign.id), { contacts: 60, waiting: 0, again: 0, inFlight: 0, done: 60 });
  });
});

interface Row {
  readonly id: string;
  readonly contact_id: string;
  readonly result: Result | null;
  readonly sending_at: Date | null;
  readonly reserved_at: Date;
  readonly ended_at: Date | null;
  readonly again_at: Date | null;
  readonly orphaned: boolean;
}

function faultsOf(rows: readonly Row[], retries: Retries): readonly string[] {
  const faults: string[] = [];
  for (const all of Map.groupBy(rows, ({ contact_id }) => contact_id).values()) {
    for (const [at, row] of all.entries()) {
      const { id, result, ended_at: endedAt, again_at: againAt } = row;
      if (!result || !endedAt) {
        faults.push(`${id} is not over`);
        continue;
      }
      const retry = retries[result];
      if (againAt && (!retry || retryRefused(result, retry) !== undefined)) faults.push(`${id}: put back after ${result}`);
      if (againAt && row.orphaned) faults.push(`${id}: put back, and another process had taken it over`);
      const before = all.slice(0, at + 1).filter((each) => each.again_at && each.result === result).length;
      if (retry && before > retry.atMost) faults.push(`${id}: put back ${before} times after ${result}`);
      if (retry && !againAt && !row.orphaned && before < retry.atMost) faults.push(`${id}: not put back after ${result}, the ${before + 1}. time`);
      const next = all[at + 1];
      if (againAt && !next) faults.push(`${id}: put back after ${result} and never called again`);
      if (!next) continue;
      if (result === "canceled") continue;
      if (!againAt) faults.push(`${next.id}: called again after ${result}`);
      else if (next.reserved_at < againAt || next.reserved_at < endedAt) faults.push(`${next.id}: called again too early after ${result}`);
    }
  }
  return faults;
}
