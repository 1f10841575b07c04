import { createServer, type Socket } from "node:net";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import type { Part, PartEnd } from "../../src/sms/ports.ts";
import { bindTo, message, open, partOf, patientClock, seed, startSmsc } from "./binds-kit.ts";
import { realAddress } from "./real-address.ts";

/* What Binds promises, by the adapter over SMPP against the lab's SMSC. */

const accepted = (ends: readonly PartEnd[]) => ends.every(({ end }) => end === "accepted");
t.comment(`seed ${seed}`);

t.test("messages are taken, reported and answered; the wire says what the order said", async (t) => {
  const smsc = await startSmsc(t, { personas: { numbers: { "+15550100007": "says:Hello" } } });
  const sender = { name: "main", address: "+15550109999", kind: "long-code" as const, maxPerSecond: 1000, binds: [] };
  const { binds, receipts, incoming, until } = await open(t, [bindTo(smsc.port)], { senders: [sender] });
  const submission = message("+15550100007", "Due on Friday", {
    sender: { address: sender.address, ton: 1, npi: 1 },
    reference: 4711,
    validityS: 90_061,
  });
  const [end] = await binds.submit("main", submission);
  const [submit] = smsc.books.submits;
  t.match(submit, { from: "15550109999", fromTon: 1, to: "15550100007", text: "Due on Friday", reference: 4711, registeredDelivery: 1, status: 0 });
  t.same(end, { end: "accepted", remoteId: submit?.id });
  await until(() => receipts.length === 1 && incoming.length === 1);
  t.match(receipts[0], {
    bind: "main",
    remoteId: submit?.id,
    reference: 4711,
    state: "delivered",
    error: "000",
    to: "+15550100007",
    from: "+15550109999",
  });
  const [receipt] = receipts;
  t.ok(receipt !== undefined && Math.abs((receipt.doneAt ?? 0) - receipt.at) <= 120_000, "the done date is read as UTC");
  t.match(incoming[0], { from: "+15550100007", to: "+15550109999", dataCoding: 0 });
  t.equal(Buffer.from(incoming[0]?.text ?? "").toString("latin1"), "Hello");
  await smsc.books.until(({ counts }) => counts.reports === 1 && counts.messages === 1);
  t.equal(smsc.books.unknown + smsc.books.unreadable, 0);
});

t.test("long texts go in four ways, their parts in order, and long answers come in parts", async (t) => {
  const smsc = await startSmsc(t, { personas: { mix: { "no-report": 1 }, numbers: { "+15550100008": "says-much" } } });
  const { binds, incoming, until } = await open(t, [bindTo(smsc.port)]);
  const ways: readonly (readonly [string, (number: number) => Partial<Part>])[] = [
    ["udh-8", (number) => ({ udh: Buffer.from([5, 0, 3, 77, 3, number]) })],
    ["udh-16", (number) => ({ udh: Buffer.from([6, 8, 4, 1, 44, 3, number]) })],
    ["sar", (number) => ({ sar: { reference: 300, total: 3, number } })],
  ];
  for (const [text, part] of ways) {
    const parts = [1, 2, 3].map((number) => partOf(`${text} ${number}`, part(number)));
    t.ok(accepted(await binds.submit("main", message("+15550100001", "", { parts }))));
    const seen = smsc.books.submits.slice(-3);
    t.same(
      seen.map(({ text, part }) => [text, part?.reference, part?.total, part?.number]),
      [1, 2, 3].map((number) => [`${text} ${number}`, text === "udh-8" ? 77 : 300, 3, number]),
    );
  }
  const long = "x".repeat(2000);
  t.ok(accepted(await binds.submit("main", message("+15550100001", "", { parts: [partOf(long, { payload: true })] }))));
  t.equal(smsc.books.submits.at(-1)?.text, long, "message_payload");
  t.ok(accepted(await binds.submit("main", message("+15550100001", "", { parts: [partOf("y".repeat(255))] }))), "what short_message cannot hold");
  t.equal(smsc.books.submits.at(-1)?.text, "y".repeat(255));
  await binds.submit("main", message("+15550100008", "well?"));
  await until(() => incoming.length === 3);
  t.same(
    incoming.map(({ udh }) => udh?.[5]),
    [2, 3, 1],
    "the parts as they came",
  );
});

