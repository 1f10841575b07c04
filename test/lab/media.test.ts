import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { isKey, KeyDetector, type KeyPress, keyPackets } from "../../src/lab/media/dtmf.ts";
import { decode, encode, type Law, linearTable } from "../../src/lab/media/g711.ts";
import { answerDirection, buildSdp, parseSdp } from "../../src/lab/media/sdp.ts";
import { SoundLibrary } from "../../src/lab/media/sound.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { sines, toneStream } from "../../src/lab/media/tone.ts";
import { readWav, writeWav } from "../../src/lab/media/wav.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const laws: readonly Law[] = ["PCMU", "PCMA"];

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
  return undefined;
}

/** Level of one frequency, dBm0, by Goertzel's sum over whole periods. */
function levelAt(pcm: Int16Array, hz: number): number {
  let re = 0;
  let im = 0;
  for (let at = 0; at < pcm.length; at++) {
    const angle = (2 * Math.PI * hz * at) / 8000;
    re += (pcm[at] ?? 0) * Math.cos(angle);
    im += (pcm[at] ?? 0) * Math.sin(angle);
  }
  const peak = (2 * Math.hypot(re, im)) / pcm.length;
  return 20 * Math.log10(peak / (32767 * Math.SQRT2)) + 6.16;
}

t.test("G.711 agrees with the tables of ITU-T G.711", async (t) => {
  // µ-law: decoder output values of table 2a (14 bits there, times 4 here); A-law: table 1a (13 bits, times 8).
  const ulaw: readonly (readonly [number, number])[] = [
    [0x80, 32124],
    [0x8f, 16764],
    [0x9f, 8316],
    [0xaf, 4092],
    [0xbf, 1980],
    [0xcf, 924],
    [0xdf, 396],
    [0xef, 132],
    [0xfe, 8],
    [0xff, 0],
    [0x00, -32124],
    [0x7e, -8],
  ];
  const alaw: readonly (readonly [number, number])[] = [
    [0xaa, 32256],
    [0xa5, 16896],
    [0xb5, 8448],
    [0x85, 4224],
    [0x95, 2112],
    [0xe5, 1056],
    [0xd5, 8],
    [0x55, -8],
    [0x2a, -32256],
  ];
  for (const [byte, value] of ulaw) t.equal(linearTable("PCMU")[byte], value, `µ-law ${byte.toString(16)}`);
  for (const [byte, value] of alaw) t.equal(linearTable("PCMA")[byte], value, `A-law ${byte.toString(16)}`);
  for (const law of laws) {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    // µ-law has two zeros; the negative one is not made by an encoder.
    const expected = law === "PCMU" ? bytes.map((byte) => (byte === 0x7f ? 0xff : byte)) : bytes;
    t.same(encode(law, decode(law, bytes)), expected, `${law}: every value encodes to its own byte`);
    const ramp = Int16Array.from({ length: 65536 }, (_, at) => at - 32768);
    const back = decode(law, encode(law, ramp));
    const worst = ramp.reduce((most, sample, at) => {
      const allowed = Math.max(8, (Math.abs(sample) + 132) / 32 + 1, Math.abs(sample) > 32124 ? 700 : 0);
      return Math.max(most, Math.abs(sample - (back[at] ?? 0)) / allowed);
    }, 0);
    t.ok(worst <= 1.01, `${law}: error within half a step (${worst})`);
    t.ok(
      back.every((value, at) => at === 0 || value >= (back[at - 1] ?? 0)),
      `${law}: monotonous`,
    );
  }
});

