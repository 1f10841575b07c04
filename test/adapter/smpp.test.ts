import t from "tap";
import { messageIdOf } from "../../src/adapter/smpp/connection.ts";
import { readDelivered } from "../../src/adapter/smpp/deliver-sm.ts";
import { FrameReader } from "../../src/adapter/smpp/frames.ts";
import { Inbox } from "../../src/adapter/smpp/inbox.ts";
import { FieldReader, writePdu, writeTlv } from "../../src/adapter/smpp/pdu.ts";
import { LocalPace, Rate } from "../../src/adapter/smpp/rate.ts";
import { readReceipt } from "../../src/adapter/smpp/receipt.ts";
import { writeSubmitSm } from "../../src/adapter/smpp/submit-sm.ts";
import { Throttle } from "../../src/adapter/smpp/throttle.ts";
import { Unanswered } from "../../src/adapter/smpp/unanswered.ts";
import { readCountry, readNumber } from "../../src/contact/normalise.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { BindOptions } from "../../src/sms/options.ts";
import { bindTo, message, partOf } from "../contracts/binds-kit.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

/** The receipt in a deliver_sm with this text and these parameters. */
function receipt(text: string | Buffer, { esmClass = 4, dataCoding = 0, tlvs = [] as Buffer[], utcOffsetMinutes = 0, unmarked = false } = {}) {
  const short = Buffer.from(text as string, "latin1");
  const fields = ["", 1, 1, "15550100001", 3, 0, "55501", esmClass, 0, 0, "", "", 0, 0, dataCoding, 0, short.length, short, ...tlvs];
  return readReceipt(readDelivered(writePdu(5, 0, 1, fields), 5), { utcOffsetMinutes, unmarked });
}

t.test("reports of delivery are read in every spelling", (t) => {
  const usual = "id:0012aF sub:001 dlvrd:001 submit date:2611221530 done date:2611221531 stat:DELIVRD err:000 text:id:9 stat:UNDELIV";
  const doneAt = Date.UTC(2026, 10, 22, 15, 31);
  t.same(receipt(usual), { remoteId: "0012aF", state: "delivered", error: "000", doneAt });
  t.same(receipt(usual, { utcOffsetMinutes: -300 })?.doneAt, doneAt + 300 * 60_000);
  t.equal(receipt(usual, { esmClass: 0 }), undefined, "somebody may write such a text");
  t.match(receipt(usual, { esmClass: 0, unmarked: true }), { remoteId: "0012aF", state: "delivered" }, "unless the SMSC marks none");
  const inUcs2 = Buffer.from(usual, "utf16le").swap16();
  t.match(receipt(inUcs2, { esmClass: 0, dataCoding: 8, unmarked: true }), { remoteId: "0012aF", state: "delivered" });
  for (const text of ["id:1 stat:DELIVRD", `I got this: ${usual}`, "STOP"])
    t.equal(receipt(text, { esmClass: 0, unmarked: true }), undefined, `${text} is no report`);
  const states: readonly (readonly [string, string])[] = [
    ["stat:DELIVERED", "delivered"],
    ["Stat:delivrd", "delivered"],
    ["status:Delivered", "delivered"],
    ["state=DELIVRD", "delivered"],
    ["stat:UNDELIV", "undeliverable"],
    ["stat:UNDELIVERED", "undeliverable"],
    ["stat:FAILED", "undeliverable"],
    ["stat:EXPIRED", "expired"],
    ["stat:EXPIRD", "expired"],
    ["stat:DELETED", "deleted"],
    ["stat:ACCEPTD", "accepted"],
    ["stat:ACCEPTED", "accepted"],
    ["stat:REJECTD", "rejected"],
    ["stat:REJECTED", "rejected"],
    ["stat:ENROUTE", "enroute"],
    ["stat:EN_ROUTE", "enroute"],
    ["stat:UNKNOWN", "unknown"],
    ["stat:SKIPPED", "skipped"],
    ["stat:WHATEVER", "unknown"],
    ["", "unknown"],
  ];
  for (const [text, state] of states) t.equal(receipt(`id:1 ${text} err:001`)?.state, state, text);
  t.equal(receipt("id:1", { esmClass: 0x20 })?.state, "enroute", "on the way");
  t.equal(receipt("id:1 done_date:20261122153105 stat:DELIVRD")?.doneAt, Date.UTC(2026, 10, 22, 15, 31, 5));
  t.equal(receipt("id:1 donedate:261122153105")?.doneAt, Date.UTC(2026, 10, 22, 15, 31, 5));
  t.equal(receipt("id:1 done date:2699991531")?.doneAt, undefined);
  t.equal(receipt("ID: abc-DEF_9.1 STAT: EXPIRED ERR: 27")?.error, "27");
  t.equal(receipt(Buffer.from("id:77 stat:EXPIRED", "utf16le").swap16(), { dataCoding: 8 })?.remoteId, "77");

  const tlvs = [writeTlv(0x001e, Buffer.from("A\0")), writeTlv(0x0427, 5), writeTlv(0x0204, 4711, 2), writeTlv(0x0423, Buffer.from([3, 0, 9]))];
  t.same(receipt("", { esmClass: 0, tlvs }), { remoteId: "A", reference: 4711, state: "undeliverable", error: "9" }, "by parameters alone");
  t.same(receipt("id:B stat:DELIVRD", { tlvs: tlvs.slice(0, 2) }), { remoteId: "A", state: "undeliverable" }, "parameters win");
  t.equal(receipt("stat:DELIVRD", { tlvs: [writeTlv(0x0427, 99)] })?.state, "delivered", "a state that there is not");
  t.end();
});

