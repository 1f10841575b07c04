import t from "tap";
import { TapStream } from "../../src/adapter/freeswitch/tap-stream.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { payloadTypeOf } from "../../src/lab/media/g711.ts";
import { detectionOf, refusal } from "../../src/voice/amd/campaign.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

/* RTP made into sound without holes: what is lost, late, twice, foreign or no RTP at all. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);

function packet(sequence: number, { at = sequence * 160, source = 7, type = 0, code = 0x80, length = 160 } = {}): Buffer {
  const bytes = Buffer.alloc(12 + length, code);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(sequence & 0xffff, 2);
  bytes.writeUInt32BE(at >>> 0, 4);
  bytes.writeUInt32BE(source, 8);
  return bytes;
}

function setUp() {
  const clock = new VirtualClock();
  const stream = new TapStream(clock);
  const line: string[] = [];
  const stop = stream.listen((frame, heard) => {
    if (frame.length !== 160) line.push("!");
    line.push(heard ? "#" : frame.some((sample) => sample !== 0) ? "~" : "_");
  });
  return { clock, stream, line, stop, text: () => line.join("") };
}

/** The watch of a stream lets packets be read first. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test("frames come as they are said; what is lost has the same length", async (t) => {
  const { stream, text } = setUp();
  for (const sequence of [1, 2, 3, 6, 5, 6, 7]) stream.packet(packet(sequence));
  t.equal(text(), "###~~##", "4 and 5 are lost, and come too late after 6; 6 comes twice");
  stream.packet(packet(13));
  t.equal(text(), "###~~##~~~__#", "60 ms sound on, the rest is silent");
  stream.packet(packet(14, { length: 320 }));
  t.equal(text(), "###~~##~~~__###", "40 ms in one packet");
  stream.packet(packet(15, { at: 40_000_000 }));
  t.equal(text(), "###~~##~~~__####", "a new time begins: nobody waits for an hour of silence");
  stream.packet(packet(1, { source: 8, at: 99 }));
  t.equal(text(), "###~~##~~~__#####", "and so does another source");
});

t.test("when nothing comes time goes on, and is not counted twice", async (t) => {
  const { clock, stream, text, stop } = setUp();
  stream.packet(packet(1));
  for (let step = 0; step < 10; step++) {
    await clock.advance(100);
    await turn();
  }
  const silent = text().length - 1;
  t.ok(silent >= 38 && silent <= 42, `${silent} frames in a second, less the patience`);
  stream.packet(packet(51));
  t.equal(text().length, 51, "what the timestamp says is missing, and no more");
  stop();
  t.equal(clock.pending, 0, "no timer is left");
  stream.packet(packet(52));
  t.equal(text().length, 51);
});

t.test("whatever comes in, nothing is thrown and no frame has another length", async (t) => {
  const { clock, stream, text } = setUp();
  const random = seededRandom(seed);
  for (let turns = 0; turns < 5000; turns++) {
    const bytes = packet(turns, { type: payloadTypeOf(random.next() < 0.5 ? "PCMU" : "PCMA"), length: Math.floor(random.next() * 400) });
    for (let change = 0; change < 4; change++)
      bytes.writeUInt8(Math.floor(random.next() * 256), Math.floor(random.next() * Math.min(20, bytes.length)));
    stream.packet(bytes.subarray(0, Math.floor(random.next() * (bytes.length + 1))));
  }
  stream.packet(Buffer.alloc(0));
  stream.stop();
  t.notMatch(text(), /!/, `seed ${seed}`);
  t.ok(text().length < 5000 * 260, "a forged time makes no endless silence");
  t.equal(clock.pending, 0);
});

t.test("what a campaign may ask for", async (t) => {
  t.match(detectionOf({ profile: "b2b", tuning: { greetingMs: 3000 }, actions: { machine: "hang-up" } }, "ivr"), {
    options: { greetingMs: 3000, initialSilenceMs: 5000 },
    actions: { machine: "hang-up", fax: "hang-up", sit: "hang-up", silence: "connect", unknown: "connect" },
  });
  t.equal(refusal({ profile: "b2c", holdoutShare: 0 }, "ivr"), undefined);
  t.match(refusal({ profile: "b2c", holdoutShare: 0.05 }, "ivr"), /needs mode progressive or predictive, and this is ivr/);
  t.equal(refusal({ profile: "b2c", holdoutShare: 0.05 }, "predictive"), undefined);
  t.match(refusal({ profile: "b2c", holdoutShare: 0.05, actions: { machine: "connect" } }, "predictive"), /holds out nothing/);
  for (const tuning of [{ greetingMs: 1 }, { greeting: 3000 }, { afterGreetingSilence: [] }]) {
    t.throws(() => detectionOf({ profile: "b2c", tuning }, "ivr"), { code: "amd-refused" }, JSON.stringify(tuning));
  }
});