t.test("WAV files come back as they were, and damage has a name", async (t) => {
  const pcm = speech({ durationMs: 500 }, 1);
  t.same(readWav(writeWav(pcm)), pcm);
  for (const law of laws) t.same(readWav(writeWav(encode(law, pcm), law)), decode(law, encode(law, pcm)), law);
  const odd = encode("PCMU", pcm.subarray(0, 161));
  t.equal(readWav(writeWav(odd, "PCMU")).length, 161, "a data chunk of odd length has a pad byte");

  const wide = Int16Array.from({ length: 16000 }, (_, at) => 10000 * Math.sin((2 * Math.PI * 1000 * at) / 16000));
  const narrow = readWav(writeWav(wide, "pcm", 16000));
  t.equal(narrow.length, 8000);
  t.ok(Math.abs(levelAt(narrow, 1000) - levelAt(sines([1000], 1000, 0), 1000) - 20 * Math.log10(10000 / 22802)) < 0.2, "1 kHz passes");
  const high = Int16Array.from({ length: 16000 }, (_, at) => 10000 * Math.sin((2 * Math.PI * 5500 * at) / 16000));
  t.ok(levelAt(readWav(writeWav(high, "pcm", 16000)), 2500) < -35, "5.5 kHz does not fold down to 2.5");

  const stereo = writeWav(Int16Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 1000 : 3000)));
  stereo.writeUInt16LE(2, 22);
  t.same(readWav(stereo), new Int16Array(200).fill(2000), "stereo is mixed");
  const extensible = Buffer.concat([
    Buffer.from("RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x28\0\0\0", "latin1"),
    Buffer.from([0xfe, 0xff, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0, 22, 0, 16, 0, 0, 0, 0, 0, 1, 0, ...new Uint8Array(14)]),
    Buffer.from("data\x04\0\0\0\x01\x00\x02\x00", "latin1"),
  ]);
  t.same(readWav(extensible), Int16Array.of(1, 2), "other chunks and WAVE_FORMAT_EXTENSIBLE");
  const unfinished = writeWav(pcm);
  unfinished.writeUInt32LE(0, 40);
  t.same(readWav(unfinished), pcm, "a recorder that died left the length 0");

  const whole = writeWav(pcm);
  t.equal(
    codeOf(() => readWav(Buffer.from("not a wav at all"))),
    "wav-broken",
  );
  t.equal(
    codeOf(() => readWav(whole.subarray(0, 100))),
    "wav-broken",
  );
  t.equal(
    codeOf(() => readWav(whole.subarray(0, 36))),
    "wav-broken",
  );
  t.equal(
    codeOf(() => readWav(writeWav(pcm, "pcm", 11025))),
    "wav-unsupported",
  );
  const eight = writeWav(pcm);
  eight.writeUInt16LE(8, 34);
  t.equal(
    codeOf(() => readWav(eight)),
    "wav-unsupported",
  );
  const random = seededRandom(seed);
  for (let round = 0; round < 500; round++) {
    const bent = Buffer.from(whole.subarray(0, intBetween(random, 0, 200)));
    for (let hit = 0; hit < 4 && bent.length > 0; hit++) bent[intBetween(random, 0, bent.length - 1)] = intBetween(random, 0, 255);
    const code = codeOf(() => readWav(bent));
    if (code !== undefined && !code.startsWith("wav-")) t.fail(`seed ${seed}: ${code}`);
  }
});

t.test("tones have their frequencies, levels and lengths", async (t) => {
  const ring = toneStream("tone_stream://v=-10;%(400,200,440,480);loops=3");
  t.equal(ring.times, 3);
  t.equal(ring.pcm.length, 600 * 8);
  t.ok(Math.abs(levelAt(ring.pcm.subarray(0, 3200), 440) - -16.02) < 0.2, "half the peak each: 6 dB below");
  t.ok(Math.abs(levelAt(ring.pcm.subarray(0, 3200), 480) - -16.02) < 0.2);
  t.ok(levelAt(ring.pcm.subarray(0, 3200), 1000) < -45);
  t.ok(
    ring.pcm.subarray(3200).every((sample) => sample === 0),
    "off is silent",
  );
  t.equal(toneStream("%(100,0,1000);loops=-1").times, Number.POSITIVE_INFINITY);
  t.equal(toneStream("l=3;%(100,100,1000)").pcm.length, 600 * 8);
  const digits = toneStream("d=100;w=50;59#").pcm;
  t.equal(digits.length, 3 * 150 * 8);
  t.ok(
    Math.abs(levelAt(digits.subarray(0, 800), 770) - -13) < 0.3 && Math.abs(levelAt(digits.subarray(0, 800), 1336) - -13) < 0.3,
    "5 is 770 and 1336 Hz",
  );
  for (const wrong of ["", "%(100,100", "%(100,100)", "q=1;%(1,1,440)", "%(1000,0,9000)", "%(9999999,0,440)", "l=99999;%(1000,0,440)"]) {
    t.equal(
      codeOf(() => toneStream(wrong)),
      "tone-syntax",
      JSON.stringify(wrong),
    );
  }
});