t.test("numbers are read however the SMSC writes them, and a report belongs to whom its message went to", async (t) => {
  const own = new Map(["+12125550100", "55501"].map((address) => [address.replace("+", ""), address]));
  const readAs = (written: string, country = "US") => {
    const read = readNumber(written, readCountry(country));
    return "number" in read ? read.number : undefined;
  };
  const take = async (
    source: readonly [number, string],
    destination: readonly [number, string],
    { esmClass = 0, country = "", text = "STOP", connected = true } = {},
  ) => {
    const confirmed: { from: string; to: string }[] = [];
    const onConfirmed = ({ from, to }: { from: string; to: string }) => void confirmed.push({ from, to });
    const heard: { from: string; to: string }[] = [];
    const hear = async ({ from, to }: { from: string; to: string }) => void heard.push({ from, to });
    const bind = bindTo(2775, country === "" ? {} : { country });
    const inbox = new Inbox(bind, own, readAs, { onReceipt: hear, onIncoming: hear, onConfirmed }, new VirtualClock(), silentLog);
    const fields = [
      "",
      source[0],
      1,
      source[1],
      destination[0],
      1,
      destination[1],
      esmClass,
      0,
      0,
      "",
      "",
      0,
      0,
      0,
      0,
      text.length,
      Buffer.from(text),
    ];
    const answered = Promise.withResolvers<number>();
    inbox.take(writePdu(5, 0, 1, fields), 5, (status) => {
      answered.resolve(status);
      return connected;
    });
    t.equal(await answered.promise, 0);
    t.same(confirmed, connected && esmClass === 0 ? heard : [], "only of what somebody wrote, and was told about");
    return heard[0];
  };
  const ours = [1, "12125550100"] as const;
  const written: readonly (readonly [ton: number, written: string, country: string, number: string])[] = [
    [1, "13105550123", "", "+13105550123"],
    [1, "+13105550123", "", "+13105550123"],
    [1, "0013105550123", "", "+13105550123"],
    [0, "13105550123", "", "+13105550123"],
    [0, "3105550123", "", "+13105550123"],
    [2, "3105550123", "", "+13105550123"],
    [2, "07911123456", "GB", "+447911123456"],
    [0, "07911123456", "GB", "+447911123456"],
    [2, "7911123456", "GB", "+447911123456"],
    [0, "4520123456", "", "+4520123456"],
    [2, "1111111111", "", "1111111111"],
    [3, "72345", "", "72345"],
    [0, "72345", "", "72345"],
    [5, "Operator", "", "Operator"],
    [5, "3105550123", "", "3105550123"],
  ];
  for (const [ton, number, country, from] of written)
    t.same(await take([ton, number], ours, { country }), { from, to: "+12125550100" }, `${number}, TON ${ton}, ${country}`);
  for (const [ton, number, to] of [
    [2, "2125550100", "+12125550100"],
    [0, "2125550100", "+12125550100"],
    [3, "55501", "55501"],
    [1, "+12125550100", "+12125550100"],
  ] as const)
    t.same(await take([1, "13105550123"], [ton, number]), { from: "+13105550123", to }, `to ${number}, TON ${ton}`);
  const report = { esmClass: 4, text: "id:1 stat:DELIVRD" };
  const theirs = [1, "13105550123"] as const;
  t.same(await take(theirs, ours, { connected: false }), { from: "+13105550123", to: "+12125550100" }, "the SMSC is gone and brings it again");
  t.same(await take(theirs, ours, report), { to: "+13105550123", from: "+12125550100" });
  t.same(
    await take(ours, theirs, report),
    { to: "+13105550123", from: "+12125550100" },
    "also where the SMSC leaves them as they were in the submit",
  );
});