t.test("what the SMSC refuses is told apart: for good, throttled, unknown, never left", async (t) => {
  const numbers = { "+15550100001": "bad-number", "+15550100002": "throttled", "+15550100003": "no-answer", "+15550100004": "drops" };
  const clock = patientClock(t);
  const smsc = await startSmsc(t, { clock, personas: { numbers, mix: { delivered: 1 } } });
  const both = [bindTo(smsc.port, { responseTimeoutMs: 300 }), bindTo(smsc.port, { name: "other" })];
  const { binds, receipts, until } = await open(t, both, { clock });
  const end = async (to: string) => (await binds.submit("main", message(to, "x")))[0];
  t.same(await end("+15550100001"), { end: "refused", status: 0x0b, again: false });
  t.same(await end("+15550100002"), { end: "refused", status: 0x58, again: true });
  t.equal(binds.roomFor("main", "55501"), 0, "the bind keeps back");
  t.ok(binds.roomFor("other", "55501") > 0 || binds.all.some(({ name, up }) => name === "other" && up), "that one alone");
  await until(() => binds.roomFor("main", "55501") > 0);
  t.match(await end("+15550100003"), { end: "unknown", why: /no answer within 300 ms/ });
  await until(() => binds.all.every(({ up }) => up));
  await until(() => binds.roomFor("main", "55501") > 0);
  t.match(await end("+15550100004"), { end: "unknown", why: /connection lost/ });
  t.same(await end("+15550100005"), { end: "unsent" }, "nothing leaves while there is no session");
  t.same(await binds.submit("nowhere", message("+15550100005", "x")), [{ end: "unsent" }]);
  await until(() => binds.all.every(({ up }) => up));
  t.match(await end("+15550100005"), { end: "accepted" }, "it comes back by itself");
  // Nobody is told twice, and reports come for what nobody knew.
  await until(() => new Set(receipts.map(({ to }) => to)).size === 3);
  t.same(smsc.books.submittedTwice(), []);
  t.equal(smsc.books.submits.length, 5);
});

t.test("a report that cannot be stored is brought again, on another session when its own is gone", async (t) => {
  const smsc = await startSmsc(t, { personas: { mix: { delivered: 1 } } });
  let refused = 0;
  const { binds, receipts, until } = await open(t, [bindTo(smsc.port, { sessions: 2, bindType: "transmitter-receiver" })], {
    onReceipt: async () => {
      refused += 1;
      if (refused === 2) smsc.cut();
      if (refused <= 3) throw new Error("the database is away");
    },
  });
  await until(() => smsc.sessions.length === 4);
  t.same(smsc.sessions.map(({ role }) => role).sort(), ["receiver", "receiver", "transmitter", "transmitter"]);
  await binds.submit("main", message("+15550100001", "one"));
  await until(() => receipts.length === 1);
  await smsc.books.until(({ counts }) => counts.reports === 1);
  t.ok(refused >= 4);
});

t.test("nothing exceeds the windows or the rates, and slow senders keep no other back", async (t) => {
  const clock = patientClock(t);
  const smsc = await startSmsc(t, { clock, personas: { mix: { "no-report": 1 } } });
  const senders = [{ name: "slow", address: "+15550109999", kind: "long-code" as const, maxPerSecond: 5, binds: [] }];
  const { binds } = await open(t, [bindTo(smsc.port, { window: 4, sessions: 2, maxPerSecond: 200 })], { senders, clock });
  const slow = { address: "+15550109999", ton: 1, npi: 1 };
  const begun = clock.now();
  const ends = await Promise.all([
    ...Array.from({ length: 4 }, (_, at) => binds.submit("main", message("+15550100001", `slow ${at}`, { sender: slow }))),
    ...Array.from({ length: 60 }, (_, at) => binds.submit("main", message("+15550100001", `fast ${at}`))),
  ]);
  t.ok(ends.every(accepted));
  t.ok(clock.now() - begun >= 3 * 200 - 20, "four at five a second take three fifths of one");
  const times = smsc.books.submits.filter(({ text }) => text.startsWith("fast")).map(({ at }) => at);
  t.ok((times.at(-1) ?? 0) - (times[0] ?? 0) >= 80, "sixty at two hundred a second, less what was saved up");
  const texts = smsc.books.submits.map(({ text }) => text);
  t.ok(texts.indexOf("slow 3") > texts.filter((text) => text.startsWith("fast")).length / 2, "the fast ones do not wait for the slow");
});

t.test("over TLS, with the authority that the configuration names and no other", async (t) => {
  const identity = selfSigned("127.0.0.1", Date.now());
  const smsc = await startSmsc(t, { tls: identity, accounts: { carillon: "secret" }, personas: { mix: { "no-report": 1 } } });
  const own = { tls: true, password: "secret" };
  const { binds } = await open(t, [bindTo(smsc.port, { ...own, tlsAuthority: identity.cert })]);
  t.ok(accepted(await binds.submit("main", message("+15550100001", "x"))));
  const stranger = await open(t, [bindTo(smsc.port, own), bindTo(smsc.port, { ...own, name: "wrong", password: "x", tlsAuthority: identity.cert })], {
    wait: false,
  });
  await stranger.until(() => stranger.binds.all.every(({ note }) => note !== "connecting"));
  t.match(stranger.binds.all[0]?.note, /self-signed|certificate/);
  t.match(stranger.binds.all[1]?.note, /bind refused: ESME_RINVPASWD/);
});