t.test("one press is one key, whatever happens on the way", async (t) => {
  const random = seededRandom(seed);
  for (let round = 0; round < 300; round++) {
    const pressed: string[] = [];
    const heard: KeyPress[] = [];
    const detector = new KeyDetector((press) => heard.push(press));
    let timestamp = (0xffffffff - 3000 + round) >>> 0;
    for (let count = 0; count < 5; count++) {
      const key = "0123456789*#ABCD"[intBetween(random, 0, 15)] ?? "0";
      pressed.push(key);
      const packets = keyPackets(key, intBetween(random, 40, 300));
      // At least one of the packets comes through, the others may be lost, doubled or overtaken.
      const sure = intBetween(random, 0, packets.length - 1);
      const sent = packets.filter((_, at) => at === sure || random.next() > 0.3);
      if (random.next() < 0.5) sent.push(...sent.slice(-2));
      if (random.next() < 0.5) sent.sort(() => random.next() - 0.5);
      for (const packet of sent) detector.push(timestamp, packet);
      const stale = heard.at(-1);
      if (stale && random.next() < 0.3) detector.push(stale.rtpTimestamp, packets[0] ?? new Uint8Array());
      timestamp = (timestamp + 4000) >>> 0;
      detector.quiet(timestamp);
    }
    t.equal(heard.map((press) => press.key).join(""), pressed.join(""), `seed ${seed} round ${round}`);
  }
  const durations: number[] = [];
  const detector = new KeyDetector((press) => durations.push(press.duration));
  for (const packet of keyPackets("5", 120)) detector.push(7, packet);
  for (const junk of [[], [1], [99, 0x80, 0, 0], [1, 0x80, 1]]) detector.push(9999, Uint8Array.from(junk));
  t.same(durations, [960], "120 ms are 960 samples, and junk is no key");
  t.ok(isKey("#") && !isKey("") && !isKey("55") && !isKey("E"));
});

t.test("SDP is read and written", async (t) => {
  const built = buildSdp({
    host: "127.0.0.1",
    port: 20274,
    laws: ["PCMU", "PCMA"],
    eventPayloadType: 101,
    sessionId: 1,
    version: 2,
    direction: "sendonly",
  });
  t.match(parseSdp(built), {
    host: "127.0.0.1",
    port: 20274,
    laws: [
      { law: "PCMU", payloadType: 0 },
      { law: "PCMA", payloadType: 8 },
    ],
    eventPayloadType: 101,
    direction: "sendonly",
    ptimeMs: 20,
    secure: false,
  });
  const two = `v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:1 X\r\n${"m=audio 4002 RTP/AVP 8 18 96\nc=IN IP4 10.0.0.2/127\na=rtpmap:96 telephone-event/8000\na=recvonly\n"}`;
  t.match(parseSdp(two), { host: "10.0.0.2", port: 4002, laws: [{ law: "PCMA" }], eventPayloadType: 96, direction: "recvonly", secure: false });
  t.equal(parseSdp("m=audio 4000 RTP/SAVP 0")?.secure, true);
  t.equal(parseSdp("m=video 4000 RTP/AVP 31"), undefined);
  t.equal(parseSdp("m=audio -5 RTP/AVP x y 0")?.port, 0);
  t.same(
    ["sendonly", "recvonly", "inactive", "sendrecv"].map((word) => answerDirection(word as "inactive")),
    ["recvonly", "sendonly", "inactive", "sendrecv"],
  );
  const random = seededRandom(seed);
  for (let round = 0; round < 500; round++) {
    const bent = [...two].map((letter) => (random.next() < 0.05 ? String.fromCharCode(intBetween(random, 0, 255)) : letter)).join("");
    t.equal(
      codeOf(() => parseSdp(bent)),
      undefined,
      `seed ${seed}`,
    );
  }
});

/** A beat whose time is moved by hand. */
t.test("sounds are read once and again after a change", async (t) => {
  const folder = await mkdtemp(path(tmpdir(), "carillon-sound-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const library = new SoundLibrary();
  const file = path(folder, "a.wav");
  await writeFile(file, writeWav(speech({ durationMs: 100 }, 1)));
  const first = await library.load(file);
  t.equal(await library.load(file), first);
  t.equal(first.bytes("PCMU"), first.bytes("PCMU"));
  t.equal(first.durationMs, 100);
  await writeFile(file, writeWav(speech({ durationMs: 200 }, 1)));
  t.equal((await library.load(file)).durationMs, 200);
  t.equal((await library.load("silence_stream://250")).durationMs, 250);
  t.equal((await library.load("silence_stream://-1")).times, Number.POSITIVE_INFINITY);
  t.equal((await library.load("tone_stream://%(100,100,1000);loops=2")).times, 2);
  await t.rejects(library.load(path(folder, "none.wav")), { code: "file-not-found" });
});