t.test("PDUs are cut however they come, and a length that cannot be is refused behind what was whole", (t) => {
  const pdus = [writePdu(0x15, 0, 1), writePdu(5, 0, 2, ["x".repeat(500)]), writePdu(0x15, 0, 3)];
  const stream = Buffer.concat(pdus);
  for (const size of [1, 3, 16, 17, 400, stream.length]) {
    const reader = new FrameReader();
    const whole: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) whole.push(...reader.push(stream.subarray(at, at + size)));
    t.same(whole, pdus, `${size} octets at a time`);
  }
  for (const length of [0, 4, 15, 70_001, 0xffffffff]) {
    const bad = Buffer.alloc(4);
    bad.writeUInt32BE(length);
    const reader = new FrameReader();
    const frames = reader.push(Buffer.concat([pdus[0] ?? bad, bad]));
    t.same(frames.next().value, pdus[0], "the one before it");
    t.throws(() => frames.next(), RangeError);
  }
  const whole = writePdu(5, 0, 1, ["", 1, 1, "15550100001", 3, 0, "55501", 0, 0, 0, "", "", 0, 0, 0, 0, 5, Buffer.from("hello")]);
  t.equal(readDelivered(whole, 5).text.toString(), "hello");
  for (let length = 16; length < whole.length; length += 1)
    t.throws(() => readDelivered(whole.subarray(0, length), 5), RangeError, `cut at ${length}`);
  // message_payload of 300 octets that are not there, and a TLV header cut in two.
  const broken = [Buffer.from("0424012c68656c6c6f", "hex"), Buffer.from("0424", "hex")];
  for (const rest of broken) {
    t.equal(readDelivered(Buffer.concat([whole, rest]), 5).text.toString(), "hello", "a text is whole before a parameter that is not");
    const empty = writePdu(5, 0, 1, ["", 1, 1, "15550100001", 3, 0, "55501", 0, 0, 0, "", "", 0, 0, 0, 0, 0, rest]);
    t.throws(() => readDelivered(empty, 5), RangeError, "unless it stands in that one");
  }
  for (const [octets, id] of [
    ["AB12\0", "AB12"],
    ["AB12", "AB12"],
    ["\0", ""],
    ["", ""],
  ] as const)
    t.equal(messageIdOf(writePdu(0x80000004, 0, 1, [Buffer.from(octets)])), id, `message_id ${JSON.stringify(octets)}`);
  t.end();
});

