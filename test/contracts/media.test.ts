import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { CollectRequest, PromptFile } from "../../src/ivr/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { parseSdp } from "../../src/lab/media/sdp.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { readWav, writeWav } from "../../src/lab/media/wav.ts";
import type { Endpoint } from "../../src/voice/ports.ts";
import { until } from "../harness/far-side.ts";
import { Telephone } from "../lab/telephone.ts";
import { labFar, type MediaFar, realFar, startMediaProcess } from "./media-far.ts";

/*
 * What every Media and Endpoint must do. Runs against the lab's drachtio and FreeSWITCH, and against real ones too when
 * CARILLON_TEST_FREESWITCH=host:port:password and CARILLON_TEST_DRACHTIO=host:port:secret say where they are. A real FreeSWITCH has to have
 * the configuration in freeswitch/, be on this machine and be able to read this machine's temporary folder.
 */

t.setTimeout(180_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const folder = await mkdtemp(join(tmpdir(), "carillon-media-"));
t.teardown(() => rm(folder, { recursive: true }));

/** A prompt nobody has heard before, and its samples. */
async function makePrompt(name: string, durationMs: number, ofSeed: number): Promise<PromptFile & { readonly pcm: Int16Array }> {
  const pcm = speech({ durationMs }, seed + ofSeed);
  const path = join(folder, `${name}.wav`);
  await writeFile(path, writeWav(pcm), { mode: 0o644 });
  return { path, durationMs, pcm };
}

const short = await makePrompt("short", 500, 1);
const second = await makePrompt("second", 700, 2);
const medium = await makePrompt("medium", 2500, 7);
const third = await makePrompt("third", 1500, 4);
const fourth = await makePrompt("fourth", 1500, 5);
const fifth = await makePrompt("fifth", 1500, 6);
const long = await makePrompt("long", 20_000, 3);
const goodbye = readWav(await readFile(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url)));

function hears(telephone: Telephone, pcm: Int16Array): boolean {
  return findSound(telephone.hearing.audio, "PCMU", pcm).complete;
}

/**
 * Resolves when the last second of it was heard. The end of a channel may overtake its last packets; and a machine that is held up for a
 * moment loses one somewhere, which is not what is asked here.
 */
async function hearsEnd(telephone: Telephone, pcm: Int16Array): Promise<boolean> {
  const heard = () => findSound(telephone.hearing.audio, "PCMU", pcm.subarray(-8000)).fraction > 0.9;
  await until(heard, "the end of the sound", 2000).catch(() => {});
  return heard();
}

/** One speaks until the other has heard most of it: a bridge begins in the middle of what is said, and a busy machine loses packets. */
async function converse(speaker: Telephone, listener: Telephone, pcm: Int16Array): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await speaker.say(pcm);
    const heard = () => findSound(listener.hearing.audio, "PCMU", pcm).fraction > 0.7;
    await until(heard, "what was said", 300).catch(() => {});
    if (heard()) return;
  }
  throw new Error("they do not hear each other");
}

function entry(change: Partial<CollectRequest> = {}): CollectRequest {
  return { prompts: [long], minDigits: 1, maxDigits: 1, firstDigitMs: 300, interDigitMs: 300, terminators: "", bargeIn: true, ...change };
}

