import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import esl from "drachtio-modesl";
import t, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import type { CollectRequest, PromptFile } from "../../src/ivr/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { readWav, writeWav } from "../../src/lab/media/wav.ts";
import type { Endpoint } from "../../src/voice/ports.ts";
import { until } from "../harness/far-side.ts";
import { type SideBySide, sideBySide } from "../harness/side-by-side.ts";
import { Telephone } from "../lab/telephone.ts";
import { labFar, type MediaFar, realFar } from "./media-far.ts";
import { noRealMedia } from "./real-address.ts";

/* What the suites of the contract of Media share: prompts, telephones, and the far sides they run against. */

export const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
export const folder = await mkdtemp(join(tmpdir(), "carillon-media-"));
t.teardown(() => rm(folder, { recursive: true }));

/** A prompt nobody has heard before, and its samples. */
async function makePrompt(name: string, durationMs: number, ofSeed: number): Promise<PromptFile & { readonly pcm: Int16Array }> {
  const pcm = speech({ durationMs }, seed + ofSeed);
  const path = join(folder, `${name}.wav`);
  await writeFile(path, writeWav(pcm), { mode: 0o644 });
  return { path, durationMs, pcm };
}

export const short = await makePrompt("short", 500, 1);
export const second = await makePrompt("second", 700, 2);
export const medium = await makePrompt("medium", 2500, 7);
export const third = await makePrompt("third", 1500, 4);
export const fourth = await makePrompt("fourth", 1500, 5);
export const fifth = await makePrompt("fifth", 1500, 6);
export const long = await makePrompt("long", 20_000, 3);
export const goodbye = readWav(await readFile(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url)));

export function hears(telephone: Telephone, pcm: Int16Array): boolean {
  return findSound(telephone.hearing.audio, "PCMU", pcm).complete;
}

/** What FreeSWITCH answers a command, on an event socket of its own. */
export function askFreeswitch({ addresses }: MediaFar, command: string): Promise<string> {
  const { address, port, password } = addresses.freeswitch;
  return new Promise((resolve, reject) => {
    const connection = new esl.Connection(address, port, password, () => {
      connection.api(command, (answer: { getBody(): string }) => {
        resolve(answer.getBody().trim());
        connection.disconnect();
      });
    });
    connection.on("error", reject);
  });
}

/**
 * Resolves when the last second of it was heard. The end of a channel may overtake its last packets; and a machine that is held up for a
 * moment loses one somewhere, which is not what is asked here.
 */
export async function hearsEnd(telephone: Telephone, pcm: Int16Array): Promise<boolean> {
  const heard = () => findSound(telephone.hearing.audio, "PCMU", pcm.subarray(-8000)).fraction > 0.9;
  await until(heard, "the end of the sound", 2000).catch(() => {});
  return heard();
}

/** One speaks until the other has heard most of it: a bridge begins in the middle of what is said, and a busy machine loses packets. */
export async function converse(speaker: Telephone, listener: Telephone, pcm: Int16Array): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await speaker.say(pcm);
    const heard = () => findSound(listener.hearing.audio, "PCMU", pcm).fraction > 0.7;
    await until(heard, "what was said", 300).catch(() => {});
    if (heard()) return;
  }
  throw new Error("they do not hear each other");
}

export function entry(change: Partial<CollectRequest> = {}): CollectRequest {
  return { prompts: [long], minDigits: 1, maxDigits: 1, firstDigitMs: 300, interDigitMs: 300, terminators: "", bargeIn: true, ...change };
}

export async function setUp(t: Test, far: MediaFar, node: string) {
  const { drachtio, freeswitch } = far.addresses;
  const connection = await connectDrachtio(drachtio, far.clock, silentLog);
  const medias: FreeswitchMedia[] = [];
  const newMedia = async (name: string) => {
    const server = { ...freeswitch, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 };
    const media = new FreeswitchMedia([server], connection.srf, name, far.clock, silentLog);
    medias.push(media);
    await media.connect();
    return media;
  };
  const ticker = far.newTicker();
  const telephones: Telephone[] = [];
  const newTelephone = async () => {
    const telephone = await new Telephone(seededRandom(seed + telephones.length + medias.length), ticker, far.clock).open();
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
    connection,
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

/**
 * Runs the suite over the lab, and over real daemons when CARILLON_TEST_FREESWITCH and CARILLON_TEST_DRACHTIO say where they are. Its tests wait for sound most of the
 * time: those of `parts` run side by side.
 */
export function overEach(what: string, suite: (t: Test, far: MediaFar, node: string, parts: SideBySide) => void): void {
  const over = (name: string, start: () => Promise<MediaFar>) => {
    t.test(name, async (t) => {
      const far = await start();
      t.comment(`seed ${seed}`);
      t.teardown(() => far.close());
      const node = `contract-${seed}-${name.length}`;
      const parts = sideBySide(t, 3);
      suite(t, far, node, parts);
      await parts.all();
      t.test("nothing is left over there", async (t) => {
        await until(() => far.leaks().length === 0, "everything released").catch(() => {});
        t.same(far.leaks(), []);
        const { media } = await setUp(t, far, node);
        t.same(await media.orphans(), []);
      });
    });
  };
  over(`${what} over the lab's FreeSWITCH`, () => labFar(seed));
  const real = realFar(process.env);
  if (real) over(`${what} over a real FreeSWITCH`, async () => real);
  else t.test(`${what} over a real FreeSWITCH`, { skip: noRealMedia }, async () => {});
}
