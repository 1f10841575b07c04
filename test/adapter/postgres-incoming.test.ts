import t from "tap";
import { keptSql } from "../../src/adapter/postgres/repository/receipt-store.ts";
import type { Receipt } from "../../src/sms/ports.ts";
import { addPiece, joinedText } from "../../src/sms/reassembly.ts";
import { readReceipt } from "../../src/sms/receipt.ts";
import type { Joining } from "../../src/sms/store-ports.ts";
import { openWorld, phone } from "./stores-kit.ts";

/* What comes in over SMPP: reports that fit no message yet, and what people write, once. */

const { stores } = await openWorld(t);
const receive = (more: Partial<Receipt>) =>
  stores.receipts.receive(readReceipt({ bind: "smsc-a", state: "delivered", to: phone(1), from: "12125550100", at: Date.now(), ...more }, "same"));

t.test("reports that fit nothing are looked through from the newest back to a time, whatever lies behind", async (t) => {
  await stores.pool.query(
    `insert into message_receipt (via, remote_id, state, to_address, from_address, at)
     select 'smsc-a', 'old-' || n, 'delivered', '+12125550197', '12125550100', now() - interval '1 hour' from generate_series(1, 20000) n`,
  );
  await stores.pool.query("analyze message_receipt");
  // Later than what other tests have left.
  const since = Date.now() + 3_600_000;
  await receive({ remoteId: "young-1", to: "+12125550196", at: since + 1000 });
  await receive({ remoteId: "young-2", to: "+12125550196", at: since + 1000 });
  const kept = await stores.receipts.kept(since, 500);
  t.same(kept.map(({ remoteId }) => remoteId).sort(), ["young-1", "young-2"]);
  const [newest] = kept;
  t.match(await stores.receipts.kept(since, 500, newest), [{ remoteId: "young-1" }], "of two of one time the one that came first");
  const asked = `explain (analyze, format json) ${keptSql}`;
  const { rows } = await stores.pool.query(asked, [since, 500, "9223372036854775807", since + 10_000]);
  t.notMatch(JSON.stringify(rows), /"Rows Removed by Filter":[1-9]|"Seq Scan"/, "those of an hour ago are not read");
  await stores.pool.query("delete from message_receipt where remote_id like 'old-%' or remote_id like 'young-%'");
});

t.test("what comes in is stored once until the SMSC knows of it: a whole message, or a part", async (t) => {
  const { incoming } = stores;
  const from = "+12125550177";
  const whole = { bind: "smsc-a", from, to: "55501", at: Date.now(), text: "balance", details: {}, complete: true };
  const [first, second] = await Promise.all([incoming.keep(whole, "k1"), incoming.keep(whole, "k1")]);
  t.equal(first, second, "brought over two sessions at once");
  t.equal(await incoming.keep({ ...whole, at: Date.now() + 60_000 }, "k1"), first);
  t.not(await incoming.keep(whole, "k2"), first);
  await incoming.confirm("k1");
  t.not(await incoming.keep(whole, "k1"), first, "the same words once more");
  await incoming.forgetUnconfirmed(whole.at + 1);
  t.equal((await stores.pool.query("select from incoming_unconfirmed")).rowCount, 0);

  const stopped = await incoming.keep({ ...whole, text: "stop" });
  const answers = () => incoming.answers(from, "55501", "stop", whole.at - 1000, 10);
  const answerId = await incoming.openAnswer(stopped, Date.now(), Date.now() + 600_000);
  t.equal(await answers(), 0, "its own answer is none before it");
  await incoming.settle(stopped, "stop", "stop");
  t.equal(await answers(), 1, "an answer that waits for its bind is one: the next STOP gets none beside it");
  await stores.messages.withhold(answerId, Date.now(), "canceled", "no bind came up");
  t.equal(await answers(), 0);

  const joining: Joining = { add: addPiece, text: (pieces) => joinedText(pieces, "gsm") };
  const keepPart = (number: number, text: string) => {
    const part = { bind: "smsc-a", from, to: "55501", at: Date.now(), text: Buffer.from(text), dataCoding: 0, details: {} };
    return incoming.keepPart(part, { reference: 7, total: 2, number }, joining, `part ${number}`);
  };
  t.same(await keepPart(1, "I have "), []);
  t.same(await keepPart(1, "I have "), [], "brought again while the other is awaited");
  const made = await keepPart(2, "paid");
  t.equal(made.length, 1);
  t.same(await keepPart(2, "paid"), made, "brought again when it had made the message whole");
  t.same(await keepPart(1, "I have "), []);
  t.equal((await stores.pool.query("select from incoming_part where from_address = $1", [from])).rowCount, 0, "nothing of it waits for the rest");
  const { rows } = await stores.pool.query("select text from incoming_message where from_address = $1 and text like 'I%'", [from]);
  t.same(rows, [{ text: "I have paid" }]);
  await stores.pool.query("delete from incoming_unconfirmed");
});
