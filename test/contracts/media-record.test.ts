import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { spokenMs } from "../../src/adapter/freeswitch/recording.ts";
import type { RecordRequest } from "../../src/ivr/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { linearTable } from "../../src/lab/media/g711.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { readWav, writeWav } from "../../src/lab/media/wav.ts";
import { guardSlackMs, hold } from "../../src/voice/hold-session.ts";
import { inTime, until } from "../harness/far-side.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { Telephone } from "../lab/telephone.ts";
import { labFar, type MediaFar, realFar, startMediaProcess } from "./media-far.ts";
import { noRealMedia } from "./real-address.ts";

/*
 * What a recording must be. Runs against the lab's FreeSWITCH, and against a real one as media.test.ts does; that one must be able to write to this machine's
 * temporary folder.
 */

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const folder = await mkdtemp(join(tmpdir(), "carillon-record-"));
await chmod(folder, 0o777);
t.teardown(() => rm(folder, { recursive: true }));
const promptPcm = speech({ durationMs: 600 }, seed);
const prompt = { path: join(folder, "prompt.wav"), durationMs: 600 };
await writeFile(prompt.path, writeWav(promptPcm), { mode: 0o644 });
const goodbye = readWav(await readFile(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url)));
const words = speech({ durationMs: 1500 }, seed + 1);

function request(name: string, change: Partial<RecordRequest> = {}): RecordRequest {
  return { name, prompts: [prompt], maxMs: 20_000, silenceMs: 1000, terminators: "#", beep: true, ...change };
}

/** Each set-up is a node of its own. */
let nodes = 0;

async function setUp(t: Test, far: MediaFar, dir = folder) {
  const { drachtio, freeswitch } = far.addresses;
  const connection = await connectDrachtio(drachtio, far.clock, silentLog);
  const server = { ...freeswitch, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20, recordings: { dir, mediaDir: dir } };
  nodes += 1;
  const media = new FreeswitchMedia([server], connection.srf, `record-${seed}-${nodes}`, far.clock, silentLog);
  await media.connect();
  const ticker = far.newTicker();
  const telephones: Telephone[] = [];
  t.teardown(async () => {
    await media.close();
    connection.close();
    await Promise.all(telephones.map((telephone) => telephone.close()));
    ticker.close();
  });
  return async () => {
    const [endpoint, telephone] = await Promise.all([media.open(), new Telephone(seededRandom(seed + telephones.length), ticker, far.clock).open()]);
    telephones.push(telephone);
    await endpoint.attach(telephone.sdp());
    telephone.connect(endpoint.localSdp);
    return { endpoint, telephone, beeps: () => telephone.until(({ audio }) => toneMs(audio.subarray(-listenBytes)) >= heardToneMs) };
  };
}

const frameBytes = 160;
/** So much of the end of what was heard is looked at. */
const listenBytes = 4000;
/** Of 1.5 s of speech: a machine that is slow loses packets of it. */
const mostOfItMs = 800;
/** Of the 300 ms it lasts, whole frames. */
const heardToneMs = 240;

