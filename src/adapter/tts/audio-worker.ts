import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { WASI } from "node:wasi";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { SoundForm } from "../../ivr/prompt-ports.ts";
import type { RecordingFinding } from "../../ivr/recording-ports.ts";
import { judgeRecording } from "./recording.ts";
import { levelled, levelOf, resample, trimmed } from "./telephone.ts";
import { readWav } from "./wav.ts";

/*
 * Runs in a worker thread: speech synthesis and conversion take tens of milliseconds of processor time each, and the event
 * loop of the calls must not wait for that.
 */

/** What the worker is asked. */
export type AudioJob =
  | { readonly id: number; readonly kind: "speak"; readonly text: string; readonly stretch: number }
  | { readonly id: number; readonly kind: "convert"; readonly file: Uint8Array; readonly trim: boolean }
  | { readonly id: number; readonly kind: "judge"; readonly file: Uint8Array };

/** What it answers. `engine`: the synthesizer failed; `sound`: the file is not usable. */
export type AudioAnswer =
  | { readonly id: number; readonly samples: Int16Array; readonly peakDb: number }
  | { readonly id: number; readonly durationMs: number; readonly findings: readonly RecordingFinding[]; readonly form: SoundForm }
  | { readonly id: number; readonly fault: "engine" | "sound"; readonly message: string };

/** The part of WebAssembly that is used here; the DOM types are not loaded. */
interface Engine {
  instantiate(module: unknown, imports: object): Promise<object>;
}

/** The folder is there only while something is spoken, so that a process that is killed at any other time leaves nothing behind. */
const { scratchDir, flite } = workerData as { scratchDir: string; flite: unknown };

async function speak(text: string, stretch: number): Promise<Buffer> {
  mkdirSync(scratchDir, { mode: 0o700 });
  try {
    return await spoken(text, stretch);
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}

async function spoken(text: string, stretch: number): Promise<Buffer> {
  const wasi = new WASI({
    version: "preview1",
    args: ["flite", "--setf", `duration_stretch=${stretch}`, "-t", text, "-o", "/out/speech.wav"],
    preopens: { "/out": scratchDir },
    returnOnExit: true,
  });
  const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  const code = wasi.start(await engine.instantiate(flite, wasi.getImportObject()));
  if (code !== 0) throw new Error(`flite ended with ${code}`);
  return readFileSync(join(scratchDir, "speech.wav"));
}

async function answer(job: AudioJob): Promise<AudioAnswer> {
  let file: Buffer;
  try {
    file = job.kind === "speak" ? await speak(job.text, job.stretch) : Buffer.from(job.file.buffer, job.file.byteOffset, job.file.byteLength);
  } catch (error) {
    return { id: job.id, fault: "engine", message: error instanceof Error ? error.message : String(error) };
  }
  try {
    const made = readWav(file);
    if (job.kind === "judge") {
      const { samples, ...form } = made;
      return { id: job.id, durationMs: Math.round((samples.length / made.sampleRate) * 1000), findings: judgeRecording(made), form };
    }
    const sound = resample(made);
    const samples = levelled(job.kind === "speak" || job.trim ? trimmed(sound) : sound);
    return { id: job.id, samples, peakDb: levelOf(sound).peakDb };
  } catch (error) {
    return { id: job.id, fault: "sound", message: error instanceof Error ? error.message : String(error) };
  }
}

function serve(port: MessagePort): void {
  let last: Promise<void> = Promise.resolve();
  port.on("message", (job: AudioJob) => {
    last = last.then(async () => {
      const done = await answer(job);
      port.postMessage(done, "samples" in done ? [done.samples.buffer as ArrayBuffer] : []);
    });
  });
}

if (parentPort) serve(parentPort);
