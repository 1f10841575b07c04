import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { scheduledCampaigns } from "../../src/start/schedules.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { LeftStarts } from "../../src/strategy/start-engine.ts";
import { until } from "../harness/far-side.ts";
import { makeCampaign, makeList, openWorld, phone } from "./stores-kit.ts";

/* Starts over long lists: their server dies over them, and people come to the list and leave it meanwhile. Long is what has two people here, page by page of two. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const people = 40;
const someone = (digits: number) => ({ clientId: `new ${digits}`, addresses: [{ kind: "mobile" as const, number: phone(digits) }], fields: {} });

t.test("starts over long lists", async (t) => {
  const random = seededRandom(seed);
  const { stores, open } = await openWorld(t);
  const starts = { longFrom: 1, page: 2 };
  const server = () => open({ node: "node-8", starts });
  const work = async (campaign: string) =>
    (
      await stores.pool.query<{ id: string }>("select contact_id::text as id from work where campaign_id = $1 order by due_at, contact_id", [
        campaign,
      ])
    ).rows.map(({ id }) => id);
  const onList = async (list: string) =>
    (await stores.pool.query<{ id: string }>("select id::text from contact where list_id = $1 order by contact.id", [list])).rows.map(({ id }) => id);
  const idOf = async (list: string, at: number) => (await onList(list)).at(at) ?? "";
  const rows = async () => (await stores.pool.query<{ done: number; promised: boolean }>("select done, promised from campaign_start")).rows;
  const silent = async () => void (await stores.pool.query("update campaign_start set seen_at = seen_at - interval '2 minutes'"));

  /** Somebody else is about to make that person due: a start cannot go past them. */
  async function barrier(campaign: string, contact: string) {
    const client = await stores.pool.connect();
    await client.query("begin");
    await client.query("insert into work (contact_id, campaign_id, due_at) values ($1, $2, now())", [contact, campaign]);
    return async () => {
      await client.query("rollback");
      client.release();
    };
  }
  const waits = () =>
    until(
      async () =>
        (
          await stores.pool.query(
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ 'insert into work'",
          )
        ).rows.length > 0,
      "the start waits",
    );

  /** What a server does with starts that were left. */
  async function taker(): Promise<LeftStarts> {
    const its = await server();
    const pass = new PassEngine({ work: its.work, campaigns: its.campaigns, clock: systemClock, log: silentLog, node: "node-8" });
    const campaigns = scheduledCampaigns({ stores: its, pass, hindrances: { mayStart: async () => undefined } });
    // It looks when it is told to.
    const left = new LeftStarts({ starts: its.starts, campaigns, clock: systemClock, log: silentLog, lookMs: 3_600_000 });
    t.teardown(() => left.close());
    return left;
  }

  await t.test(`a server that dies over one (seed ${seed})`, async (t) => {
    const draft = await makeCampaign(stores, { name: "dies", people, started: false });
    const stateOf = async () => (await stores.campaigns.find(draft.id))?.state;
    const [ending, first, second] = [await server(), await taker(), await taker()];
    const at = intBetween(random, 1, people - 1);
    const letGo = await barrier(draft.id, await idOf(draft.listId, at));
    const dying = ending.campaigns.move(draft.id, "draft", "running");
    const gone = t.rejects(dying, { code: "database-unreachable" });
    await waits();
    await ending.starts.promise({ campaignId: draft.id });
    t.match(await stores.campaigns.progress(draft.id), { starting: { done: at - (at % 2), total: people } });
    await silent();
    await first.look();
    t.match(await rows(), [{ promised: true }], "one that somebody is at is left to them, however long nothing was heard of it");
    await stores.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
    await gone;
    await letGo();
    t.equal(await stateOf(), "draft");
    t.same(await work(draft.id), [], "nothing of it has happened");
    t.match(await stores.campaigns.progress(draft.id), { starting: { total: people } }, "and it is told that it goes on");
    await Promise.all([first.look(), second.look()]);
    await until(async () => (await stateOf()) === "running", "one of two servers took it up");
    t.same(await work(draft.id), await onList(draft.listId), "everybody is due, each once");
    await until(async () => (await rows()).length === 0, "and it is over");
  });

  await t.test("what nobody was promised, what is long ago and what cannot be started is a draft again", async (t) => {
    const left = await taker();
    const again = async (name: string) => {
      const draft = await makeCampaign(stores, { name, people: 4, started: false });
      await stores.pool.query("insert into campaign_start (campaign_id, done, total, seen_at) values ($1, 2, 4, now() - interval '2 minutes')", [
        draft.id,
      ]);
      return draft;
    };
    const unpromised = await again("at a terminal");
    t.notMatch(await stores.campaigns.progress(unpromised.id), { starting: {} }, "nobody is at it");
    await left.look();
    t.same(await rows(), []);
    const old = await again("long ago");
    await stores.starts.promise({ campaignId: old.id });
    await stores.pool.query("update campaign_start set seen_at = now() - interval '61 minutes'");
    await left.look();
    await until(async () => (await rows()).length === 0, "it is given up");
    const stopped = await again("stopped");
    await stores.starts.promise({ campaignId: stopped.id });
    await stores.campaigns.move(stopped.id, "draft", "stopped");
    await left.look();
    t.same(await rows(), [], "what was told to stop is not started");
    await stores.starts.promise({ campaignId: stopped.id });
    t.same(await rows(), [], "nor promised");
    const hindered = await again("hindered");
    await stores.starts.promise({ campaignId: hindered.id });
    const campaigns = { order: () => Promise.reject(new Fault("do-not-call-list-old", "too old")) };
    const refusing = new LeftStarts({ starts: (await server()).starts, campaigns, clock: systemClock, log: silentLog, lookMs: 3_600_000 });
    t.teardown(() => refusing.close());
    await refusing.look();
    await until(async () => (await rows()).length === 0, "it is given up");
    for (const { id } of [unpromised, old, hindered]) t.equal((await stores.campaigns.find(id))?.state, "draft");
  });

  await t.test("a server that is stopped ends it at once, and leaves it to others", async (t) => {
    for (const name of ["in order", "by field"]) {
      const draft = await makeCampaign(stores, { name, people, started: false });
      if (name === "by field")
        await stores.pool.query(
          `update campaign set contact_order = '{"by": "field", "field": "first_name", "as": "text", "largestFirst": false}' where id = $1`,
          [draft.id],
        );
      const ending = await server();
      const letGo = await barrier(draft.id, await idOf(draft.listId, 20));
      const gone = t.rejects(ending.campaigns.move(draft.id, "draft", "running"), { code: "database-fault" });
      await waits();
      await ending.starts.promise({ campaignId: draft.id });
      await ending.starts.breakOff();
      await gone;
      await letGo();
      t.match(await rows(), [{ promised: true }]);
      await ending.close();
      await silent();
      await (await taker()).look();
      await until(async () => (await stores.campaigns.find(draft.id))?.state === "running", "taken up");
      t.same((await work(draft.id)).sort(), (await onList(draft.listId)).sort());
    }
  });

  await t.test("who comes to the list and leaves it meanwhile", async (t) => {
    for (const name of ["a list in order", "a list by field"]) {
      const draft = await makeCampaign(stores, { name, people, started: false });
      if (name === "a list by field")
        await stores.pool.query(
          `update campaign set contact_order = '{"by": "field", "field": "first_name", "as": "text", "largestFirst": true}' where id = $1`,
          [draft.id],
        );
      const ending = await server();
      const { listId } = draft;
      const letGo = await barrier(draft.id, await idOf(listId, 20));
      const started = ending.campaigns.move(draft.id, "draft", "running");
      await waits();
      const [leaving, staying] = [await idOf(listId, 0), await idOf(listId, 1)];
      await stores.people.withdraw(leaving);
      const added = await stores.people.add(
        listId,
        { clientId: "added", timeZone: undefined, fields: {}, addresses: [{ kind: "mobile", number: phone(300_001) }] },
        true,
      );
      await letGo();
      t.equal(await started, true);
      const due = await work(draft.id);
      t.notOk(due.includes(leaving), "whoever has left is not contacted");
      t.ok(due.includes(staying) && due.includes(added), "whoever has come is");
      t.equal(due.at(-1), added, "after the others");
      t.same([...due].sort(), (await onList(listId)).sort(), "each once");
      t.match(await stores.campaigns.progress(draft.id), { contacts: people, waiting: people });
    }
  });

  await t.test("a file that comes in while the campaign starts", async (t) => {
    const draft = await makeCampaign(stores, { name: "filled", listId: await makeList(stores, "filled", 6), started: false });
    const other = await makeCampaign(stores, { name: "ran before", listId: draft.listId });
    const load = await stores.contacts.openLoad({ name: "filled", append: true, enter: true });
    await load.add([someone(400_001), someone(400_002)]);
    t.equal(await (await server()).campaigns.move(draft.id, "draft", "running"), true, "the start waits for no file");
    t.equal((await work(draft.id)).length, 6);
    await load.add([someone(400_003)]);
    await load.commit();
    for (const { id } of [draft, other])
      t.same((await work(id)).sort(), (await onList(draft.listId)).sort(), "everybody is in it, who came before its start and after it");

    const late = await makeCampaign(stores, { name: "late", listId: draft.listId, started: false });
    const leaving = await stores.contacts.openLoad({ name: "filled", append: true, existing: "replace" });
    await leaving.add([someone(400_001)]);
    const letGo = await barrier(late.id, await idOf(draft.listId, 3));
    const starting = (await server()).campaigns.move(late.id, "draft", "running");
    await waits();
    const replaced = leaving.commit();
    await letGo();
    t.equal(await starting, true);
    t.match(await replaced, { left: 8 });
    t.same(await work(late.id), await onList(draft.listId), "whom the file takes off the list leaves the campaign, whichever is first");
  });

  await t.test("another order, while it is being started", async (t) => {
    const draft = await makeCampaign(stores, { name: "changed", people, started: false });
    const letGo = await barrier(draft.id, await idOf(draft.listId, 20));
    const started = (await server()).campaigns.move(draft.id, "draft", "running");
    await waits();
    await stores.pool.query(`update campaign set contact_order = '{"by": "newest"}' where id = $1`, [draft.id]);
    await letGo();
    await t.rejects(started, { code: "campaign-state", message: /changed while it was being started/ });
    t.same(await work(draft.id), []);
    t.same(await rows(), []);
  });
});
