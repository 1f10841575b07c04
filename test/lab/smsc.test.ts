import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabSmsc } from "../../src/lab/smsc/lab-smsc.ts";
import { smscHandlers } from "../../src/lab/smsc/smsc-control.ts";
import { bindTo, message, open, startSmsc } from "../contracts/binds-kit.ts";

/** Writes octets, and gives those that come back until the SMSC has answered `count` PDUs or closed. */
function ask(socket: Socket, octets: Buffer, count: number): Promise<readonly { id: number; status: number; sequence: number }[]> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0);
    const done = () => {
      const answers = [];
      for (let rest = held; rest.length >= 16; rest = rest.subarray(rest.readUInt32BE(0)))
        answers.push({ id: rest.readUInt32BE(4), status: rest.readUInt32BE(8), sequence: rest.readUInt32BE(12) });
      return answers;
    };
    const end = () => {
      socket.off("data", take);
      socket.off("close", end);
      resolve(done());
    };
    const take = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (done().length >= count) end();
    };
    socket.on("data", take);
    socket.once("close", end);
    socket.write(octets);
  });
}

function pdu(id: number, sequence: number, body: readonly (number | string)[] = []): Buffer {
  const fields = Buffer.concat(body.map((field) => (typeof field === "number" ? Buffer.from([field]) : Buffer.from(`${field}\0`, "latin1"))));
  const head = Buffer.alloc(16);
  head.writeUInt32BE(16 + fields.length, 0);
  head.writeUInt32BE(id, 4);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, fields]);
}

const bindReceiver = ["us", "secret", "", 0x34, 0, 0, ""];

t.test("an SMSC says no as real ones do, and never yes to what it does not know", async (t) => {
  const smsc = await startSmsc(t, { accounts: { us: "secret" } });
  const socket = connect(smsc.port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  const submit = pdu(4, 1, ["", 1, 1, "15550109999", 1, 1, "15550100001", 0, 0, 0, "", "", 1, 0, 0, 0, 1, 65]);
  t.same(await ask(socket, submit, 1), [{ id: 0x80000004, status: 0x04, sequence: 1 }], "not bound");
  t.match(await ask(socket, pdu(1, 2, ["us", "wrong", "", 0x34, 0, 0, ""]), 1), [{ status: 0x0e }]);
  t.match(await ask(socket, pdu(1, 3, bindReceiver), 1), [{ id: 0x80000001, status: 0 }]);
  t.match(await ask(socket, pdu(1, 4, bindReceiver), 1), [{ status: 0x05 }], "bound already");
  t.match(await ask(socket, submit, 1), [{ status: 0x04 }], "a receiver does not submit");
  t.same(await ask(socket, pdu(0x3, 5), 1), [{ id: 0x80000000, status: 0x03, sequence: 5 }], "query_sm");
  t.same(await ask(socket, pdu(0x7777, 6), 1), [{ id: 0x80000000, status: 0x03, sequence: 6 }]);
  t.match(await ask(socket, pdu(0x15, 7), 1), [{ id: 0x80000015, status: 0 }]);
  t.match(await ask(socket, Buffer.from("fffffff0000000150000000000000008", "hex"), 2), [{ id: 0x80000000, status: 0x02 }], "and closes");
  t.ok(socket.destroyed || socket.readableEnded);
  t.equal(smsc.books.submits.length, 0);
  t.equal(smsc.books.unknown, 2);
});

t.test("an SMSC that was killed knows what it took, and brings what it owes", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-smsc-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const options = {
    clock: systemClock,
    random: seededRandom(1),
    host: "127.0.0.1",
    booksFile: join(dir, "books.ndjson"),
    personas: { mix: { delivered: 1 } },
  };
  const first = new LabSmsc({ ...options, port: 0, pace: 1000 });
  await first.listen();
  const { port } = first;
  const { binds, receipts, until } = await open(t, [bindTo(port)]);
  for (const number of [1, 2, 3]) await binds.submit("main", message(`+1555010000${number}`, `message ${number}`));
  await first.close();
  // In the middle of a line.
  await appendFile(options.booksFile, '{"submit":{"at":1');
  const second = new LabSmsc({ ...options, port });
  await second.listen();
  t.teardown(() => second.close());
  await until(() => receipts.length === 3);
  t.same(receipts.map(({ remoteId }) => remoteId).sort(), second.books.submits.map(({ id }) => id).sort());
  const lines = (await readFile(options.booksFile, "utf8")).trim().split("\n");
  t.equal(lines.map((line) => JSON.parse(line)).filter(({ submit }) => submit).length, 3, "and its books can still be read");
});

t.test("people write by themselves, and everything is told and directed over HTTP", async (t) => {
  const smsc = await startSmsc(t, { maxPerSecond: 1_000_000 });
  const control = smscHandlers(smsc);
  const { binds, incoming, until } = await open(t, [bindTo(smsc.port)]);
  control["POST /smsc/personas"]?.({ everybody: "no-report" });
  control["POST /smsc/refuses"]?.({ status: 8 });
  t.match(await binds.submit("main", message("+15550100001", "x")), [{ end: "refused", status: 8, again: false }]);
  control["POST /smsc/refuses"]?.({ status: null });
  t.match(await binds.submit("main", message("+15550100001", "x")), [{ end: "accepted" }]);
  control["POST /smsc/messages"]?.({ from: "+15550100077", to: "55501", text: "привет" });
  await until(() => incoming.length === 1);
  t.match(incoming[0], { from: "+15550100077", to: "55501", dataCoding: 8 });
  t.match(control["GET /smsc/books"]?.(undefined), {});
  t.match(JSON.parse(JSON.stringify(smsc.books)), { counts: { taken: 1, refused: 1 }, submits: [{ status: 8 }, { persona: "no-report" }] });
  t.throws(() => control["POST /smsc/personas"]?.({ everybody: "nobody-knows" }), { code: "unknown-persona" });
  t.throws(() => control["POST /smsc/messages"]?.({ from: "x", to: "55501", text: "" }), { code: "not-a-message" });
});
