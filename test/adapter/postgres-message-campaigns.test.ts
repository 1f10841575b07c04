import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Address } from "../../src/contact/contact.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { readReceipt } from "../../src/sms/receipt.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import type { Candidate } from "../../src/strategy/ports.ts";
import { catchUpMs } from "../../src/strategy/turn.ts";
import { listOf, mailbox, publishTemplate, writeTo } from "./message-campaign-kit.ts";
import { sendingOf } from "./messages-kit.ts";
import { allow, attemptRow, claim, makeCampaign, node, openWorld, phone } from "./stores-kit.ts";

const mobile = (digits: number): Address => ({ kind: "mobile", number: phone(digits) });
const landline = (digits: number): Address => ({ kind: "landline", number: phone(digits) });
const unknown = (digits: number): Address => ({ kind: "unknown", number: phone(digits) });
const email = (local: string): Address => ({ kind: "email", mailbox: mailbox(`${local}@example.com`) });

t.test("each channel takes the first address that it can use, and whoever has none is refused for good", async (t) => {
  const { stores } = await openWorld(t);
  const people = [[landline(1), mobile(2), email("a")], [landline(3)], [unknown(4)], [email("b"), email("c")]];
  const listId = await listOf(stores, "people", people);
  const seen = async (channel: "sms" | "email") => {
    const campaign = await writeTo(stores, channel, listId);
    const candidates: Candidate[] = [];
    const claimed = await stores.work.claimMessages(campaign, 10, Date.now(), node, (candidate) => {
      candidates.push(candidate);
      return allow(candidate);
    });
    t.match(claimed, { held: 0, refused: 4 - claimed.orders.length, nextDueAt: undefined });
    const { refusals, inFlight } = await stores.campaigns.progress(campaign.id);
    t.same(refusals, { "no-address": 4 - claimed.orders.length });
    t.equal(inFlight, claimed.orders.length);
    const addresses = claimed.orders.map(({ address }) => address);
    t.same(
      candidates.map(({ address }) => address),
      addresses,
    );
    return { campaign, orders: claimed.orders, addresses };
  };
  const sms = await seen("sms");
  t.same(sms.addresses, [phone(2), phone(4)]);
  t.match(sms.orders[0], {
    campaignId: sms.campaign.id,
    channel: "sms",
    sender: "main",
    fields: { first_name: "Name 1", time_zone: "America/New_York" },
    templateVersionId: sms.campaign.templateVersionId,
  });
  const { rows } = await stores.pool.query("select channel, state, template_version_id::text as v, script_version_id from attempt where id = $1", [
    sms.orders[0]?.attemptId,
  ]);
  t.same(rows, [{ channel: "sms", state: "reserved", v: sms.campaign.templateVersionId, script_version_id: null }]);
  t.same((await seen("email")).addresses, ["a@example.com", "b@example.com"]);

  const calls = await makeCampaign(stores, { listId, name: "calls" });
  const called = await claim(stores, calls, 10);
  t.same([called.orders.map(({ address }) => address), called.refused], [[phone(1), phone(3), phone(4)], 1], "a call takes the first number");
  t.match(await stores.campaigns.progress(calls.id), { refusals: { "no-address": 1 } });
});

t.test("a campaign that writes follows its template unless it stays on a version", async (t) => {
  const { stores } = await openWorld(t);
  const listId = await listOf(stores, "people", [[mobile(1)]]);
  const follower = await writeTo(stores, "sms", listId);
  const { id: _, state: __, template: ___, ...like } = follower;
  const pinned = await stores.campaigns.create({ ...like, name: "pinned", templatePinned: true });
  t.match(follower, { template: "reminder by sms", templatePinned: false, sender: "main", channel: "sms" });
  const second = await publishTemplate(stores, "reminder by sms", "sms");
  t.not(second, pinned.templateVersionId);
  t.match(await stores.campaigns.find(follower.id), { templateVersionId: second });
  t.same(await stores.campaigns.find(pinned.id), pinned);
  t.match(await stores.campaigns.change(follower.id, { maxCps: 5 }, "test"), { maxCps: 5, channel: "sms" });
  t.match(await stores.campaigns.changes(follower.id), [{ before: { maxCps: 10_000 }, after: { maxCps: 5 } }]);
  await t.rejects(stores.campaigns.create({ ...like, name: "none", templateVersionId: "999" }), { code: "campaign-invalid" });
});