async function setUp(t: Test, far: MediaFar, node: string) {
  const { drachtio, freeswitch } = far.addresses;
  const connection = await connectDrachtio(drachtio, systemClock, silentLog);
  const medias: FreeswitchMedia[] = [];
  const newMedia = async (name: string) => {
    const server = { ...freeswitch, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 };
    const media = new FreeswitchMedia([server], connection.srf, name, systemClock, silentLog);
    medias.push(media);
    await media.connect();
    return media;
  };
  const ticker = new Ticker();
  const telephones: Telephone[] = [];
  const newTelephone = async () => {
    const telephone = await new Telephone(seededRandom(seed + telephones.length + medias.length), ticker).open();
    telephones.push(telephone);
    return telephone;
  };
  const media = await newMedia(node);
  t.teardown(async () => {
    await Promise.all(medias.map((one) => one.close()));
    connection.close();
    await Promise.all(telephones.map((telephone) => telephone.close()));
    ticker.close();
  });
  return {
    media,
    newMedia,
    newTelephone,
    /** An endpoint with a telephone that hears it and is heard. */
    async talk(): Promise<{ endpoint: Endpoint; telephone: Telephone }> {
      const [endpoint, telephone] = await Promise.all([media.open(), newTelephone()]);
      await endpoint.attach(telephone.sdp());
      telephone.connect(endpoint.localSdp);
      return { endpoint, telephone };
    },
  };
}

