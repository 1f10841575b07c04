import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { Endings } from "../../src/sms/ending-engine.ts";
import type { Receipt } from "../../src/sms/ports.ts";
import { comparableId, readReceipt } from "../../src/sms/receipt.ts";
import { ReportEngine } from "../../src/sms/report-engine.ts";
import { until } from "../harness/far-side.ts";
import { openTcpProxy } from "../harness/tcp-proxy.ts";
import { writeTo } from "./message-campaign-kit.ts";
import { endOf, reserveMessages, sendingOf } from "./messages-kit.ts";
import { makeCampaign, makeList, node, openWorld, phone } from "./stores-kit.ts";

/* The record of messages: what may leave, what became of it, and reports that come early, late, twice, or to nobody. */

const { stores, url, open } = await openWorld(t);
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

t.test("in one batch with plain messages whoever is not plain gets what they need", async (t) => {
  const { messages } = await open({ recordWindowMs: 600_000 });
  const [plain, asks, still] = await Promise.all(["plain", "asks", "still"].map((name) => makeCampaign(stores, { name, people: 6 })));
  const [first = "", second = "", ofPass = "", promised = "", orphaned = "", landed = ""] = await reserveMessages(stores, plain?.id ?? "", 6);
  const [unasked = ""] = await reserveMessages(stores, asks?.id ?? "", 1);
  const [waiting = ""] = await reserveMessages(stores, still?.id ?? "", 1);
  const change = (text: string, ...values: string[]) => stores.pool.query(text, values);
  await change(
    "insert into campaign_safeguard (campaign_id, purpose, require_consent, changed_at, changed_by) values ($1, 'news', true, now(), 'test')",
    asks?.id ?? "",
  );
  await change("update campaign set state = 'paused' where id = $1", still?.id ?? "");
  await change("update attempt set follows = $2 where id = $1", ofPass, JSON.stringify({ sent: [{ e: "sent", c: still?.id, s: 0 }] }));
  await change("update attempt set promised = true where id = $1", promised);
  await change("update attempt set orphaned = true where id = $1", orphaned);
  const all = [first, unasked, second, ofPass, waiting, promised, orphaned, landed];
  t.same(await Promise.all(all.map((id) => messages.begin(sendingOf(id)))), [true, false, true, true, false, true, false, true]);
  t.match(await endOf(stores, unasked), { state: "ended", result: "canceled", reason: "no-consent" });
  t.match(await endOf(stores, waiting), { state: "ended", result: "canceled", reason: "campaign paused" });
  t.match(await endOf(stores, orphaned), { state: "reserved" }, "it is somebody else's by now");
  // One that another node has taken over since is in the batch, and one of a result that only the long statement knows.
  await change(
    "update attempt set state = 'ended', result = 'interrupted', reason = 'gone', ended_at = now(), orphaned = true where id = $1",
    second,
  );
  const sent = (attemptId: string) => messages.handed({ attemptId, at: Date.now(), result: "sent", reason: "taken", remoteIds: [`p${attemptId}`] });
  const ends = [first, second, ofPass, promised].map(sent);
  const refused = messages.handed({ attemptId: landed, at: Date.now(), result: "bad-number", reason: "ESME_RINVDSTADR", remoteIds: [""] });
  await messages.close();
  await Promise.all([...ends, refused]);
  const { rows } = await stores.pool.query<{ id: string; result: string; parts: string; on: boolean }>(
    `select a.id, a.result, (select string_agg(remote_id, ' ') from message_part where attempt_id = a.id) as parts, next_campaign_id is not null as on
     from attempt a where id = any($1::bigint[]) order by id`,
    [[first, second, ofPass, promised, landed]],
  );
  t.same(rows, [
    { id: first, result: "sent", parts: `p${first}`, on: false },
    { id: second, result: "interrupted", parts: `p${second}`, on: false },
    { id: ofPass, result: "sent", parts: `p${ofPass}`, on: true },
    { id: promised, result: "sent", parts: `p${promised}`, on: false },
    { id: landed, result: "bad-number", parts: null, on: false },
  ]);
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
  t.match((await stores.attemptReader.attempt(b))?.events, [
    { kind: "report", detail: { result: "undelivered", reason: "undeliverable 034", part: 1 } },
  ]);

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

t.test("a report that comes while its message is being written down waits for it", async (t) => {
  const campaign = await makeCampaign(stores, { name: "waits", people: 1 });
  const [id = ""] = await reserveMessages(stores, campaign.id, 1);
  await stores.messages.begin(sendingOf(id));
  const endings = new Endings();
  const reports = new ReportEngine({ store: stores.receipts, endings: () => endings, options: { binds: [] }, clock: systemClock, logger: silentLog });
  t.teardown(() => reports.close());
  const answer = Promise.withResolvers<void>();
  const taken = reports.take(receiptOf({ remoteId: "w1" }));
  // In the same turn of the event loop, as when both come in one segment.
  endings.follow(
    "smsc-a",
    ["w1"],
    answer.promise.then(() => handOver(id, "w1")),
  );
  await reports.take(receiptOf({ remoteId: "of-nobody", to: "+12125550199" }));
  t.match(await endOf(stores, id), { state: "sending" });
  answer.resolve();
  await taken;
  t.match(await endOf(stores, id), { result: "delivered" });
  t.same(reports.counts, { matched: 1, held: 1 });
});

t.test("a report that comes before its answer is written down is written with it, and never to somebody else's loss", async (t) => {
  // Nothing is written before it is told to.
  const { messages, receipts } = await open({ recordWindowMs: 600_000 });
  const campaign = await makeCampaign(stores, { name: "together", people: 4 });
  const ids = await reserveMessages(stores, campaign.id, 4);
  const [a = "", b = "", c = "", d = ""] = ids;
  await Promise.all(ids.map((id) => messages.begin(sendingOf(id, { parts: id === d ? 2 : 1 }))));
  const sent = (attemptId: string, ...remoteIds: string[]) =>
    messages.handed({ attemptId, at: Date.now(), result: "sent", reason: "taken", remoteIds });
  const join = (more: Partial<Receipt>) => receipts.join(readReceipt(receiptOf(more), "same"));
  t.equal(join({ remoteId: "j1" }), undefined, "nothing waits");
  const under = [sent(a, "j1"), sent(b, "j2"), sent(d, "j4", "j5")];
  const joined = join({ remoteId: "J1", error: "000" });
  t.equal(join({ remoteId: "j1", state: "undeliverable" }), undefined, "the first one stands");
  t.equal(join({ remoteId: "j2", state: "undeliverable" }), undefined, "what went wrong may lead elsewhere, and is written by itself");
  t.equal(join({ remoteId: "j2", bind: "smsc-b" }), undefined, "an id is one of its bind");
  t.equal(join({ remoteId: "j4" }), undefined, "of several parts each is waited for");
  // Another process counts this one as dead, and has taken the second message over.
  await stores.pool.query(
    "update attempt set state = 'ended', orphaned = true, result = 'interrupted', reason = 'the server stopped', ended_at = now() where id = $1",
    [b],
  );
  const late = join({ remoteId: "j2" });
  await messages.close();
  await Promise.all(under);
  t.equal(await joined, true);
  t.equal(await late, false);
  t.match(await endOf(stores, a), { state: "ended", result: "delivered", reason: "delivered" });
  t.match(await endOf(stores, b), { result: "interrupted" });
  const { rows } = await stores.pool.query(
    "select attempt_id, state, result, error from message_part where attempt_id = any($1::bigint[]) order by 1",
    [[a, b]],
  );
  t.match(rows, [
    { attempt_id: a, state: "delivered", result: "delivered", error: "000" },
    { attempt_id: b, state: null, result: null },
  ]);
  t.equal(join({ remoteId: "j1" }), undefined, "it is written");
  t.equal(await receive({ remoteId: "j1", state: "undeliverable" }), true);
  t.match(await endOf(stores, a), { result: "delivered" });
  t.equal(await receive({ remoteId: "j2" }), true, "it finds what was taken over by itself");
  t.match(await endOf(stores, b), { result: "delivered" });
  await stores.messages.handed({ attemptId: c, at: Date.now(), result: "rejected", reason: "ESME_RINVDSTADR", remoteIds: [""] });
  t.match(await endOf(stores, c), { result: "rejected" });
});

t.test("a flood of reports that are not ours keeps none of ours waiting until it ends", async (t) => {
  const campaign = await makeCampaign(stores, { name: "flood", people: 1 });
  const [id = ""] = await reserveMessages(stores, campaign.id, 1);
  await stores.messages.begin(sendingOf(id));
  const reports = new ReportEngine({
    store: stores.receipts,
    endings: () => new Endings(),
    options: { binds: [] },
    clock: systemClock,
    logger: silentLog,
  });
  t.teardown(() => reports.close());
  await reports.sweep();
  t.equal(await receive({ remoteId: "drowned-1" }), false, "it overtakes its answer");
  await stores.pool.query(
    `insert into message_receipt (via, remote_id, state, to_address, from_address, at)
     select 'smsc-a', 'of-nobody-' || n, 'delivered', '+12125550198', '12125550100', $1 from generate_series(1, 1200) n`,
    [new Date()],
  );
  await handOver(id, "drowned-1");
  // The newest 500 each time, and 500 of those behind them.
  await reports.sweep();
  await reports.sweep();
  t.match(await endOf(stores, id), { result: "delivered" });
  await stores.pool.query("delete from message_receipt where remote_id like 'of-nobody-%'");
});

t.test("a submit whose answer never came is found by our reference, or as the only one it can be", async (t) => {
  const campaign = await writeTo(stores, "sms", await makeList(stores, "unknown", 4));
  const ids = await reserveMessages(stores, campaign.id, 4);
  const [a = "", b = "", c = "", d = ""] = ids;
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

  // The process dies over what is on its way, and another one takes it over.
  await stores.registry.register(node, Date.now());
  for (const { attemptId } of await stores.registry.takeOrphans(node, Date.now()))
    await stores.attempts.finish(attemptId, { at: Date.now(), result: "interrupted", reason: "the server stopped" });
  t.match(await endOf(stores, d), { result: "interrupted" });
  t.equal(await receive({ remoteId: "x4", reference: Number(d), to: phone(4) }), true);
  t.match(await endOf(stores, d), { result: "delivered" });
});

t.test("what an SMSC has taken while the database is away outlives the process, and its report finds it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-spool-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const spoolFile = join(folder, "unwritten.jsonl");
  const campaign = await makeCampaign(stores, { name: "spooled", people: 1 });
  const [id = ""] = await reserveMessages(stores, campaign.id, 1);
  const address = new URL(url);
  const wire = await openTcpProxy(Number(address.port));
  t.teardown(() => wire.close());
  address.port = String(wire.port);
  // At its end it would try for five seconds: its clock is hurried then.
  let aheadMs = 0;
  const clock: Clock = { now: () => systemClock.now() + aheadMs, after: (delayMs, fire) => systemClock.after(delayMs, fire) };
  const distant = await open({ url: address.href, spoolFile, clock });
  t.ok(await distant.messages.begin(sendingOf(id)));
  await wire.close();
  await distant.messages.handed({ attemptId: id, at: Date.now(), result: "sent", reason: "taken", remoteIds: [comparableId("9901")] });
  t.match(readFileSync(spoolFile, "utf8"), /"result":"sent"/, "it is on disk");
  t.match(await endOf(stores, id), { state: "sending" }, "and not in the database");
  const closed = distant.close();
  aheadMs = 10_000;
  await closed;
  await open({ spoolFile });
  t.match(await endOf(stores, id), { state: "ended", result: "sent" }, "the next process writes it, before anybody takes over what was under way");
  await until(() => readFileSync(spoolFile, "utf8") === "", "the file is emptied");
  t.ok(await receive({ remoteId: "9901", to: phone(1) }));
  t.match(await endOf(stores, id), { result: "delivered" });
});
