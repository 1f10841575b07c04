import { connect, createServer, type Socket } from "node:net";
import smpp from "smpp";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { intBetween, pick } from "../../src/kernel/random.ts";
import { bindTo, message, open, startSmsc } from "../contracts/binds-kit.ts";
import { Mutator, seed } from "./mutate.ts";

const { PDU } = smpp;
t.comment(`TEST_SEED=${seed}`);

const count = 10_000;
const batch = 100;

/** Pauses before binding again are a thousandth of what they are: thousands of connections are broken here. */
const hasty: Clock = { now: () => systemClock.now(), after: (delayMs, fire) => systemClock.after(delayMs / 1000, fire) };

const text = Buffer.from("id:0A1B sub:001 dlvrd:001 submit date:2611221530 done date:2611221531 stat:DELIVRD err:000 text:hello", "latin1");
const addresses = { source_addr_ton: 1, source_addr_npi: 1, source_addr: "15550100001", dest_addr_ton: 3, destination_addr: "55501" };
const fromSmsc = [
  new PDU("deliver_sm", { ...addresses, esm_class: 4, short_message: text, receipted_message_id: "0A1B", message_state: 2, sequence_number: 7 }),
  new PDU("deliver_sm", { ...addresses, esm_class: 0x40, data_coding: 8, short_message: Buffer.from([5, 0, 3, 9, 2, 1, 4, 31]), sequence_number: 8 }),
  new PDU("deliver_sm", { ...addresses, short_message: Buffer.alloc(0), message_payload: Buffer.from("STOP"), sequence_number: 9 }),
  new PDU("data_sm", { ...addresses, message_payload: Buffer.from("hello"), sequence_number: 10 }),
  new PDU("submit_sm_resp", { message_id: "0A1B", sequence_number: 2 }),
  new PDU("generic_nack", { command_status: 3, sequence_number: 2 }),
  new PDU("enquire_link", { sequence_number: 11 }),
  new PDU("alert_notification", { source_addr: "1", esme_addr: "2", sequence_number: 12 }),
].map((pdu) => pdu.toBuffer());
const toSmsc = [
  new PDU("submit_sm", {
    ...addresses,
    destination_addr: "15550100001",
    short_message: text,
    registered_delivery: 1,
    user_message_reference: 77,
    sequence_number: 5,
  }),
  new PDU("submit_sm", {
    ...addresses,
    esm_class: 0x40,
    short_message: Buffer.from([6, 8, 4, 1, 2, 2, 1, 65]),
    validity_period: "000001000000000R",
    sequence_number: 6,
  }),
  new PDU("submit_sm", { ...addresses, data_coding: 8, message_payload: Buffer.alloc(400, 4), sequence_number: 7 }),
  new PDU("deliver_sm_resp", { message_id: "", sequence_number: 1 }),
  new PDU("enquire_link", { sequence_number: 9 }),
  new PDU("query_sm", { message_id: "0A1B", sequence_number: 10 }),
  new PDU("bind_transceiver", { system_id: "us", password: "x", sequence_number: 11 }),
].map((pdu) => pdu.toBuffer());

/** Wounded PDUs; of most the length is put right, so that what follows it is read as well. */
function wounded(mutator: Mutator, originals: readonly Buffer[]): Buffer {
  const pdus = Array.from({ length: batch }, () => {
    const bytes = mutator.bytes(pick(mutator.random, originals));
    if (bytes.length >= 16 && intBetween(mutator.random, 0, 400) > 0) bytes.writeUInt32BE(bytes.length, 0);
    return bytes.length < 16 && intBetween(mutator.random, 0, 50) > 0 ? Buffer.alloc(0) : bytes;
  });
  return Buffer.concat(pdus);
}

t.test("10,000 wounded PDUs of an SMSC: every bind comes back, and the next message is sent", async (t) => {
  const mutator = new Mutator(61);
  let left = count / batch;
  let sockets = 0;
  const through = Promise.withResolvers<void>();
  const server = createServer((socket: Socket) => {
    sockets += 1;
    socket.on("error", () => socket.destroy());
    let held = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 16 && held.length >= held.readUInt32BE(0)) {
        const octets = held.subarray(0, held.readUInt32BE(0));
        held = held.subarray(octets.length);
        const [id, sequence] = [octets.readUInt32BE(4), octets.readUInt32BE(12)];
        const answer = (name: string) => socket.write(new PDU(name, { message_id: "OK", system_id: "x", sequence_number: sequence }).toBuffer());
        if (id === 9) answer("bind_transceiver_resp");
        if (id === 4) answer("submit_sm_resp");
        if (id === 0x15) answer("enquire_link_resp");
        if (id === 6) answer("unbind_resp");
        if (id !== 9 && !(id === 0x80000015 && sequence === 0x7abc)) continue;
        // Bound, or through with a batch.
        if (left === 0) {
          socket.setTimeout(0);
          through.resolve();
          return;
        }
        left -= 1;
        // Behind the batch stands something that is answered if it is still understood; a length that is too great swallows it.
        socket.write(Buffer.concat([wounded(mutator, fromSmsc), new PDU("enquire_link", { sequence_number: 0x7abc }).toBuffer()]));
        socket.setTimeout(150, () => socket.destroy());
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const { binds, until } = await open(t, [bindTo(port, { enquireLinkMs: 3_600_000, responseTimeoutMs: 600_000 })], { clock: hasty, wait: false });
  await through.promise;
  await until(() => binds.all[0]?.up === true);
  t.match(await binds.submit("main", message("+15550100001", "x")), [{ end: "accepted", remoteId: "OK" }]);
  t.ok(sockets > 1, `${sockets} connections`);
});

t.test("10,000 wounded PDUs of a client: the SMSC takes the next one", async (t) => {
  const mutator = new Mutator(62);
  const smsc = await startSmsc(t, { keepBooks: false, personas: { mix: { delivered: 1, "says-stop": 1 } } });
  const bind = new PDU("bind_transceiver", { system_id: "us", password: "x", sequence_number: 1 }).toBuffer();
  const probe = new PDU("enquire_link", { sequence_number: 0x7abc }).toBuffer();
  let answered = 0;
  for (let left = count / batch; left > 0; left -= 1) {
    const socket = connect(smsc.port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.setTimeout(150, () => socket.destroy());
      let heard = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        heard = Buffer.concat([heard.subarray(-16), chunk]);
        if (!heard.includes(Buffer.from("800000150000000000007abc", "hex"))) return;
        answered += 1;
        socket.destroy();
      });
      socket.write(Buffer.concat([bind, wounded(mutator, toSmsc), probe]));
    });
  }
  t.ok(answered > 0, `${answered} of ${count / batch} batches were read to their end`);
  const { binds } = await open(t, [bindTo(smsc.port)]);
  t.match(await binds.submit("main", message("+15550109710", "x")), [{ end: "accepted" }]);
});
