import t from "tap";
import type { Receipt } from "../../src/sms/ports.ts";
import { comparableId, readReceipt } from "../../src/sms/receipt.ts";
import { endOf, reserveMessages, sendingOf } from "./messages-kit.ts";
import { eventKinds, makeCampaign, openWorld, phone } from "./stores-kit.ts";

/* The record of messages: what may leave, what became of it, and reports that come early, late, twice, or to nobody. */

const { stores } = await openWorld(t);
const receiptOf = (more: Partial<Receipt>): Receipt => {
  return { bind: "smsc-a", state: "delivered", to: phone(1), from: "12125550100", at: Date.now(), ...more };
};
const receive = (more: Partial<Receipt>, ids: "same" | "decimal-receipts" | "hex-receipts" = "same") =>
  stores.receipts.receive(readReceipt(receiptOf(more), ids));
const handOver = (attemptId: string, ...remoteIds: string[]) =>
  stores.messages.handed({ attemptId, at: Date.now(), result: "sent", reason: "", remoteIds: remoteIds.map(comparableId) });

t.test("a message begins once, when it may, and its first ending stands", async (t) => {
  const campaign = await makeCampaign(stores, { name: "begins", people: 6 });
  const [a = "", b = "", c = "", d = "", e = ""] = await reserveMessages(stores, campaign.id, 5);
  await stores.pool.query(
    "insert into suppression (campaign_id, number, channel, reason, source, created_at) select campaign_id, address, 'sms', 'STOP', 'test', now() from attempt where id = $1",
    [b],
  );
  await stores.pool.query("update attempt set permit_until = now() - interval '1 s' where id = $1", [c]);
  const begun = await Promise.all([
    stores.messages.begin(sendingOf(a)),
    stores.messages.begin(sendingOf(a)),
    stores.messages.begin(sendingOf(b)),
    stores.messages.begin(sendingOf(c)),
    stores.messages.begin(sendingOf(d, { reference: Number(a) })),
    stores.messages.begin(sendingOf(e, { reference: Number(a), via: "smsc-b" })),
  ]);
  t.same(begun, [true, false, false, false, Number(a) === Number(d), true]);
  t.match(await endOf(stores, b), { state: "ended", result: "canceled", reason: "suppressed" });
  t.match(await endOf(stores, c), { result: "canceled", reason: "permit ran out" });
  t.match(await endOf(stores, d), { result: "canceled", reason: /reference/ }, "one reference of a bind is one message's");
  await handOver(a, "77");
  await stores.messages.handed({ attemptId: a, at: Date.now(), result: "rejected", reason: "late", againAt: Date.now() });
  t.match(await endOf(stores, a), { state: "ended", result: "sent" });
  await stores.messages.handed({ attemptId: e, at: Date.now(), result: "canceled", reason: "throttled", againAt: Date.now() });
  const { rows } = await stores.pool.query("select from work where campaign_id = $1", [campaign.id]);
  t.equal(rows.length, 4, "back are who was never asked, whose permit ran out, whose reference was taken, and whom the SMSC had no room for");
  const again = await reserveMessages(stores, campaign.id, 1);
  t.equal(await stores.messages.begin(sendingOf(again[0] ?? "", { reference: Number(a) })), true, "a reference is free again with the answer");
});

t.test("reports: by id in any notation, before the answer, repeated, late", async (t) => {
  const campaign = await makeCampaign(stores, { name: "reports", people: 8 });
  const ids = await reserveMessages(stores, campaign.id, 8);
  await Promise.all(ids.map((id) => stores.messages.begin(sendingOf(id))));
  const [a = "", b = "", c = "", d = "", e = ""] = ids;
  await handOver(a, "00A1");
  t.equal(await receive({ remoteId: "a1" }), true);
  t.equal(await receive({ remoteId: "A1", state: "undeliverable" }), true);
  t.match(await endOf(stores, a), { result: "delivered" }, "a second report never takes the first one back");

  await handOver(b, "ff");
  t.equal(await receive({ remoteId: "0000000255", to: phone(2), state: "undeliverable", error: "034" }, "decimal-receipts"), true);
  t.match(await endOf(stores, b), { result: "undelivered", reason: "undeliverable 034" });
  t.same(await eventKinds(stores, b), ["report"]);

  t.equal(await receive({ remoteId: "early-1", to: phone(3) }), false, "it overtakes the answer");
  await handOver(c, "early-1");
  const kept = await stores.receipts.kept(0, 10);
  t.equal(kept.length, 1);
  await stores.receipts.retry(
    kept.map((receipt) => readReceipt(receipt, "same")),
    kept.map(({ id }) => id),
  );
  t.match(await endOf(stores, c), { result: "delivered" });
  t.same(await stores.receipts.kept(0, 10), []);

  await handOver(d, "p1", "p2", "p3");
  await stores.pool.query("update message set parts = 3 where attempt_id = $1", [d]);
  await receive({ remoteId: "p1", state: "enroute" });
  await Promise.all(["p1", "p2", "p2"].map((remoteId) => receive({ remoteId })));
  t.match(await endOf(stores, d), { result: "sent" }, "two of three parts are there");
  await receive({ remoteId: "p3" });
  t.match(await endOf(stores, d), { result: "delivered" });
  await handOver(e, "q1", "q2");
  await receive({ remoteId: "q2", state: "expired" });
  t.match(await endOf(stores, e), { result: "expired" }, "one part that is not delivered is enough");
});

t.test("a submit whose answer never came is found by our reference, or as the only one it can be", async (t) => {
  const campaign = await makeCampaign(stores, { name: "unknown", people: 4 });
  const ids = await reserveMessages(stores, campaign.id, 3);
  const [a = "", b = "", c = ""] = ids;
  await Promise.all(ids.map((id) => stores.messages.begin(sendingOf(id))));
  const lost = (attemptId: string) => stores.messages.handed({ attemptId, at: Date.now(), result: "interrupted", reason: "no answer" });
  t.equal(await receive({ remoteId: "x1", reference: Number(a) }), false, "while it is on its way its answer may still come");
  await Promise.all([lost(a), lost(b)]);
  t.equal(await receive({ remoteId: "x9", reference: Number(a), to: "19995550100" }), false, "not of another number");
  t.equal(await receive({ remoteId: "x1", reference: Number(a) }), true);
  t.match(await endOf(stores, a), { result: "delivered" });
  t.equal(await receive({ remoteId: "x1", state: "undeliverable" }), true, "found by its id from now on");
  const bare = receiptOf({ remoteId: "x2", to: phone(2).slice(1), state: "rejected" });
  t.equal(await stores.receipts.receive(readReceipt(bare, "same")), false);
  const kept = (await stores.receipts.kept(0, 10)).find(({ remoteId }) => remoteId === "x2");
  t.ok(kept);
  if (!kept) return;
  const read = readReceipt(kept, "same");
  t.equal(await stores.receipts.assignByNumber(readReceipt({ ...kept, to: phone(3) }, "same"), kept.id), false, "not to one that is on its way");
  t.equal(await stores.receipts.assignByNumber(read, kept.id), true);
  t.match(await endOf(stores, b), { result: "rejected" });
  t.match(await endOf(stores, c), { state: "sending" });
});