t.test("the rate of a campaign that writes holds over all nodes, and what was left unused is made up for only so far", async (t) => {
  const { stores, open } = await openWorld(t);
  const other = await open({ node: "node-2" });
  await other.registry.register("node-2", Date.now());
  const listId = await listOf(
    stores,
    "people",
    Array.from({ length: 300 }, (_, index) => [mobile(index + 1)]),
  );
  const maxCps = 40;
  const campaign = await writeTo(stores, "sms", listId, { maxCps });
  const began = performance.now();
  let taken = 0;
  const seen = new Set<string>();
  const burst = Math.floor((maxCps * catchUpMs) / 1000) + 1;
  while (performance.now() - began < 600) {
    const claims = await Promise.all([
      stores.work.claimMessages(campaign, 50, Date.now(), node, allow),
      other.work.claimMessages(campaign, 50, Date.now(), "node-2", allow),
    ]);
    for (const { orders } of claims) {
      taken += orders.length;
      for (const { contactId } of orders) seen.add(contactId ?? "");
    }
    if (taken > 0) t.ok(taken <= burst + ((performance.now() - began) * maxCps) / 1000 + 1, `${taken} after ${performance.now() - began} ms`);
  }
  t.ok(taken >= burst, "an idle campaign may begin with a quarter of a second's worth");
  t.equal(seen.size, taken, "nobody twice");
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 300 - taken, inFlight: taken });
});

t.test("messages are pulled through the gate, with what comes after each result", async (t) => {
  const { stores } = await openWorld(t);
  const listId = await listOf(
    stores,
    "people",
    Array.from({ length: 1500 }, (_, index) => [mobile(index + 1), email(`p${index + 1}`)]),
  );
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node });
  t.teardown(() => pass.close());
  const retries = { congestion: { afterS: 300, atMost: 3 } };
  const campaign = await writeTo(stores, "email", listId, { retries });
  const calls = await makeCampaign(stores, { listId, name: "calls" });
  await pass.start();
  t.same(await pass.pull(campaign.id, 10), [], "no calls for it");
  t.same(await pass.messages.pull(calls.id, 10), [], "and no messages for calls");
  const orders = await pass.messages.pull(campaign.id, 5000);
  t.equal(orders.length, 1000, "a batch has an end");
  t.match(orders[0], { channel: "email", address: "p1@example.com", treatments: { congestion: 300 }, permit: { untilMs: Number } });
  t.equal((await pass.messages.pull(campaign.id, 5000)).length, 500);
  t.same(await pass.messages.pull(campaign.id, 5000), []);
});

t.test("an opt-out covers the channels it says, in every campaign and at every address of the person", async (t) => {
  const { stores } = await openWorld(t);
  const people = [
    [mobile(1), email("a"), email("b")],
    [mobile(2), email("b")],
    [mobile(3), email("c")],
  ];
  const listId = await listOf(stores, "people", people);
  const other = await listOf(stores, "others", [[email("z"), email("a")], [mobile(1)], [email("y")]]);
  const sms = await writeTo(stores, "sms", listId);
  const mail = await writeTo(stores, "email", listId);
  const letters = await writeTo(stores, "email", other);
  const calls = await makeCampaign(stores, { listId, name: "calls" });
  const at = Date.now();
  const [first] = (await stores.work.claimMessages(mail, 1, at, node, allow)).orders;
  const reserved = (await stores.work.claimMessages(letters, 1, at, node, allow)).orders[0];
  const text = (await stores.work.claimMessages(sms, 1, at, node, allow)).orders[0];
  t.match([first, reserved, text], [{ address: "a@example.com" }, { address: "z@example.com" }, { address: phone(1) }]);

  await stores.attempts.effect(first?.attemptId ?? "", at, [{ kind: "suppress", channels: ["email"], scope: "account", reason: "unsubscribed" }]);
  const ended = { state: "ended", result: "canceled", reason: "suppressed" };
  t.match(await attemptRow(stores, reserved?.attemptId ?? ""), ended, "what was reserved for another mailbox of somebody who has that one, too");
  t.match(await attemptRow(stores, text?.attemptId ?? ""), { state: "reserved" }, "an SMS is another channel");
  t.match(await stores.campaigns.progress(sms.id), { waiting: 2, inFlight: 1 });
  t.match(await stores.campaigns.progress(calls.id), { waiting: 3 });
  t.match(await stores.campaigns.progress(mail.id), { waiting: 1, done: 2, refusals: { suppressed: 2 } }, "whoever shares a mailbox is covered");
  t.match(await stores.campaigns.progress(letters.id), { waiting: 2 - 1, refusals: { suppressed: 1 + 1 } });
  const { rows } = await stores.pool.query("select number, mailbox, client_id, channel from suppression order by id");
  t.same(rows.map(({ mailbox: box, client_id: id }) => box ?? id).sort(), ["a@example.com", "b@example.com", "c1"], "no number for e-mail");

  const again = await writeTo(stores, "email", listId, { name: "again" });
  const seen: boolean[] = [];
  await stores.work.claimMessages(again, 10, Date.now(), node, (candidate) => {
    seen.push(candidate.suppressed);
    return candidate.suppressed ? { go: false, rule: "suppressed" } : allow(candidate);
  });
  t.same(seen, [true, true, false]);

  await stores.attempts.effect(text?.attemptId ?? "", at, [{ kind: "suppress", channels: [], scope: "account", reason: "STOP ALL" }]);
  t.match(await attemptRow(stores, text?.attemptId ?? ""), ended);
  t.match(await stores.campaigns.progress(calls.id), { waiting: 1 }, "everything that covers them, by every channel");
});

