import t from "tap";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { attemptRow, begun, claim, makeCampaign, makeList, node, openWorld, phone, race } from "./stores-kit.ts";

const at = Date.UTC(2026, 0, 5, 15, 0, 0);

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

t.test("whoever opted out stays out on the addresses they get afterwards, also without a client id", async (t) => {
  const { stores } = await openWorld(t);
  const load = await stores.contacts.openLoad({ name: "strangers", append: false });
  await load.add([1, 2, 3, 4].map((index) => ({ addresses: [{ kind: "mobile" as const, number: phone(index) }], fields: {} })));
  const { listId } = await load.commit();
  const [one, two] = [await makeCampaign(stores, { name: "one", listId }), await makeCampaign(stores, { name: "two", listId })];
  const [calls, campaign, texts] = await begun(stores, one, 4);
  const said = { kind: "suppress", reason: "pressed 9" } as const;
  await stores.attempts.effect(calls?.attemptId ?? "", at, [{ ...said, channels: ["voice"], scope: "account" }]);
  await stores.attempts.effect(campaign?.attemptId ?? "", at, [{ ...said, channels: [], scope: "campaign" }]);
  await stores.attempts.effect(texts?.attemptId ?? "", at, [{ ...said, channels: ["sms"], scope: "account" }]);
  await stores.suppressions.add({ whom: { kind: "number", value: phone(4) }, reason: "not the person's" }, "ann");
  const people = await stores.lists.contacts(listId, { limit: 4 });
  const moveTo = async (from: number) => {
    for (const [index, { id }] of people.entries())
      await stores.people.change(id, { timeZone: undefined, fields: {}, addresses: [{ kind: "mobile", number: phone(from + index) }] });
  };
  await moveTo(11);
  await moveTo(21);
  const suppressed = async (of: VoiceCampaign) => {
    await stores.pool.query("insert into work (contact_id, campaign_id, due_at) select id, $1, '2026-01-01' from contact on conflict do nothing", [
      of.id,
    ]);
    const found: string[] = [];
    await claim(stores, of, 4, {
      judge: (candidate) => {
        if (candidate.suppressed) found.push(candidate.address);
        return { go: false, rule: "on-the-line", retryAt: Date.now() };
      },
    });
    return found.sort();
  };
  t.same(await suppressed(one), [phone(21), phone(22)], "of calls, or of this campaign; not of SMS, nor what is about a number alone");
  t.same(await suppressed(two), [phone(21)]);
  const { rows } = await stores.pool.query("select number, channel, reason, source, created_at from suppression where number = $1", [phone(21)]);
  t.match(rows, [{ channel: "voice", reason: "pressed 9", source: "moved", created_at: new Date(at) }], "once, and since when");
  t.same((await stores.reports.differences(10)).differences, [], "and counted as one opt-out");
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
      // Of those whose call is there already some come before it for certain and some after it: with them the race goes both ways on any machine.
      const [optedOut, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = theirs === undefined ? undefined : ({ 1: "opt-out", 2: "call" } as const)[index % 10];
      const optOut = async () => {
        if (first === "call") await gone.promise;
        // The others come early and late: a few round trips to the server, from none to so many that most calls have gone.
        for (let trip = 0; trip < index % 10; trip += 1) await stores.pool.query("select 1");
        await stores.attempts
          .effect(attemptId, Date.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "STOP" }])
          .finally(() => optedOut.resolve());
      };
      const call = async () => {
        if (first === "opt-out") await optedOut.promise;
        // Half of them are claimed only now.
        const id = theirs?.attemptId ?? (await claim(second, two, 1, { node: "node-2" })).orders[0]?.attemptId;
        const going = id !== undefined && second.attempts.begin(id, Date.now());
        return await Promise.resolve(going).finally(() => gone.resolve());
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
