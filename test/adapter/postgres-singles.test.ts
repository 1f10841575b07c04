import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { defaultDeskRules } from "../../src/agent/desk-rules.ts";
import type { Candidate, Verdict } from "../../src/strategy/ports.ts";
import { SingleOrders } from "../../src/strategy/single-engine.ts";
import { makeGroup } from "../agent/agents-kit.ts";
import { allow, attemptRow, claim, makeCampaign, node, openWorld, phone, race } from "./stores-kit.ts";

t.test("calls that are asked for one by one", async (t) => {
  const { stores } = await openWorld(t);
  const made = await makeCampaign(stores, { people: 8 });
  const allDay = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const campaign = { ...made, window: allDay };
  const { id: campaignId, listId } = campaign;
  const ids = (await stores.lists.contacts(listId, { limit: 100 })).map(({ id }) => id);
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = ids;
  const reserve = (contactId: string, more = {}) => stores.singles.reserve(campaign, { contactId, ...more }, Date.now(), allow);
  const waiting = async (contactId: string) =>
    (await stores.pool.query("select from work where campaign_id = $1 and contact_id = $2", [campaignId, contactId])).rowCount === 1;
  const refusals = async (contactId: string) =>
    (await stores.pool.query("select rule from refusal where contact_id = $1 order by id", [contactId])).rows.map(({ rule }) => rule);

  await t.test("a person is reserved once, whoever asks, and waits no more", async (t) => {
    const ends = await race(...Array.from({ length: 4 }, () => () => reserve(first)));
    const orders = ends.flatMap((end) => (end.status === "fulfilled" && "order" in end.value ? [end.value.order] : []));
    t.equal(orders.length, 1);
    t.type(ends.flatMap((end) => (end.status === "fulfilled" && "order" in end.value ? [end.value.dueAt] : []))[0], "number");
    t.match(orders, [{ contactId: first, address: phone(1), campaignId, fields: { first_name: "Name 1", time_zone: "America/New_York" } }]);
    t.match(
      ends.flatMap((end) => (end.status === "fulfilled" && "refused" in end.value ? [end.value] : [])),
      Array(3).fill({ refused: "being-called" }),
    );
    t.notOk(await waiting(first));
    t.notOk(
      (await claim(stores, campaign, 3)).orders.some(({ contactId }) => contactId === first),
      "nor is it claimed by the campaign",
    );
    t.same(await refusals(first), ["being-called", "being-called", "being-called"]);
  });

  await t.test("against claims of the campaign, too", async (t) => {
    const [claimed, single] = await Promise.all([claim(stores, campaign, 8), reserve(fifth)]);
    const calls = claimed.orders.filter(({ contactId }) => contactId === fifth).length + ("order" in single ? 1 : 0);
    t.equal(calls, 1);
    const all = (await stores.pool.query("select id::text, contact_id::text from attempt where ended_at is null")).rows;
    for (const { id } of all) await stores.attempts.finish(String(id), { at: Date.now(), result: "canceled", reason: "test", againAt: Date.now() });
    t.equal((await stores.pool.query("select from work where campaign_id = $1", [campaignId])).rowCount, 8);
  });

  await t.test("who waited waits again when nothing left; who was done with does not", async (t) => {
    const asked = await reserve(second);
    if (!("order" in asked)) return t.fail("refused");
    await stores.attempts.finish(asked.order.attemptId, { at: Date.now(), result: "canceled", reason: "put back", againAt: Date.now() });
    t.ok(await waiting(second));
    const again = await reserve(second);
    if (!("order" in again)) return t.fail("refused");
    await stores.attempts.begin(again.order.attemptId, Date.now());
    await stores.attempts.finish(again.order.attemptId, { at: Date.now(), result: "human", reason: "talked" });
    t.notOk(await waiting(second), "done with");
    const third = await reserve(second, { number: "+12125550177" });
    if (!("order" in third)) return t.fail("refused");
    t.match(await attemptRow(stores, third.order.attemptId), { waited: false, promised: false, address: "+12125550177", address_id: null });
    await stores.attempts.finish(third.order.attemptId, { at: Date.now(), result: "canceled", reason: "put back", againAt: Date.now() });
    t.notOk(await waiting(second));
    t.equal((await attemptRow(stores, third.order.attemptId))["again_at"], null);
  });

  await t.test("the gate is asked, for a typed number too, and again at the dial", async (t) => {
    // A day that it is nowhere now.
    const shut = { startMinute: 0, endMinute: 1, weekdays: [((new Date().getUTCDay() + 2) % 7) + 1] };
    let window = allDay;
    const campaigns = { find: async (id: string) => (id === campaignId ? { ...campaign, window } : undefined) };
    const orders = new SingleOrders({
      singles: stores.singles,
      orders: { pull: async () => [], due: () => false },
      campaigns,
      account: {},
      clock: systemClock,
    });
    await stores.pool.query("insert into suppression (number, reason, source, created_at) values ('+12125550199', 'test', 'test', now())");
    t.match(await orders.one(campaignId, { contactId: third, number: "+12125550199" }), { refused: "suppressed" });
    t.match(await orders.one(campaignId, { contactId: third, number: "12" }), { refused: "bad-number" });
    t.match(await orders.one(campaignId, { contactId: "999999" }), { refused: "not-listed" });
    await t.rejects(orders.one("7777", { contactId: third }), { code: "campaign-unknown" });
    const order = await orders.one(campaignId, { contactId: third });
    if ("refused" in order) return t.fail(order.refused);
    await stores.pool.query("update attempt set permit_until = now() - interval '1 s' where id = $1", [order.attemptId]);
    t.equal(await orders.again(order), undefined);
    t.ok(await stores.attempts.begin(order.attemptId, Date.now()), "the permit was made to last");
    await stores.attempts.finish(order.attemptId, { at: Date.now(), result: "no-answer", reason: "test", againAt: Date.now() });
    const later = await orders.one(campaignId, { contactId: third });
    if ("refused" in later) return t.fail(later.refused);
    window = shut;
    t.match(await orders.again(later), { refused: "outside-calling-window", retryAt: Number });
    t.ok(await waiting(third), "until it opens");
    t.match(await orders.again(later), { refused: "outside-calling-window" }, "said again of one that is ended");
    window = allDay;
    const suppressed = await orders.one(campaignId, { contactId: fourth });
    if ("refused" in suppressed) return t.fail(suppressed.refused);
    await stores.agentContacts.optOut("1", fourth, undefined, "test", Date.now());
    t.match(await orders.again(suppressed), { refused: "suppressed" });
    t.notOk(await waiting(fourth));
  });

  await t.test("a call that the person asked for leaves when the campaign is over, but not when it is held", async (t) => {
    const begins = async (promised: boolean) => {
      const asked = await reserve(first, { promised });
      if (!("order" in asked)) return asked.refused;
      const left = await stores.attempts.begin(asked.order.attemptId, Date.now());
      await stores.attempts.finish(asked.order.attemptId, { at: Date.now(), result: "no-answer", reason: "test" });
      return left;
    };
    const move = (state: string) => stores.pool.query("update campaign set state = $2 where id = $1", [campaignId, state]);
    await move("paused");
    t.same([await begins(false), await begins(true)], ["campaign paused", "campaign paused"]);
    await move("finished");
    t.same([await begins(false), await begins(true)], ["campaign finished", true]);
    await move("running");
  });

  await t.test("what an agent looks at is not taken for forgotten, until it is not theirs any more", async (t) => {
    const { groupId, agentIds } = await makeGroup(stores, "viewers", 1);
    const asked = await reserve(first);
    if (!("order" in asked)) return t.fail("refused");
    const { attemptId } = asked.order;
    await stores.pool.query("update attempt set reserved_at = now() - interval '5 min' where id = $1", [attemptId]);
    const hold = "update agent_desk set state = 'reserved', attempt_id = $2, group_id = $3 where agent_id = $1";
    await stores.pool.query(hold, [agentIds[0], attemptId, groupId]);
    await stores.registry.takeOrphans(node, Date.now());
    t.match(await attemptRow(stores, attemptId), { state: "reserved" });
    await stores.pool.query("update agent_desk set state = 'ready', attempt_id = null, group_id = null where agent_id = $1", [agentIds[0]]);
    await stores.registry.takeOrphans(node, Date.now());
    t.match(await attemptRow(stores, attemptId), { state: "ended", result: "canceled" });
  });

  await t.test("who has another number by now is called on that one", async (t) => {
    const eighth = ids[7] ?? "";
    const moveTo = (digits: number) =>
      stores.people.change(eighth, { timeZone: undefined, fields: {}, addresses: [{ kind: "mobile", number: phone(digits) }] });
    const claimed = async (go: (candidate: Candidate) => Verdict) =>
      (
        await claim(stores, campaign, 8, {
          judge: (candidate) => (candidate.contactId === eighth ? go(candidate) : { go: false, rule: "on-the-line", retryAt: Date.now() }),
        })
      ).orders[0];
    const looked = await reserve(eighth);
    if (!("order" in looked)) return t.fail(looked.refused);
    await moveTo(808);
    t.match(await stores.singles.renew(looked.order.attemptId, Date.now(), allow), { refused: "address-gone" }, "an agent who looks at the old one");
    t.ok(await waiting(eighth), "and the person waits for the next");
    // As of a strategy: the same address again.
    const first = await claimed(({ addressId }) => ({
      go: true,
      untilMs: Date.now() + 60_000,
      follows: { "no-answer": [{ s: 0, c: campaignId, a: addressId }] },
    }));
    t.equal(first?.address, phone(808));
    await stores.attempts.begin(first?.attemptId ?? "", Date.now());
    await moveTo(809);
    await stores.attempts.finish(first?.attemptId ?? "", { at: Date.now(), result: "no-answer", reason: "test" });
    t.equal((await claimed(allow))?.address, phone(809), "the old one is tried no more, and the person is not forgotten");
  });

  await t.test("rules of a campaign for its agents", async (t) => {
    t.same(await stores.campaignDesks.rules(campaignId), defaultDeskRules);
    await stores.campaignDesks.setRules(campaignId, { ...defaultDeskRules, preview: "push", paymentUrl: "https://pay.example/{contact}" });
    t.match(await stores.campaignDesks.rules(campaignId), { preview: "push", previewS: 120, paymentUrl: "https://pay.example/{contact}" });
    await stores.campaignDesks.setRules(campaignId, undefined);
    t.same(await stores.campaignDesks.rules(campaignId), defaultDeskRules);
  });
});