t.test("what is unfinished of a campaign that writes is found, and to end a message writes into no index of attempts", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await writeTo(
    stores,
    "sms",
    await listOf(
      stores,
      "people",
      [1, 2, 3, 4, 5, 6].map((digits) => [mobile(digits)]),
    ),
  );
  const reserve = async (count: number) => {
    const { orders } = await stores.work.claimMessages(campaign, count, Date.now(), node, allow);
    t.equal(orders.length, count);
    return orders.map(({ attemptId }) => attemptId);
  };
  const oldest = async () =>
    (await stores.pool.query<{ id: string }>("select oldest_id::text as id from pace where campaign_id = $1", [campaign.id])).rows[0]?.id;
  const listed = async (result: "sent" | "delivered") =>
    (await stores.attemptReader.attempts(campaign.id, { result }, { limit: 10 })).map(({ id }) => id);
  const [first = "", second = "", third = ""] = await reserve(3);
  for (const id of [first, second]) t.ok(await stores.messages.begin(sendingOf(id)));
  await stores.messages.handed({ attemptId: first, at: Date.now(), result: "sent", reason: "taken", remoteIds: ["x1"] });
  t.same(await listed("sent"), [first]);
  const [fourth = ""] = await reserve(1);
  t.equal(await oldest(), second, "nobody need look below the oldest");
  t.match(await stores.campaigns.progress(campaign.id), { inFlight: 3, results: { sent: 1, delivered: undefined } });
  const receipt = { bind: "smsc-a", remoteId: "x1", state: "delivered", to: phone(1), from: "12125550100", at: Date.now() } as const;
  t.ok(await stores.receipts.receive(readReceipt(receipt, "same")));
  t.match(await stores.campaigns.progress(campaign.id), { inFlight: 3, results: { sent: undefined, delivered: 1 } });
  t.same([await listed("sent"), await listed("delivered")], [[], [first]]);

  await stores.registry.register(node, Date.now());
  const orphans = await stores.registry.takeOrphans(node, Date.now());
  t.same(
    [orphans.map(({ attemptId }) => attemptId), await oldest()],
    [[second], second],
    "a process that died leaves what was leaving; the rest waits again",
  );
  for (const id of [third, fourth]) t.match(await attemptRow(stores, id), { result: "canceled" });
  await stores.attempts.finish(second, { at: Date.now(), result: "interrupted", reason: "the server stopped" });
  t.equal((await stores.campaigns.progress(campaign.id)).inFlight, 0);
  t.same(await stores.registry.takeOrphans(node, Date.now()), []);
  t.equal(await oldest(), String(Number(fourth) + 1), "nor at those of a campaign of which nothing is unfinished");
  await reserve(2);
  t.equal((await stores.campaigns.progress(campaign.id)).inFlight, 2);
  t.same(await stores.registry.takeOrphans("another", Date.now()), []);

  // An entry in each of them for each ending was a third of what it took: an index may tell neither how far a message is nor what became of it.
  const { rows } = await stores.pool.query(
    "select indexdef from pg_indexes where tablename = 'attempt' and indexdef ~ '\\y(state|sending_at|ended_at|result|reason)\\y'",
  );
  t.same(rows, []);
});
