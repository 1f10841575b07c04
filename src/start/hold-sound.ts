import { rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { telephoneRate, writeWav } from "../adapter/tts/wav.ts";
import type { Config } from "../config/schema.ts";
import type { PromptFile } from "../ivr/ports.ts";
import { makeFolder } from "../kernel/folder.ts";

/** Half tones above 440 Hz, one after the other: a plain tune that bears being heard for minutes. */
const tune = [0, 4, 7, 12, 7, 4, -3, 0, 4, 9, 4, 0];
const noteS = 0.75;
/** Of full scale; some -20 dBm0, below speech. */
const loudness = 0.07;
const lingerS = 0.6;

/** What those hear who are held by an agent and whose script has nothing for it, 9 s. */
export function holdSound(): Int16Array {
  const note = Math.round(noteS * telephoneRate);
  const pcm = new Int16Array(tune.length * note);
  for (const [at, step] of tune.entries()) {
    const turn = (2 * Math.PI * 440 * 2 ** (step / 12)) / telephoneRate;
    for (let sample = 0; sample < note; sample++) {
      const seconds = sample / telephoneRate;
      // Let in over 10 ms and fading, so that nothing clicks.
      const envelope = Math.min(1, seconds / 0.01) * Math.exp(-seconds / lingerS) * Math.min(1, (noteS - seconds) / 0.01);
      pcm[at * note + sample] = Math.round(32767 * loudness * envelope * (Math.sin(turn * sample) + 0.3 * Math.sin(2 * turn * sample)));
    }
  }
  return pcm;
}

/** Keeps it as a file where the media servers find the prompts. */
export async function keepHoldSound({ dir, mediaDir }: Config["prompts"]): Promise<PromptFile> {
  const folder = resolve(dir);
  const pcm = holdSound();
  await makeFolder(folder);
  const aside = join(folder, `hold.${process.pid}.part`);
  // Several processes may share the folder, and one of them may be playing it.
  await writeFile(aside, writeWav(pcm), { mode: 0o644 });
  await rename(aside, join(folder, "hold.wav"));
  return { path: join(mediaDir ?? folder, "hold.wav"), durationMs: (pcm.length * 1000) / telephoneRate };
}
