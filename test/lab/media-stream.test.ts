import { createSocket } from "node:dgram";
import t from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { KeyDetector } from "../../src/lab/media/dtmf.ts";
import { RtpSocket } from "../../src/lab/media/rtp-socket.ts";
import { RtpStream } from "../../src/lab/media/rtp-stream.ts";
import { Sound } from "../../src/lab/media/sound.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { handBeat } from "./hand-beat.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);

t.test("the ticker keeps time without drift or bursts", async (t) => {
  const beat = handBeat();
  const ticker = new Ticker(beat);
  const counts = [0, 0, 0, 0, 0];
  const frames = counts.map((_, at) => () => {
    counts[at] = (counts[at] ?? 0) + 1;
  });
  for (const frame of frames) ticker.add(frame);
  const random = seededRandom(seed);
  let passed = 0;
  while (passed < 10_000) {
    const step = Math.min(10_000 - passed, 1 + random.next() * 30);
    passed += step;
    beat.pass(step);
  }
  t.ok(
    counts.every((count) => count >= 499 && count <= 500),
    `500 frames in 10 s, seed ${seed}: ${counts}`,
  );
  const before = counts[0] ?? 0;
  beat.pass(1000);
  t.ok((counts[0] ?? 0) - before <= 26, "a second late: half of it is let go");
  t.ok(ticker.skippedFrames >= 24);
  for (const frame of frames) ticker.remove(frame);
  const after = [...counts];
  beat.pass(1000);
  t.same(counts, after, "nothing runs without streams");
  let again = 0;
  const self = (): void => {
    again++;
    ticker.remove(self);
    if (again < 3) ticker.add(self);
  };
  ticker.add(self);
  beat.pass(20);
  for (let turn = 0; turn < 20; turn++) beat.pass(20);
  t.equal(again, 3, "leaving and coming back within a turn keeps one beat");
});

t.test("a stream carries sound and keys over RTP without loss", async (t) => {
  const random = seededRandom(seed);
  const host = "127.0.0.1";
  const near = new RtpSocket({ host, random });
  const far = new RtpSocket({ host, random });
  await Promise.all([near.open(), far.open()]);
  const ticker = new Ticker();
  t.teardown(async () => {
    ticker.close();
    await Promise.all([near.close(), far.close(), near.close()]);
  });
  t.equal(near.port % 2, 0);
  near.remote = { host, port: far.port };
  const stream = new RtpStream({ socket: near, ticker, law: "PCMA", eventPayloadType: 101, quiet: true });
  const sound = new Sound(speech({ durationMs: 330 }, 3), 2);
  const bytes = sound.bytes("PCMA");
  const took: number[] = [];
  const keys: string[] = [];
  const marks: boolean[] = [];
  const sequences: number[] = [];
  const detector = new KeyDetector((press) => keys.push(press.key));
  const { promise: done, resolve } = Promise.withResolvers<void>();
  far.onPacket = (payloadType, sequence, timestamp, marker, payload) => {
    sequences.push(sequence);
    marks.push(marker);
    if (payloadType === 8) took.push(...payload);
    else detector.push(timestamp, payload);
    if (keys.join("") === "1#" && took.length === 34 * 160) resolve();
  };
  stream.press("1", 60);
  stream.press("#", 60);
  stream.play(bytes, () => {}, sound.times);
  stream.start();
  await done;
  stream.stop();
  const padded = new Uint8Array(17 * 160).fill(0xd5);
  padded.set(bytes);
  t.same(Uint8Array.from(took), Uint8Array.from([...padded, ...padded]), "both rounds, byte for byte, the last frame filled up");
  t.ok(sequences.every((sequence, at) => at === 0 || sequence === (((sequences[at - 1] ?? 0) + 1) & 0xffff)));
  t.equal(marks.filter(Boolean).length, 4, "a marker at each key and wherever talk begins again");
  t.equal(far.packetsIn, near.packetsOut);
  t.same(far.lastFrom, { host, port: near.port });

  const stranger = createSocket("udp4");
  t.teardown(() => stranger.close());
  const taken = far.packetsIn;
  for (const junk of [
    Buffer.alloc(0),
    Buffer.from("x"),
    Buffer.alloc(200, 0xff),
    Buffer.from([0x8f, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(172, 0),
  ]) {
    stranger.send(junk, far.port, host);
  }
  const { promise: good, resolve: came } = Promise.withResolvers<void>();
  far.onPacket = () => came();
  stranger.send(Buffer.concat([Buffer.from([0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(160)]), far.port, host);
  await good;
  t.equal(far.packetsIn, taken + 1, "junk is not taken for RTP");
  t.equal(far.hostilePackets, 5);

  const strict = new RtpSocket({ host, random, strict: true });
  await strict.open();
  t.teardown(() => strict.close());
  strict.remote = { host, port: near.port };
  const { promise: known, resolve: heard } = Promise.withResolvers<void>();
  strict.onPacket = () => heard();
  const foreign = Buffer.concat([Buffer.from([0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(160)]);
  await new Promise((sent) => stranger.send(foreign, strict.port, host, sent));
  near.remote = { host, port: strict.port };
  near.send(8, false, bytes, 0, 160);
  await known;
  t.same([strict.packetsIn, strict.strayPackets], [1, 1], "a strict end listens to nobody else");
});
