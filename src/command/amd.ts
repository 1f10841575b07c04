import { readFile, writeFile } from "node:fs/promises";
import { resample } from "../adapter/tts/telephone.ts";
import { readWav } from "../adapter/tts/wav.ts";
import { Fault } from "../kernel/fault.ts";
import { amdProfiles } from "../voice/amd/options.ts";
import { plotSvg, runsOf } from "../voice/amd/plot.ts";
import { type Timeline, timelineOf } from "../voice/amd/timeline.ts";
import { answeredBy } from "../voice/amd/verdict.ts";
import { oneLine } from "./table.ts";
import { describeFault } from "./terminal.ts";

export interface AmdCommandOptions {
  readonly profile: "b2c" | "b2b";
  /** Write a picture beside each file. */
  readonly plot?: boolean;
  readonly json?: boolean;
}

/**
 * `carillon amd FILE.wav…`: says of each recording of an answered call who answered, why and when. One that cannot be used keeps nobody from the others.
 * @returns the exit code: 1 when one could not be used
 * @throws Fault `out-unwritable`
 */
export async function detect(files: readonly string[], { profile, plot, json }: AmdCommandOptions): Promise<number> {
  let code = 0;
  if (!json) console.log(`judged by the profile ${profile}, for ${profileWords[profile]}`);
  for (const file of files) {
    try {
      const { samples, cut } = await soundOf(file);
      const timeline = timelineOf(samples, amdProfiles[profile]);
      const { verdicts, message, durationMs } = timeline;
      if (json) console.log(JSON.stringify({ file, profile, durationMs, ...(cut && { cut }), verdicts, ...(message ? { message } : {}) }));
      else console.log([...describe(file, timeline), ...(cut ? [`  ${cut}`] : [])].join("\n"));
      if (plot) await draw(file, timeline, profile, json);
    } catch (error) {
      if (!(error instanceof Fault) || error.code === "out-unwritable") throw error;
      code = 1;
      if (json) console.log(JSON.stringify({ file, profile, fault: { code: error.code, message: error.message } }));
      else console.error(describeFault(error));
    }
  }
  return code;
}

const profileWords = { b2c: "homes", b2b: "businesses" } as const;

async function draw(file: string, timeline: Timeline, profile: string, json?: boolean): Promise<void> {
  const picture = `${file.replace(/\.wav$/i, "")}.svg`;
  await writeFile(picture, plotSvg(timeline, `${file} (${profile})`)).catch((error: Error) => {
    throw new Fault("out-unwritable", `${picture} cannot be written: ${error.message}`, { cause: error });
  });
  if (!json) console.log(`  drawn in ${oneLine(picture)}`);
}

interface Recorded {
  readonly samples: Int16Array;
  /** What to say of a file that ends in the middle. */
  readonly cut?: string;
}

/** @throws Fault `file-unreadable`, `recording-unplayable` */
async function soundOf(file: string): Promise<Recorded> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new Fault("file-unreadable", `${file} cannot be read: ${error.message}`, { cause: error });
  });
  try {
    const sound = readWav(bytes);
    const samples = Int16Array.from(resample(sound), (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
    const { announcedMs, sampleRate } = sound;
    if (announcedMs === undefined) return { samples };
    const there = seconds((1000 * sound.samples.length) / sampleRate);
    return { samples, cut: `the file is cut: ${there} of the ${seconds(announcedMs)} that its header tells are there` };
  } catch (error) {
    if (error instanceof RangeError) throw new Fault("recording-unplayable", `${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** The last verdict in a line, and under it what was heard when. */
function describe(file: string, timeline: Timeline): string[] {
  const { verdicts, message, moments, durationMs } = timeline;
  const last = verdicts.at(-1);
  if (!last) return [`${oneLine(file)}: no verdict; the recording ends after ${seconds(durationMs)}`];
  const events = [
    ...runsOf(moments)
      .filter(([fromMs, toMs]) => toMs - fromMs >= 80)
      .map(([fromMs, toMs]) => ({ atMs: fromMs, text: `sound for ${seconds(toMs - fromMs)}` })),
    ...verdicts.flatMap(({ beep }) => (beep ? [{ atMs: beep.startMs, text: `beep for ${seconds(beep.endMs - beep.startMs)}` }] : [])),
    ...verdicts.map(({ atMs, outcome, cause }) => ({ atMs, text: `${outcome} (${cause})` })),
    ...(message ? [{ atMs: message.atMs, text: `a message may begin (${message.by})` }] : []),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const head = `${oneLine(file)}: ${last.outcome} (${last.cause}) after ${seconds(last.atMs)}, treated as a ${answeredBy(last.outcome)}`;
  return [head.replace("a nobody", "nobody"), ...events.map(({ atMs, text }) => `  ${seconds(atMs).padStart(8)}  ${text}`)];
}
