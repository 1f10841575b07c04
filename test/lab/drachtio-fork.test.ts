import { createSocket } from "node:dgram";
import { once } from "node:events";
import t from "tap";
import { readCapture } from "../../src/adapter/drachtio/capture.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { until } from "../harness/far-side.ts";
import { openAgent, seed, type TestAgent } from "./sip-kit.ts";
import { ask, closeSrf, openSrf } from "./srf-kit.ts";

/* Two answers to one INVITE, and the copies of SIP that let an app know of the second: as measured with drachtio-server v0.9.10 and its log. */

const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
/** In the order in which the real one writes them. */
const chunkTypes = [1, 2, 7, 8, 9, 10, 11, 12, 3, 4, 15];

async function open() {
  const copies = createSocket("udp4");
  const packets: Buffer[] = [];
  copies.on("message", (packet) => packets.push(packet));
  copies.bind(0, "127.0.0.1");
  await once(copies, "listening");
  const lab = new LabDrachtio({
    clock: systemClock,
    random: seededRandom(seed),
    log: silentLog,
    host: "127.0.0.1",
    adminPort: 0,
    sipPort: 0,
    secret: "cymru",
    timers: { t1Ms: 50 },
    capture: { host: "127.0.0.1", port: copies.address().port },
  });
  await lab.listen();
  const srf = await openSrf(lab);
  const carrier = await openAgent();
  return {
    lab,
    srf,
    carrier,
    packets,
    async close() {
      closeSrf(srf);
      await Promise.all([lab.close(), carrier.agent.close(), new Promise<void>((resolve) => copies.close(() => resolve()))]);
    },
  };
}

function nextCall(carrier: TestAgent): Promise<IncomingCall> {
  return new Promise((resolve) => {
    carrier.agent.onInvite = resolve;
  });
}

function acksIn(carrier: TestAgent): string[] {
  return carrier.wire.filter(({ direction, text }) => direction === "in" && text.startsWith("ACK ")).map(({ text }) => text);
}

function typesIn(packet: Buffer): number[] {
  const types: number[] = [];
  for (let at = 6; at < packet.length; at += packet.readUInt16BE(at + 4)) types.push(packet.readUInt16BE(at + 2));
  return types;
}

for (const transport of ["udp", "tcp"]) {
  t.test(`a second answer over ${transport} is not told to the app, which can end it outside any dialog`, async (t) => {
    const { srf, carrier, packets, close } = await open();
    t.teardown(close);
    const arriving = nextCall(carrier);
    const placing = srf.createUAC(carrier.uri("bob", `;transport=${transport}`), { localSdp: sdp });
    const call = await arriving;
    const first = await call.answer(sdp);
    const dialog = await placing;
    const [ack] = acksIn(carrier);
    const answering = call.answer(sdp);
    const found = () => packets.map(readCapture).filter((copy) => copy?.text.startsWith("SIP/2.0 200"))[1];
    await until(() => found() !== undefined, "a copy of the second answer");
    if (transport === "udp") {
      await until(() => acksIn(carrier).length > 1, "the second ACK");
      t.equal(acksIn(carrier)[1], ack, "taken for a repetition: the first ACK once more");
    }
    const copy = found()?.text ?? "";
    t.equal(found()?.from.port, carrier.agent.port);
    t.equal(found()?.from.transport, transport);
    const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, "m").exec(copy)?.[1] ?? "";
    const headers = { From: header("From"), To: header("To"), "Call-ID": header("Call-ID") };
    const sequence = Number.parseInt(header("CSeq"), 10);
    const uri = /<(.*)>/.exec(header("Contact"))?.[1];
    srf.request({ method: "ACK", uri, headers: { ...headers, CSeq: `${sequence} ACK` } }, () => {});
    t.equal((await ask(srf, { method: "BYE", uri, headers: { ...headers, CSeq: `${sequence + 1} BYE` } })).status, 200);
    t.equal(await (await answering)?.ended, "remote");
    t.equal(first?.isEnded, false, "the call goes on");
    await dialog.destroy();
  });
}

t.test("every message that passes is copied, with who sent it", async (t) => {
  const { lab, srf, carrier, packets, close } = await open();
  t.teardown(close);
  t.equal((await ask(srf, { method: "OPTIONS", uri: carrier.uri("bob"), headers: {} })).status, 200);
  await until(() => packets.length === 2, "two copies");
  t.same(packets.map(typesIn), [chunkTypes, chunkTypes]);
  t.match(packets.map(readCapture), [
    { text: /^OPTIONS sip:bob@/, from: { host: "127.0.0.1", port: lab.sipPort, transport: "udp" } },
    { text: /^SIP\/2\.0 200 OK\r\n/, from: { host: "127.0.0.1", port: carrier.agent.port, transport: "udp" } },
  ]);
  const [packet = Buffer.alloc(0)] = packets;
  const pieces = Array.from({ length: packet.length }, (_, length) => readCapture(packet.subarray(0, length)));
  t.notOk(pieces.find(Boolean), "a piece of one is none");
});
