import t from "tap";
import { AddressLot } from "../../src/adapter/postgres/repository/address-lot.ts";
import { copyHeaderBytes } from "../../src/adapter/postgres/repository/copy-into.ts";
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

t.test("lines of addresses come in the order of their places, and in their own where these are the same", (t) => {
  const random = seededRandom(7);
  const lot = new AddressLot();
  for (const many of [1, 30_000, 5]) {
    const lines = Array.from({ length: many }, (_, at) => {
      const place = intBetween(random, 0, many) * 333_331;
      return { place, at, text: `${at}\t${at % 7 === 0 ? "grün@büro.example 📬" : "+4930901820"}\t${place}\n` };
    });
    for (const { place, text } of lines) lot.add(place, text);
    t.equal(lot.lines, many);
    const messages = lot.take();
    t.equal(lot.lines, 0);
    for (const message of messages)
      if (message.toString("latin1", 0, 1) !== "d" || message.readUInt32BE(1) !== message.length - 1) t.fail("is no message of COPY");
    const sent = Buffer.concat(messages.map((message) => message.subarray(copyHeaderBytes))).toString();
    t.ok(
      sent ===
        lines
          .toSorted((one, other) => one.place - other.place || one.at - other.at)
          .map(({ text }) => text)
          .join(""),
      `${many} lines`,
    );
  }
  t.same(lot.take(), []);
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