/** For how long there was nothing but 1000 Hz, ms. Two FreeSWITCHes make other bytes of the same tone, so it is told by its period: half of it is four samples. */
function toneMs(audio: Uint8Array): number {
  const linear = linearTable("PCMU");
  let longest = 0;
  for (let at = audio.length % frameBytes, run = 0; at < audio.length; at += frameBytes) {
    const frame = Array.from(audio.subarray(at, at + frameBytes), (byte) => linear[byte] ?? 0);
    const energy = frame.reduce((sum, sample) => sum + sample * sample, 0);
    const rest = frame.slice(4).reduce((sum, sample, n) => sum + (sample + (frame[n] ?? 0)) ** 2, 0);
    run = energy / frameBytes > 100_000 && rest < energy / 10 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return (longest * frameBytes) / 8;
}

/** Left and right of a file of two channels. */
function sides(file: Buffer): readonly [Int16Array, Int16Array] {
  const first = file.indexOf("data", 12, "latin1") + 8;
  const samples = Array.from({ length: Math.floor((file.length - first) / 2) }, (_, at) => file.readInt16LE(first + at * 2));
  const side = (which: number) => Int16Array.from(samples.filter((_, at) => at % 2 === which));
  return [side(0), side(1)];
}

function suite(name: string, start: () => Promise<MediaFar>): void {
  t.test(name, async (t) => {
    const far = await start();
    t.comment(`seed ${seed}`);
    t.teardown(() => far.close());
    const parts = sideBySide(t, 4);

    parts.test("prompt, tone, and then what is said, until somebody is silent", async (t) => {
      const { endpoint, telephone, beeps } = await (await setUp(t, far))();
      const recording = endpoint.record(request("7-comment-3"));
      await beeps();
      t.ok(findSound(telephone.hearing.audio, "PCMU", promptPcm).complete, "the prompt before the tone");
      await telephone.say(words);
      const end = await recording;
      t.match(end, { end: "recorded", recording: "7-comment-3.wav" });
      const file = await readFile(join(folder, "7-comment-3.wav"));
      const spoken = spokenMs(file) ?? 0;
      t.ok(spoken >= mostOfItMs && spoken <= 1520, `of 1.5 s of speech ${spoken} ms are in it`);
      const lengthMs = readWav(file).length / 8;
      t.equal("durationMs" in end && Math.abs(end.durationMs - lengthMs) < 40, true, "its length is told");
      t.equal(await endpoint.play([prompt]), "played", "and the call goes on");
    });

    parts.test("a key ends it, but not one that was pressed before the tone", async (t) => {
      const { endpoint, telephone, beeps } = await (await setUp(t, far))();
      const recording = endpoint.record(request("8-comment-3"));
      await telephone.until(({ soundRun }) => soundRun > 2);
      telephone.stream.press("#");
      await beeps();
      await telephone.say(words);
      telephone.stream.press("#");
      t.match(await recording, { end: "recorded" });
      t.ok((spokenMs(await readFile(join(folder, "8-comment-3.wav"))) ?? 0) >= mostOfItMs);
      const collected = endpoint.collect({
        prompts: [],
        minDigits: 1,
        maxDigits: 1,
        firstDigitMs: 5000,
        interDigitMs: 300,
        terminators: "",
        bargeIn: true,
      });
      telephone.stream.press("4");
      t.same(await collected, { end: "digits", digits: "4" }, "keys are keys again");
    });

    parts.test("a key that somebody listens for ends it, too, and is told; in the prompt nothing is recorded then", async (t) => {
      const { endpoint, telephone, beeps } = await (await setUp(t, far))();
      const told: string[] = [];
      endpoint.listen("9", (key) => told.push(key));
      const recording = endpoint.record(request("8-comment-4"));
      await beeps();
      await telephone.say(words);
      telephone.stream.press("9");
      t.match(await recording, { end: "recorded", recording: "8-comment-4.wav" });
      t.same(told.splice(0), ["9"]);
      const cut = endpoint.record(request("8-comment-5"));
      await telephone.until(({ soundRun }) => soundRun > 2);
      telephone.stream.press("9");
      t.same(await cut, { end: "silent" });
      t.same(told, ["9"]);
    });

    parts.test("nothing said, or no more than a click, is silent and leaves no file", async (t) => {
      const call = await setUp(t, far);
      const [mute, clicks, hurried] = await Promise.all([call(), call(), call()]);
      const ends = [mute, clicks, hurried].map(({ endpoint }, at) => endpoint.record(request(`9-silent-${at}`)));
      await Promise.all([clicks.beeps(), hurried.beeps()]);
      hurried.telephone.stream.press("#");
      await clicks.telephone.say(words.subarray(0, 800));
      t.same(await Promise.all(ends), [{ end: "silent" }, { end: "silent" }, { end: "silent" }]);
      t.same(
        (await readdir(folder)).filter((file) => file.startsWith("9-")),
        [],
      );
    });

    parts.test("stopped in the middle it keeps what was said; during the prompt it does not begin", async (t) => {
      const call = await setUp(t, far);
      const [middle, early] = await Promise.all([call(), call()]);
      const recording = middle.endpoint.record(request("10-comment-3"));
      const never = early.endpoint.record(request("10-never-1"));
      await early.telephone.until(({ soundRun }) => soundRun > 2);
      await early.endpoint.stop();
      t.same(await never, { end: "silent" });
      await middle.beeps();
      await middle.telephone.say(words);
      await middle.endpoint.stop();
      t.match(await recording, { end: "recorded", recording: "10-comment-3.wav" });
      t.ok((spokenMs(await readFile(join(folder, "10-comment-3.wav"))) ?? 0) >= mostOfItMs);
      t.notOk((await readdir(folder)).includes("10-never-1.wav"));
    });

    parts.test("no longer than it may be; lost when the channel goes or there is nowhere to write", async (t) => {
      const call = await setUp(t, far);
      const [long, gone] = await Promise.all([call(), call()]);
      const limited = long.endpoint.record(request("11-long-1", { maxMs: 1000, silenceMs: 10_000, prompts: [], beep: false }));
      const saying = long.telephone.say(speech({ durationMs: 4000 }, seed + 2));
      const lost = gone.endpoint.record(request("11-gone-1"));
      await gone.beeps();
      await gone.endpoint.close();
      t.same(await lost, { end: "lost" });
      t.match(await limited, { end: "recorded" });
      const length = readWav(await readFile(join(folder, "11-long-1.wav"))).length / 8;
      t.ok(length >= 900 && length <= 2200, `${length} ms of at most 1 s, in whole seconds`);
      await saying;
      const nowhere = await (await setUp(t, far, join(folder, "nowhere")))();
      t.same(await nowhere.endpoint.record(request("12-none-1", { prompts: [], beep: false })), { end: "lost" });
    });

    parts.test("a call is recorded beside whatever it does, both sides, and not what is said while it is masked", async (t) => {
      const call = await setUp(t, far);
      const [{ endpoint, telephone }, other] = await Promise.all([call(), call()]);
      const recording = await endpoint.recordCall("15-talk-1");
      t.equal(recording.file, "15-talk-1.wav");
      await endpoint.bridge(other.endpoint);
      await telephone.say(words);
      await recording.mask(true);
      await telephone.say(words);
      await other.telephone.say(words);
      await recording.mask(false);
      await endpoint.unbridge();
      t.equal(await endpoint.play([prompt]), "played");
      await recording.stop();
      await recording.stop();
      await telephone.say(words);
      const [said = 0, heard = 0] = sides(await readFile(join(folder, recording.file))).map((side) => spokenMs(writeWav(side)) ?? 0);
      t.ok(said >= mostOfItMs && said <= 1600, `on the left ${said} ms of what the far side said, 1.5 s before the mask`);
      t.ok(heard > 300 && heard <= 900, `on the right ${heard} ms of the prompt, and nothing of what the other one said`);
      const nowhere = await (await setUp(t, far, join(folder, "with a blank")))();
      await t.rejects(nowhere.endpoint.recordCall("15-talk-2"), { code: "recording-path" });
      await endpoint.close();
      await t.rejects(endpoint.recordCall("15-talk-3"), { code: "recording-unavailable" });
    });

    parts.test("held for longer than any guard lasts; then left alone, the goodbye; and a recording nobody ends is ended", async (t) => {
      const call = await setUp(t, far);
      const [held, recorded] = await Promise.all([call(), call()]);
      const { endpoint, telephone } = held;
      recorded.endpoint.guard(3000);
      const recording = recorded.endpoint.record(request("13-guarded-1", { silenceMs: 60_000, maxMs: 60_000 }));
      const holding = hold(endpoint, [prompt], new Promise(() => {}));
      let left: unknown;
      holding.left.then((how) => {
        left = how;
      });
      await telephone.until(({ soundMs }) => soundMs > 1.5 * guardSlackMs);
      t.equal(left, undefined, "still there");
      t.ok(findSound(telephone.hearing.audio, "PCMU", goodbye).fraction < 0.5);
      await Promise.all([holding.stop(), holding.stop()]);
      const stopped = telephone.hearing.soundMs;
      t.equal(await endpoint.play([prompt]), "played", "what follows is not stopped");
      await telephone.until(({ soundMs }) => soundMs > stopped);
      await inTime(endpoint.gone, "the goodbye to be over");
      await until(() => findSound(telephone.hearing.audio, "PCMU", goodbye.subarray(-8000)).fraction > 0.9, "the goodbye", 2000);
      t.equal(left, undefined, "and the holding was over before");
      await inTime(recorded.endpoint.gone, "the goodbye of the one who was recorded to be over");
      t.not((await inTime(recording, "the recording to be over")).end, "recorded", "nothing was said");
    });

    await parts.all();
    t.test("a process killed over a recording: the call is ended, and what was said is kept", async (t) => {
      const ticker = far.newTicker();
      const telephone = await new Telephone(seededRandom(seed + 50), ticker).open();
      const recordings = { dir: folder, mediaDir: folder };
      const order = { far: far.addresses, node: `record-${seed}-dead`, remotes: [telephone.sdp()], prompt, act: "record", recordings } as const;
      const life = startMediaProcess(order);
      t.teardown(async () => {
        await life.kill();
        await telephone.close();
        ticker.close();
      });
      const [endpoint] = (await life.reply()).endpoints ?? [];
      telephone.connect(endpoint?.localSdp);
      await telephone.until(({ audio }) => toneMs(audio.subarray(-listenBytes)) >= heardToneMs);
      await telephone.say(words);
      await life.kill();
      await until(() => far.leaks().length === 0, "the channel to be gone");
      const kept = () => readFile(join(folder, "killed.wav")).catch(() => Buffer.alloc(0));
      await until(async () => (spokenMs(await kept()) ?? 0) >= mostOfItMs, "what was said");
    });

    t.test("nothing is left over there", async (t) => {
      await until(() => far.leaks().length === 0, "everything released").catch(() => {});
      t.same(far.leaks(), []);
    });
  });
}

suite("recording over the lab's FreeSWITCH", () => labFar(seed));

const real = realFar(process.env);
if (real) suite("recording over a real FreeSWITCH", async () => real);
else t.test("recording over a real FreeSWITCH", { skip: noRealMedia }, async () => {});
