import t from "tap";
import { judgeRecording } from "../../src/adapter/tts/recording.ts";
import { levelled, levelOf, resample } from "../../src/adapter/tts/telephone.ts";
import { readWav, type Sound, wholeDurationMs, writeWav } from "../../src/adapter/tts/wav.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { foreignWav, powerAt, tone } from "./speech-kit.ts";

t.test("sound files: every form read, tones kept, aliases gone", async (t) => {
  for (const [rate, channels, bits] of [
    [8000, 1, 16],
    [16000, 1, 8],
    [22050, 1, 16],
    [44100, 2, 24],
    [48000, 2, 32],
    [48000, 1, "float"],
  ] as const) {
    const sound = readWav(foreignWav(tone(rate, 1000, 0.5), rate, channels, bits));
    t.equal(sound.sampleRate, rate);
    const at8k = resample(sound);
    t.ok(Math.abs(at8k.length - 4000) <= 1, `${rate}: half a second at 8 kHz`);
    t.ok(Math.abs(powerAt(at8k, 8000, 1000) - 0.25) < 0.02, `${rate} ${bits}: 1 kHz as loud as before`);
    t.ok(
      levelOf(resample({ sampleRate: rate, samples: tone(rate, 6000, 0.5) })).rmsDb < -45 || rate <= 8000,
      `${rate}: 6 kHz does not come back as an alias`,
    );
  }
  const samples = Int16Array.from([0, 100, -100, 32767, -32768]);
  const file = writeWav(samples);
  t.equal(file.length, 54);
  t.equal(readWav(file).samples.length, 5);
  t.equal(wholeDurationMs(writeWav(new Int16Array(8000)), 16044), 1000);
  t.equal(wholeDurationMs(writeWav(new Int16Array(8000)), 16043), undefined, "cut short");
  t.equal(wholeDurationMs(Buffer.alloc(44), 44), undefined);
  t.ok(
    Math.abs(levelOf(Float32Array.from(levelled(tone(8000, 500, 0.1, 0.05)), (v) => v / 32768)).peakDb + 3) < 0.2,
    "quiet speech is raised to -3 dB",
  );
  t.ok(Math.abs(levelOf(Float32Array.from(levelled(tone(8000, 500, 0.1, 0.5)), (v) => v / 32768)).peakDb + 6) < 0.2, "ordinary speech is left alone");
});

t.test("damaged sound files are refused, nothing worse", async (t) => {
  const seed = 8000;
  const random = seededRandom(seed);
  const good = foreignWav(tone(8000, 500, 0.02), 8000, 1, 16);
  let read = 0;
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(good.subarray(0, Math.floor(random.next() * good.length) + 1));
    for (let hits = Math.floor(random.next() * 6); hits > 0; hits--)
      bytes[Math.floor(random.next() * Math.min(70, bytes.length))] = Math.floor(random.next() * 256);
    try {
      if (readWav(bytes).samples.every(Number.isFinite)) read += 1;
    } catch (error) {
      if (!(error instanceof RangeError)) t.fail(`seed ${seed} round ${round}: ${String(error)}`);
    }
  }
  t.ok(read > 100 && read < 2000, `${read} could be read`);
  const long = foreignWav(new Float32Array(4000 * 1801), 4000, 1, 8);
  t.throws(() => readWav(long), new RangeError("it lasts 31 minutes; 30 are allowed"));
  t.equal(readWav(long.subarray(0, long.length - 4000)).samples.length, 4000 * 1800, "half an hour is allowed");
});

/** Pieces one after the other, at 16 kHz. */
function made(...pieces: Float32Array[]): Sound {
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { sampleRate: 16_000, samples };
}

t.test("recordings are judged by their level", async (t) => {
  const seed = 40;
  const random = seededRandom(seed);
  const speech = (level: number) => tone(16_000, 300, 2, level);
  const silence = (seconds: number) => new Float32Array(16_000 * seconds);
  const noise = (seconds: number, level: number) => Float32Array.from(silence(seconds), () => (random.next() - 0.5) * 2 * level);
  const cut = (sound: Float32Array, gain: number) => sound.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
  const db = (value: number) => 10 ** (value / 20);
  const click = speech(0.3);
  click.fill(1, 5000, 5003);
  const table: [string, Sound, string[]][] = [
    ["good", made(speech(0.3)), []],
    ["the loudest there is, not cut off", made(tone(16_000, 300, 2, 1)), []],
    // The level of a sine is 3 dB below its peak.
    ["just loud enough", made(speech(db(-36.5))), []],
    ["just too quiet", made(speech(db(-37.5))), ["recording-quiet"]],
    ["nothing but a little noise", made(noise(2, db(-46))), ["prompt-unplayable"]],
    ["empty", made(), ["prompt-unplayable"]],
    ["a click", made(click), []],
    ["clipped a little", made(cut(speech(1), 1.1)), ["recording-clipped"]],
    ["clipped badly", made(cut(speech(1), 8)), ["recording-clipped"]],
    ["a breath first", made(silence(0.9), speech(0.3)), []],
    ["silence first", made(silence(1.1), speech(0.3)), ["recording-late"]],
    ["a hissing line first", made(noise(1.2, db(-52)), speech(0.3)), ["recording-late"]],
    ["a pause in the middle", made(speech(0.3), silence(3), speech(0.3)), []],
    ["long silence at the end does not make it quiet", made(speech(0.02), silence(20)), []],
    ["late and quiet", made(silence(2), speech(db(-38))), ["recording-quiet", "recording-late"]],
  ];
  for (const [name, sound, codes] of table) {
    t.same(
      judgeRecording(sound).map((finding) => finding.code),
      codes,
      `${name} (seed ${seed})`,
    );
  }
});
