import t from "tap";
import { numberOf } from "../voice/calls-kit.ts";
import { makeCampaign, makeList, openWorld, phone } from "./stores-kit.ts";

const ours = numberOf("+12125550100");
const leg = { callId: "call", dialogId: "call;from-tag=1", transactionId: "txn", mediaServer: "fs-1", endpointId: "uuid" };

t.test("a caller is taken for whom the last attempt was for, else for whom the list has", async (t) => {
  const { stores } = await openWorld(t);
  const listId = await makeList(stores, "people", 3);
  // Both show the same number, as makeCampaign has it.
  const first = await makeCampaign(stores, { name: "first", listId });
  const second = await makeCampaign(stores, { name: "second", listId });
  t.equal(await stores.inbound.match(numberOf("+12125550199"), phone(1), []), undefined, "not ours");
  const byList = await stores.inbound.match(ours, phone(2), []);
  t.match(byList, { campaign: { name: "second" }, fields: { first_name: "Name 2", time_zone: "America/New_York" } }, "the newest that runs");
  t.equal(byList?.scriptVersionId, undefined);

  const insert = (campaignId: string, contactId: string | undefined, number: string) =>
    stores.pool.query(
      `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, node, permit_until, reserved_at)
       values ($1, $2, (select id from address where contact_id = $2 and number = $3), 'voice', $3, 'sending', 'node-1', now(), now())`,
      [campaignId, contactId, number],
    );
  await insert(second.id, byList?.contactId, phone(2));
  await insert(first.id, byList?.contactId, phone(2));
  t.match(await stores.inbound.match(ours, phone(2), []), { campaign: { name: "first" }, contactId: byList?.contactId }, "the last attempt");
  t.match(await stores.inbound.match(ours, undefined, []), { campaign: { name: "second" }, contactId: undefined, fields: {} });
  t.match(await stores.inbound.match(ours, phone(77), []), { contactId: undefined, campaign: { name: "second" } }, "nobody we know");

  await stores.inbound.create({ number: ours, name: "main", campaignId: first.id, message: "Hello." });
  t.match(await stores.inbound.match(ours, phone(77), []), { campaign: { name: "first" }, message: "Hello." }, "the number's own campaign");
  await stores.inbound.answerWith(first.id, "reminder");
  const scripted = await stores.inbound.match(ours, phone(77), []);
  t.equal(scripted?.scriptVersionId, first.scriptVersionId);

  await stores.pool.query("update campaign set caller_id = 'pool' where id = $1", [second.id]);
  await insert(second.id, byList?.contactId, phone(2));
  t.match(await stores.inbound.match(ours, phone(2), []), { campaign: { name: "first" } }, "a pool without the number");
  t.match(await stores.inbound.match(ours, phone(2), ["pool"]), { campaign: { name: "second" } }, "a pool with it");
});

t.test("who is on the line with us is not called meanwhile, and is afterwards", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 3 });
  const claim = (now = Date.now()) =>
    stores.work.claim(campaign, 10, now, "node-1", (candidate) =>
      candidate.onTheLine ? { go: false, rule: "on-the-line", retryAt: now + 1000 } : { go: true, untilMs: now + 60_000 },
    );
  const open = async (caller: number) => {
    const match = await stores.inbound.match(ours, phone(caller), []);
    return stores.inbound.open({ at: Date.now(), called: ours, caller: phone(caller), match: match ?? { fields: {} }, legIds: leg });
  };
  // The second one calls by the other of two numbers.
  const calls = [await open(1), await open(100_001)];
  const { orders, refused } = await claim();
  t.same([orders.map(({ address }) => address), refused], [[phone(3)], 2]);
  const third = await open(3);
  t.equal(await stores.attempts.begin(orders[0]?.attemptId ?? "", Date.now()), false, "asked again before the INVITE");
  t.match(await stores.attemptReader.attempt(orders[0]?.attemptId ?? ""), { result: "canceled", reason: /on the line/ });
  for (const id of [...calls, third]) await stores.attempts.finish(id, { at: Date.now(), result: "human", reason: "completed" });
  const later = await claim(Date.now() + 2000);
  t.same(later.orders.map(({ address }) => address).sort(), [phone(1), phone(2), phone(3)]);
});

t.test("a call is written down, ends, is found after a crash, and holds up nothing of its campaign", async (t) => {
  const { stores, open } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 2 });
  const match = await stores.inbound.match(ours, phone(1), []);
  if (!match) return t.fail("no match");
  const id = await stores.inbound.open({ at: Date.now(), called: ours, caller: phone(1), match, legIds: leg });
  const hidden = await stores.inbound.open({ at: Date.now(), called: ours, caller: undefined, match: { fields: {} }, legIds: leg });
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 2, inFlight: 0 });
  t.match(await stores.inbound.callersOf(campaign.id), { onTheLine: 1, results: {} });
  await stores.attempts.mark(id, { at: Date.now(), kind: "answered", legIds: { dialogId: leg.dialogId } });
  await stores.attempts.finish(id, { at: Date.now(), result: "human", reason: "completed", outcome: "paid" });
  t.match(await stores.inbound.callersOf(campaign.id), { onTheLine: 0, results: { human: 1 } });
  t.match(await stores.attemptReader.attempt(id), { campaignId: campaign.id, calledNumber: ours, address: phone(1), outcome: "paid" });
  t.match(await stores.attemptReader.attempts(campaign.id, { inbound: true }, { limit: 10 }), [{ id }]);
  t.same(await stores.attemptReader.attempts(campaign.id, {}, { limit: 10 }), []);

  const successor = await open();
  await successor.registry.register("node-1", Date.now());
  const orphans = await successor.registry.takeOrphans("node-1", Date.now());
  t.match(orphans, [{ attemptId: hidden, state: "ringing", legIds: leg }]);
  await t.rejects(stores.inbound.open({ at: Date.now(), called: ours, caller: phone(1), match, legIds: leg }), { code: "node-unregistered" });
  await successor.attempts.finish(hidden, { at: Date.now(), result: "interrupted", reason: "the server stopped" });
  t.match(await successor.attemptReader.attempt(hidden), {
    campaignId: undefined,
    contactId: undefined,
    address: "anonymous",
    result: "interrupted",
  });
});
