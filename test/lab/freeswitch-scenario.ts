import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { pause } from "../../src/kernel/clock.ts";
import { sines, toneStream } from "../../src/lab/media/tone.ts";
import { writeWav } from "../../src/lab/media/wav.ts";
import { type Endpoint, EslClient, type EslMessage, heard, openStack, password, type Stack, seed } from "./freeswitch-kit.ts";
import type { Telephone } from "./telephone.ts";

t.comment(`SEED=${seed}`);
export const folder = mkdtempSync(join(tmpdir(), "lab-freeswitch-"));
export const goodbyeFile = join(folder, "goodbye.wav");
export const goodbye = sines([620], 700);
writeFileSync(goodbyeFile, writeWav(goodbye));
export const promptFile = join(folder, "prompt.wav");
export const prompt = sines([440, 550], 400);
writeFileSync(promptFile, writeWav(prompt));
export const tone = (ms: number, hz = 440) => `tone_stream://%(${ms},0,${hz})`;
export const pcmOf = (ms: number, hz = 440) => toneStream(tone(ms, hz)).pcm;

/** The switch all scenarios of a test file share. */
export const stack: Stack = await openStack({ goodbyeFile });
const watch = await EslClient.open(stack.freeswitch.eslPort);
await watch.command(`auth ${password}`);
await watch.command("event json RECORD_START RECORD_STOP CHANNEL_CALLSTATE CHANNEL_HANGUP_COMPLETE CUSTOM conference::maintenance");
t.teardown(async () => {
  await watch.close();
  await stack.close();
  rmSync(folder, { recursive: true });
});

/** Resolves when it holds; the test's own time limit is the end of its patience. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(systemClock, 5);
}

/** Says something until the other has heard it without a gap: on a busy machine a packet may come too late for the bridge. */
export async function tell(from: Telephone, pcm: Int16Array, ear: Telephone): Promise<void> {
  while (!heard(ear, pcm)) await from.say(pcm);
}

/** A test that leaves no channel, timer or stream behind. */
export function scenario(name: string, run: (test: Test) => Promise<void>): void {
  t.test(name, async (test) => {
    await run(test);
    await stack.hush();
    await stack.ms.api("hupall");
    await until(() => stack.freeswitch.open.channels === 0);
    test.same({ ...stack.freeswitch.open, sockets: 0 }, { channels: 0, sockets: 0, tasks: 0, streams: 0 }, "nothing is left");
  });
}

/** Resolves when sound passes between the two. */
export function together(...legs: Endpoint[]): Promise<void> {
  return until(() => legs.every((leg) => stack.freeswitch.find(leg.uuid)?.media.relay !== undefined));
}

export async function attached(): Promise<{ endpoint: Endpoint; telephone: Telephone }> {
  const endpoint = await stack.endpoint();
  return { endpoint, telephone: await stack.telephone(endpoint) };
}

/** The next event of that name, whichever channel it is about. */
export function event(name: string, values: Readonly<Record<string, string>> = {}): Promise<EslMessage> {
  const fits = ({ event: came }: EslMessage) => came["Event-Name"] === name && Object.entries(values).every(([key, value]) => came[key] === value);
  return watch.until(fits, watch.messages.length);
}

/** Any command of the event socket, with its reply. */
export function command(text: string): Promise<string> {
  return watch.command(text);
}