t.test("two nodes share a rate, save nothing up, and stand still when the ledger cannot be asked", async (t) => {
  const clock = new VirtualClock();
  const ledger = new LocalPace(clock);
  let broken = false;
  const pace = {
    starts: async (...args: Parameters<LocalPace["starts"]>) => {
      if (broken) throw new Error("the database is away");
      return ledger.starts(...args);
    },
  };
  const sent: number[] = [];
  const nodes = [0, 1].map(() => {
    const drain = () => {
      while (rate.room > 0) {
        rate.take();
        sent.push(clock.now());
      }
    };
    const rate: Rate = new Rate("sms:bind:main", 50, pace, clock, silentLog, drain);
    return { rate, drain };
  });
  for (const { drain } of nodes) drain();
  await clock.advance(10_000);
  t.ok(Math.abs(sent.length - 500) <= 25, `${sent.length} in ten seconds, fifty a second`);
  for (let from = 0; from + 60 < sent.length; from += 1) {
    const spanMs = (sent[from + 60] ?? 0) - (sent[from] ?? 0);
    if (spanMs < 1000) t.fail(`61 within ${spanMs} ms`);
  }
  broken = true;
  const before = sent.length;
  await clock.advance(10_000);
  t.ok(sent.length - before <= 40, "what had been taken already, and no more");
  broken = false;
  await clock.advance(5000);
  t.ok(sent.length - before > 100, "it goes on by itself");
  for (const { rate } of nodes) rate.close();

  const idle = new Rate("sms:bind:idle", 100, ledger, clock, silentLog, () => {});
  t.equal(idle.room, 0);
  await clock.advance(60_000);
  t.ok(idle.room <= 20, "an idle minute saves up no burst");
  idle.close();
});

t.test("a throttled bind keeps back twice as long each time, and forgets it when something is taken", (t) => {
  const throttle = new Throttle(seededRandom(1));
  let now = 1_000_000;
  const pauses: number[] = [];
  for (let time = 0; time < 10; time += 1) {
    throttle.refused(now, now);
    throttle.refused(now - 1, now);
    pauses.push(throttle.until - now);
    now = throttle.until;
  }
  for (const [at, pauseMs] of pauses.entries()) {
    const usual = Math.min(30_000, 500 * 2 ** at);
    t.ok(pauseMs >= usual / 2 && pauseMs <= usual * 1.5, `${pauseMs} of ${usual}`);
  }
  throttle.accepted(now);
  throttle.refused(now, now);
  t.ok(throttle.until - now <= 750);
  t.end();
});

t.test("a submit is written as its operator wants it", (t) => {
  const fieldsOf = (more: Partial<BindOptions>) => {
    const reader = new FieldReader(writeSubmitSm(1, message("+15550100001", "x"), partOf("x"), bindTo(2775, more)));
    const service = reader.text(6);
    reader.octets(2);
    return [service, reader.text(21), reader.octet(), reader.octet(), reader.text(21)];
  };
  t.same(fieldsOf({}), ["", "55501", 1, 1, "15550100001"]);
  t.same(fieldsOf({ serviceType: "CMT", destinationTon: 0, destinationNpi: 8 }), ["CMT", "55501", 0, 8, "15550100001"]);
  t.end();
});

t.test("sequence numbers begin anew behind the last one, and pass over those that wait", (t) => {
  const requests = new Unanswered(new VirtualClock(), 1000, 0x7ffffffd);
  const ignored = () => {};
  t.same(
    [1, 2, 3].map(() => requests.add(ignored)),
    [0x7ffffffe, 0x7fffffff, 1],
  );
  const again = new Unanswered(new VirtualClock(), 1000);
  t.equal(again.add(ignored), 1);
  t.equal(again.answer(1, 0, Buffer.alloc(16)), true);
  t.equal(again.answer(1, 0, Buffer.alloc(16)), false, "an answer counts once");
  requests.lose("over");
  again.lose("over");
  t.end();
});
