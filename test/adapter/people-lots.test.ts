import t, { type Test } from "tap";
import { AddressLot } from "../../src/adapter/postgres/repository/address-lot.ts";
import { copyHeaderBytes } from "../../src/adapter/postgres/repository/copy-into.ts";
import { CopyRows } from "../../src/adapter/postgres/repository/copy-rows.ts";
import { NumberSet } from "../../src/adapter/postgres/repository/number-set.ts";
import { PeopleKeys } from "../../src/adapter/postgres/repository/people-keys.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";

t.test("a set of numbers holds what a set does", (t) => {
  const random = seededRandom(20_261_123);
  const [numbers, usual] = [new NumberSet(), new Set<number>()];
  const near = () => 12_125_550_000 + intBetween(random, 0, 4000);
  const far = () => intBetween(random, 1, 999_999) * 1_000_000_000 + intBetween(random, 0, 999_999_999);
  // Of the same lower half.
  const alike = () => 12_125_550_123 + intBetween(random, 0, 200_000) * 2 ** 32;
  for (let turn = 0; turn < 20_000; turn += 1) {
    const number = [near, far, alike][turn % 3]?.() ?? 1;
    if (numbers.has(number) !== usual.has(number)) t.fail(`${number} is ${usual.has(number) ? "" : "not "}there`);
    if (turn % 2 === 0) continue;
    numbers.add(number);
    usual.add(number);
  }
  t.same(numbers.values().toSorted(), [...usual].toSorted());
  numbers.add(999_999_999_999_999);
  t.ok(numbers.has(999_999_999_999_999));
  t.notOk(numbers.has(999_999_999_999_998));
  t.end();
});

/** What messages of COPY hold. */
function sentBy(t: Test, messages: readonly Buffer[]): Buffer {
  for (const message of messages)
    if (message.toString("latin1", 0, 1) !== "d" || message.readUInt32BE(1) !== message.length - 1) t.fail("is no message of COPY");
  return Buffer.concat(messages.map((message) => message.subarray(copyHeaderBytes)));
}

const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");

t.test("rows of addresses come in the order of their places, and in their own where these are the same", (t) => {
  const random = seededRandom(7);
  const lot = new AddressLot();
  for (const many of [1, 30_000, 5]) {
    const lines = Array.from({ length: many }, (_, at) => {
      const place = intBetween(random, 0, many) * 333_331;
      return { place, at, text: `${at}\t${at % 7 === 0 ? "grün@büro.example 📬" : "+4930901820"}\t${place}\n` };
    });
    for (const { place, text } of lines) {
      lot.rows.text(text);
      lot.add(place);
    }
    t.equal(lot.many, many);
    const sent = sentBy(t, lot.take());
    t.equal(lot.many, 0);
    const expected = lines
      .toSorted((one, other) => one.place - other.place || one.at - other.at)
      .flatMap(({ text }) => [lengthOf(text), Buffer.from(text)]);
    t.ok(sent.equals(Buffer.concat([signature, ...expected])), `${many} rows`);
  }
  t.same(lot.take(), []);
  t.end();
});

function lengthOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text));
  return length;
}

t.test("rows are written as COPY reads them, and sent in pieces", (t) => {
  const rows = new CopyRows();
  rows.begin(7);
  rows.bigint(0);
  rows.bigint(2 ** 40 + 0xfedc_ba98);
  rows.bigint(Number.MAX_SAFE_INTEGER);
  rows.smallint(32_767);
  rows.text("Ann");
  rows.text("Grün 📬");
  rows.text(undefined);
  const expected =
    "0007 00000008 0000000000000000 00000008 00000100fedcba98 00000008 001fffffffffffff 00000002 7fff 00000003 416e6e 0000000a 4772c3bc6e20f09f93ac ffffffff";
  t.equal(sentBy(t, rows.take()).toString("hex"), signature.toString("hex") + expected.replaceAll(" ", ""));
  t.same(rows.take(), []);
  const texts = Array.from({ length: 3000 }, (_, at) => "né".repeat(at % 200));
  for (const text of texts) rows.text(text);
  const messages = rows.take();
  t.ok(messages.length > 2);
  t.ok(sentBy(t, messages).equals(Buffer.concat([signature, ...texts.flatMap((text) => [lengthOf(text), Buffer.from(text)])])));
  t.end();
});

t.test("keys of people are forgotten as many turns later as was said, client ids and addresses each by themselves", (t) => {
  const keys = new PeopleKeys();
  const known = () => [keys.hasId("C-1"), keys.hasFirst("+4930901820"), keys.hasFirst("ann@example.org")];
  keys.add("C-1", "+4930901820");
  keys.add(undefined, "ann@example.org");
  t.same(known(), [true, true, true]);
  t.same(keys.texts(), ["id C-1", "+4930901820", "ann@example.org"]);
  t.notOk(keys.hasId("+4930901820"));
  t.notOk(keys.hasFirst("C-1"));
  t.notOk(keys.hasFirst("+49309018200"));
  t.notOk(keys.hasId(undefined));
  keys.turnIds(2);
  keys.turnFirsts(1);
  t.same(known(), [true, true, true]);
  t.same(keys.texts(), []);
  keys.turnFirsts(1);
  t.same(known(), [true, false, false]);
  keys.turnIds(2);
  t.ok(keys.hasId("C-1"));
  keys.turnIds(2);
  t.notOk(keys.hasId("C-1"));
  t.end();
});