function suite(name: string, start: () => Promise<MediaFar>): void {
  t.test(name, async (t) => {
    const far = await start();
    const node = `contract-${seed}-${name.length}`;
    t.comment(`seed ${seed}`);
    t.teardown(() => far.close());

    t.test("an endpoint offers plain RTP, is listed as alive, and is gone when closed", async (t) => {
      const { media } = await setUp(t, far, node);
      t.equal(media.ready, true);
      const endpoint = await media.open();
      const offer = parseSdp(endpoint.localSdp);
      t.match(offer, { host: "127.0.0.1", secure: false, laws: [{ law: "PCMU" }, { law: "PCMA" }], eventPayloadType: 101 });
      t.equal(endpoint.localSdp.match(/^m=/gm)?.length, 1, "one stream: 1.11 would add one with SRTP");
      t.equal(endpoint.mediaServer, "fs-1");
      t.equal(await media.alive("fs-1", endpoint.id), true);
      t.equal(media.sessions, 1);
      await Promise.all([endpoint.close(), endpoint.close()]);
      await endpoint.gone;
      t.equal(await media.alive("fs-1", endpoint.id), false);
      t.equal(media.sessions, 0);
      t.equal(await endpoint.play([short]), "lost", "nothing can be done with it any more");
      t.same(await endpoint.collect(entry()), { end: "lost" });
      await Promise.all([endpoint.stop(), endpoint.guard(1000), endpoint.liftGuard(), endpoint.packetsReceived()]);
    });

    t.test("prompts are heard whole, one after the other; a missing one ends the play", async (t) => {
      const { talk } = await setUp(t, far, node);
      const { endpoint, telephone } = await talk();
      const packets = telephone.hearing.packets;
      const playing = endpoint.play([short, second]);
      await telephone.until(({ soundRun }) => soundRun > 0);
      const silent = telephone.hearing.packets - packets;
      t.ok(silent < 10, `it begins at once: ${silent} silent packets before it`);
      t.equal(await playing, "played");
      await telephone.until(() => hears(telephone, second.pcm));
      const [one, two] = [short, second].map(({ pcm }) => findSound(telephone.hearing.audio, "PCMU", pcm));
      t.ok(one?.complete && two?.complete, "byte for byte");
      const pauseMs = (two?.fromMs ?? 0) - (one?.fromMs ?? 0) - short.durationMs;
      t.ok(pauseMs >= 0 && pauseMs <= 60, `no pause between them: ${pauseMs} ms`);
      t.equal(await endpoint.play([{ path: join(folder, "nobody.wav"), durationMs: 500 }]), "lost");
      t.equal(await endpoint.play([short]), "played", "and the next one plays");
    });

    t.test("stop ends what plays, and only that", async (t) => {
      const { talk } = await setUp(t, far, node);
      const { endpoint, telephone } = await talk();
      await endpoint.stop();
      const playing = endpoint.play([long, long]);
      await telephone.until(({ soundRun }) => soundRun > 0);
      await endpoint.stop();
      t.equal(await playing, "played");
      t.equal(await endpoint.play([short]), "played");
      await telephone.until(() => hears(telephone, short.pcm));
      t.notOk(hears(telephone, long.pcm));
    });

    t.test("keys: barge-in, several, terminators, star and hash, too few, none", async (t) => {
      const { talk } = await setUp(t, far, node);
      const { endpoint, telephone } = await talk();
      const press = async (keys: string, request: CollectRequest) => {
        const before = telephone.hearing.soundMs;
        const collected = endpoint.collect(request);
        if (request.prompts.length > 0) await telephone.until(({ soundMs, soundRun }) => soundRun > 0 && soundMs > before);
        for (const key of keys) telephone.stream.press(key);
        return collected;
      };
      t.same(await press("5", entry()), { end: "digits", digits: "5" }, "one key cuts the prompt short");
      t.same(await press("1234", entry({ minDigits: 4, maxDigits: 4, interDigitMs: 3000 })), { end: "digits", digits: "1234" });
      t.same(await press("12#", entry({ maxDigits: 8, interDigitMs: 5000, terminators: "#" })), { end: "digits", digits: "12" });
      t.same(await press("*#0", entry({ minDigits: 3, maxDigits: 3, interDigitMs: 3000 })), { end: "digits", digits: "*#0" });
      t.same(await press("12", entry({ minDigits: 1, maxDigits: 8 })), { end: "digits", digits: "12" }, "enough when the time runs out");
      t.same(await press("12", entry({ minDigits: 4, maxDigits: 8 })), { end: "timeout", digits: "12" }, "too few, and still told");
      t.same(await press("", entry({ prompts: [short] })), { end: "timeout", digits: "" });
      t.same(await press("7", entry({ prompts: [], firstDigitMs: 5000 })), { end: "digits", digits: "7" }, "without a prompt");
      t.same(await press("#", entry({ maxDigits: 8, terminators: "#" })), { end: "timeout", digits: "" }, "only the terminator");
      t.same(
        await press("8", entry({ prompts: [second], bargeIn: false })),
        { end: "timeout", digits: "" },
        "a key into a prompt that may not be cut",
      );
      await telephone.until(() => hears(telephone, second.pcm));
      t.pass("and that prompt was heard to its end");
    });

    t.test("detached, it sends nothing; what it is sent is told by the count; attached again, it serves the next", async (t) => {
      const { talk, newTelephone } = await setUp(t, far, node);
      const { endpoint, telephone } = await talk();
      await until(async () => (await endpoint.packetsReceived()) > 10, "packets counted");
      await endpoint.detach();
      const heard = telephone.hearing.packets;
      const counted = await endpoint.packetsReceived();
      t.ok(counted > 10, "the count goes on where it was");
      const sent = telephone.packetsOut;
      await until(() => telephone.packetsOut > sent + 25, "half a second");
      t.ok(telephone.hearing.packets <= heard + 3, `nothing came any more (${telephone.hearing.packets - heard})`);
      await until(async () => (await endpoint.packetsReceived()) > counted, "a far side that goes on sending is noticed");
      telephone.stream.stop();
      let last = -1;
      const stands = async () => {
        const before = last;
        last = await endpoint.packetsReceived();
        return last === before;
      };
      await until(stands, "the count stands still when nobody sends");
      const other = await newTelephone();
      await endpoint.attach(other.sdp());
      other.connect(endpoint.localSdp);
      t.equal(await endpoint.play([short]), "played");
      await other.until(() => hears(other, short.pcm));
      t.notOk(hears(telephone, short.pcm), "the first one hears nothing of it");
      const collected = endpoint.collect(entry({ prompts: [], firstDigitMs: 5000 }));
      other.stream.press("3");
      t.same(await collected, { end: "digits", digits: "3" });
    });

    t.test("two people are connected and parted, and both can go on", async (t) => {
      const { talk } = await setUp(t, far, node);
      const [one, two] = await Promise.all([talk(), talk()]);
      await one.endpoint.bridge(two.endpoint);
      await converse(one.telephone, two.telephone, third.pcm);
      await converse(two.telephone, one.telephone, fourth.pcm);
      await one.endpoint.unbridge();
      t.same(await Promise.all([one.endpoint.play([second]), two.endpoint.play([short])]), ["played", "played"]);
      await one.telephone.until(() => hears(one.telephone, second.pcm));
      await two.telephone.until(() => hears(two.telephone, short.pcm));
      await one.endpoint.bridge(two.endpoint);
      await converse(two.telephone, one.telephone, fifth.pcm);
      await two.endpoint.close();
      t.equal(await one.endpoint.play([short]), "played", "the one who stays can be talked to");
      const gone = two.endpoint;
      await t.rejects(one.endpoint.bridge(gone), { code: "bridge-failed" });
    });

    t.test("the guard says goodbye and hangs up; renewed or lifted, it does not", async (t) => {
      const { talk, media } = await setUp(t, far, node);
      const [fires, renewed, lifted, parted, other] = await Promise.all([talk(), talk(), talk(), talk(), talk()]);
      await parted.endpoint.bridge(other.endpoint);
      await parted.endpoint.unbridge();
      await Promise.all([renewed, lifted].map(({ endpoint }) => endpoint.guard(1000)));
      await Promise.all([renewed.endpoint.guard(60_000), lifted.endpoint.liftGuard()]);
      const playing = fires.endpoint.play([long]);
      await Promise.all([fires.endpoint.guard(1000), parted.endpoint.guard(1000)]);
      await Promise.all([fires.endpoint.gone, parted.endpoint.gone]);
      t.ok(["played", "lost"].includes(await playing), "what played was cut short");
      t.ok(await hearsEnd(fires.telephone, goodbye), "the goodbye was heard to its end");
      t.ok(await hearsEnd(parted.telephone, goodbye), "after a conversation, too");
      for (const { endpoint, telephone } of [renewed, lifted]) {
        t.equal(await media.alive("fs-1", endpoint.id), true);
        t.equal(await endpoint.play([short]), "played");
        t.equal(findSound(telephone.hearing.audio, "PCMU", goodbye).fraction < 0.5, true);
      }
    });

    t.test("channels of an earlier life are found by their node, asked after and ended", async (t) => {
      const { talk, media, newMedia } = await setUp(t, far, node);
      const { endpoint } = await talk();
      const [again, stranger] = await Promise.all([newMedia(node), newMedia(`${node}-other`)]);
      // FreeSWITCH lists a channel up to half a second after it has begun; its list is a database that is written in batches.
      await until(async () => (await again.orphans()).length > 0, "listed");
      t.same(await again.orphans(), [{ mediaServer: "fs-1", endpointId: endpoint.id }]);
      t.same(await media.orphans(), [], "its own are none");
      t.same(await stranger.orphans(), [], "another node's are none");
      t.equal(await again.alive("fs-1", endpoint.id), true);
      t.equal(await again.alive("fs-2", endpoint.id), false, "on a server we do not have");
      t.equal(await again.hasPlayed("fs-1", endpoint.id), false, "nobody has heard anything there");
      await endpoint.play([short]);
      t.equal(await again.hasPlayed("fs-1", endpoint.id), true);
      const playing = endpoint.play([long]);
      await again.kill("fs-1", endpoint.id);
      await endpoint.gone;
      t.equal(await playing, "lost");
      await until(async () => !(await again.alive("fs-1", endpoint.id)), "it is gone");
      await again.kill("fs-1", endpoint.id);
      t.same(await again.orphans(), []);
    });

    t.test("a killed process: who was alone hears the goodbye, who was in conversation stays in it", async (t) => {
      const { media, newMedia, newTelephone } = await setUp(t, far, `${node}-survivor`);
      const begin = async (act: "play" | "bridge", count: number) => {
        const telephones = await Promise.all(Array.from({ length: count }, newTelephone));
        const remotes = telephones.map((telephone) => telephone.sdp());
        const life = startMediaProcess({ far: far.addresses, node: `${node}-dead`, remotes, prompt: act === "play" ? long : medium, act });
        t.teardown(() => life.kill());
        const { endpoints = [] } = await life.reply();
        telephones.forEach((telephone, at) => {
          telephone.connect(endpoints[at]?.localSdp);
        });
        const [first = await newTelephone(), other = first] = telephones;
        return { life, first, other, ids: endpoints.map(({ id }) => id) };
      };
      const gone = (ids: readonly string[]) =>
        until(async () => !(await Promise.all(ids.map((id) => media.alive("fs-1", id)))).includes(true), "channels gone", 15_000);

      const alone = await begin("play", 1);
      await alone.first.until(({ soundRun }) => soundRun > 0);
      await alone.life.kill();
      await gone(alone.ids);
      t.ok(await hearsEnd(alone.first, goodbye), "alone with a prompt: the goodbye to its end");

      const together = await begin("bridge", 2);
      await converse(together.first, together.other, third.pcm);
      await together.life.kill();
      await converse(together.other, together.first, fourth.pcm);
      t.ok(findSound(together.first.hearing.audio, "PCMU", goodbye).fraction < 0.5, "in conversation: no goodbye");
      const again = await newMedia(`${node}-dead`);
      const orphans = await again.orphans();
      t.same(orphans.map(({ endpointId }) => endpointId).sort(), [...together.ids].sort(), "and both are found again");
      const [firstId = "", otherId = ""] = together.ids;
      await again.kill("fs-1", otherId);
      await gone([otherId]);
      t.equal(await media.alive("fs-1", firstId), true, "when one hangs up, the other is not cut off at once");
      await again.kill("fs-1", firstId);
      await gone([firstId]);

      const parted = await begin("bridge", 2);
      await converse(parted.first, parted.other, third.pcm);
      await parted.life.partAndPlay();
      await parted.first.until(({ soundRun }) => soundRun > 5);
      await parted.life.kill();
      await gone(parted.ids);
      t.ok(await hearsEnd(parted.other, goodbye), "alone again after a conversation: the goodbye");
      t.ok(await hearsEnd(parted.first, goodbye), "and after what was playing, when something was");
    });

    t.test("what is wrong with FreeSWITCH is said in one line", async (t) => {
      const { drachtio, freeswitch } = far.addresses;
      const connection = await connectDrachtio(drachtio, systemClock, silentLog);
      t.teardown(() => connection.close());
      const connecting = (change: Partial<typeof freeswitch>) => {
        const server = { ...freeswitch, ...change, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 };
        return new FreeswitchMedia([server], connection.srf, node, systemClock, silentLog).connect();
      };
      await t.rejects(connecting({ password: "wrong" }), {
        code: "freeswitch-password-wrong",
        retryable: false,
        message: /^FreeSWITCH fs-1 \(127\.0\.0\.1:\d+\) refused the password\. Set [^\n]+$/,
      });
      await t.rejects(connecting({ port: 9 }), {
        code: "freeswitch-unreachable",
        retryable: true,
        message: /^FreeSWITCH fs-1 \(127\.0\.0\.1:9\) does not answer on its event socket \(ECONNREFUSED\)\. Start it[^\n]+$/,
      });
    });

    t.test("nothing is left over there", async (t) => {
      await until(() => far.leaks().length === 0, "everything released").catch(() => {});
      t.same(far.leaks(), []);
      const { media } = await setUp(t, far, node);
      t.same(await media.orphans(), []);
    });
  });
}

suite("media over the lab's FreeSWITCH", () => labFar(seed));

const real = realFar(process.env);
if (real) suite("media over a real FreeSWITCH", async () => real);
else {
  const skip = "CARILLON_TEST_FREESWITCH=host:port:password and CARILLON_TEST_DRACHTIO=host:port:secret are not both set";
  t.test("media over a real FreeSWITCH", { skip }, async () => {});
}