/** An SMSC by hand: binds at once, answers submits when told to. */
async function startByHand(t: Test) {
  const got: string[] = [];
  const sockets = new Set<Socket>();
  const held: Buffer[] = [];
  const pdu = (id: number, sequence: number, octets = 16) => {
    const whole = Buffer.alloc(octets);
    whole.writeUInt32BE(octets, 0);
    whole.writeUInt32BE(id, 4);
    whole.writeUInt32BE(sequence, 12);
    return whole;
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (let rest = chunk; rest.length >= 16; rest = rest.subarray(rest.readUInt32BE(0))) {
        const id = rest.readUInt32BE(4);
        got.push(id.toString(16));
        const answer = pdu((id + 0x80000000) >>> 0, rest.readUInt32BE(12), id === 4 || id === 9 ? 17 : 16);
        if (id === 4) held.push(answer);
        else if (id < 0x80000000) socket.write(answer);
        server.emit("heard", id);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const heard = (wanted: number) => new Promise<void>((resolve) => server.on("heard", (id) => id === wanted && resolve()));
  const say = (...pdus: readonly (Buffer | undefined)[]) => {
    for (const socket of sockets) socket.write(Buffer.concat(pdus.filter((each) => each !== undefined)));
  };
  return { port, got, held, heard, say, pdu };
}

t.test("closing waits for the answers of what is under way, then unbinds", async (t) => {
  const smsc = await startByHand(t);
  const { binds } = await open(t, [bindTo(smsc.port)]);
  const heard = smsc.heard(4);
  const ending = binds.submit("main", message("+15550100001", "x"));
  await heard;
  const closing = binds.close();
  t.same(await binds.submit("main", message("+15550100001", "late")), [{ end: "unsent" }]);
  smsc.say(smsc.held[0]);
  t.same(await ending, [{ end: "accepted", remoteId: "" }]);
  await closing;
  t.same(smsc.got, ["9", "4", "6"], "bind, submit, unbind");
});

t.test("an SMSC that says goodbye may still answer what is under way, and gets nothing new", async (t) => {
  const smsc = await startByHand(t);
  const { binds } = await open(t, [bindTo(smsc.port)]);
  const submitted = smsc.heard(4);
  const ending = binds.submit("main", message("+15550100001", "x"));
  await submitted;
  const [alive, goodbye] = [smsc.heard(0x80000015), smsc.heard(0x80000006)];
  smsc.say(smsc.pdu(6, 70), smsc.pdu(0x15, 71));
  await alive;
  t.same(smsc.got, ["9", "4", "80000015"], "it is not answered before");
  t.equal(binds.roomFor("main", "55501"), 0);
  smsc.say(smsc.held[0]);
  t.same(await ending, [{ end: "accepted", remoteId: "" }]);
  await goodbye;
  t.match(binds.all, [{ up: false, note: "the SMSC said goodbye" }]);
});

t.test("closing does not wait for an SMSC that answers no more", async (t) => {
  const smsc = await startSmsc(t, { personas: { mix: { "no-answer": 1 } } });
  const hasty: Clock = { now: () => systemClock.now(), after: (delayMs, fire) => systemClock.after(delayMs / 100, fire) };
  const { binds } = await open(t, [bindTo(smsc.port, { responseTimeoutMs: 600_000 })], { clock: hasty });
  const ending = binds.submit("main", message("+15550100001", "x"));
  await smsc.books.until(({ submits }) => submits.length === 1);
  await binds.close();
  t.match(await ending, [{ end: "unknown" }], "nobody knows, and it is not sent again");
});

const noRealSmsc = "CARILLON_TEST_SMSC=host:port:systemId/password is not set";
const real = realAddress("CARILLON_TEST_SMSC", process.env);
/** Of one who wants the message of a test. */
const realNumber = process.env["CARILLON_TEST_SMSC_NUMBER"] ?? "+15550100001";

t.test("a real SMSC takes a short and a long text, and reports them", { skip: real === undefined && noRealSmsc }, async (t) => {
  const [systemId = "", password = ""] = real?.secret.split("/") ?? [];
  const { binds, receipts, until } = await open(t, [bindTo(real?.port ?? 0, { host: real?.host ?? "", systemId, password, window: 2 })]);
  const parts = [1, 2].map((number) => partOf(`part ${number} `, { udh: Buffer.from([5, 0, 3, 9, 2, number]) }));
  const ends = [...(await binds.submit("main", message(realNumber, "short"))), ...(await binds.submit("main", message(realNumber, "", { parts })))];
  t.ok(accepted(ends), JSON.stringify(ends));
  const ids = new Set(ends.map((end) => (end.end === "accepted" ? end.remoteId : "")));
  t.equal(ids.size, 3, "each part has an id of its own");
  await until(() => receipts.length >= 3);
});
