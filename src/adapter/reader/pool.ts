import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Answer, Asked } from "./serve.ts";

interface Waiting {
  readonly name: string;
  readonly work: unknown;
  readonly resolve: (made: unknown) => void;
  readonly reject: (fault: Fault) => void;
}

interface Hand {
  readonly reader: ChildProcess;
  busy?: Waiting & { readonly id: number; readonly timer: Timer };
}

/** What is said of work that was not done. */
export interface WorkFaults {
  /** Too much of it waits. */
  readonly overloaded: () => Fault;
  /** It takes too long, or too much memory. @param why the end of a sentence */
  readonly heavy: (why: string) => Fault;
  /** Its process ended in the middle. */
  readonly lost: (why: string, cause: unknown) => Fault;
  /** Nothing is done any more. */
  readonly closed: () => Fault;
}

export interface WorkPoolOptions {
  readonly clock: Clock;
  /** What the readers run: a module that calls `serveWork`. */
  readonly module: URL;
  readonly faults: WorkFaults;
  /** How many there are, at most; they are started when there is work. Default 1: they share the processors with the calls. */
  readonly readers?: number;
  /**
   * Work that takes longer is given up, and its reader is ended. The worst of texts and mails takes a second or two; the rest is for a machine
   * that has much else to do. Default 20,000.
   */
  readonly timeoutMs?: number;
  /** Memory of a reader. The worst of texts takes a third of that, the worst of mails two. Default 256. */
  readonly memoryMb?: number;
  /** Work that may wait. Default 16: who asks does not wait for minutes. */
  readonly mostWaiting?: number;
}

/**
 * A few processes that read what strangers wrote, each within bounds of time and memory. Not threads: one whose memory is full may take the
 * whole process with it (Node 24: the limits of a Worker leave it 16 MB to end in), and that is the process of the calls.
 */
export class WorkPool {
  readonly #clock: Clock;
  readonly #module: URL;
  readonly #faults: WorkFaults;
  readonly #readers: number;
  readonly #timeoutMs: number;
  readonly #memoryMb: number;
  readonly #mostWaiting: number;
  readonly #hands = new Set<Hand>();
  readonly #waiting: Waiting[] = [];
  #nextId = 1;
  #closed = false;

  constructor({ clock, module, faults, readers = 1, timeoutMs = 20_000, memoryMb = 256, mostWaiting = 16 }: WorkPoolOptions) {
    this.#clock = clock;
    this.#module = module;
    this.#faults = faults;
    this.#readers = readers;
    this.#timeoutMs = timeoutMs;
    this.#memoryMb = memoryMb;
    this.#mostWaiting = mostWaiting;
  }

  /** @param name of a function of the module's @param work what it is given, which can be cloned @throws one of the faults; `internal` where the function throws */
  ask<Made>(name: string, work: unknown): Promise<Made> {
    if (this.#closed) return Promise.reject(this.#faults.closed());
    if (this.#waiting.length >= this.#mostWaiting) return Promise.reject(this.#faults.overloaded());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, work, resolve: (made) => resolve(made as Made), reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const hand = [...this.#hands].find(({ busy }) => !busy) ?? (this.#hands.size < this.#readers ? this.#start() : undefined);
      const next = hand && this.#waiting.shift();
      if (!hand || !next) return;
      const id = this.#nextId++;
      const timer = this.#clock.after(this.#timeoutMs, () => this.#lose(hand, this.#faults.heavy(`takes longer than ${this.#timeoutMs / 1000} s`)));
      hand.busy = { ...next, id, timer };
      hold(hand.reader, true);
      hand.reader.send({ id, name: next.name, work: next.work } satisfies Asked);
    }
  }

  #start(): Hand {
    const reader = fork(fileURLToPath(this.#module), {
      execArgv: [`--max-old-space-size=${this.#memoryMb}`],
      // Who reads what strangers wrote knows no secrets.
      env: {},
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const hand: Hand = { reader };
    this.#hands.add(hand);
    hold(reader, false);
    reader.on("message", (answer) => this.#settle(hand, answer as unknown as Answer));
    reader.on("error", (error) => this.#lose(hand, this.#faults.lost(error.message, error)));
    reader.on("exit", (code, signal) => {
      // V8 aborts when the heap is full.
      const full = signal === "SIGABRT" || code === 134;
      const ended = `it ended with ${signal ?? code}`;
      this.#lose(hand, full ? this.#faults.heavy(`takes more than ${this.#memoryMb} MB of memory`) : this.#faults.lost(ended, undefined));
    });
    return hand;
  }

  #settle(hand: Hand, answer: Answer): void {
    const { busy } = hand;
    if (!busy || busy.id !== answer.id) return;
    busy.timer.cancel();
    delete hand.busy;
    hold(hand.reader, false);
    if ("made" in answer) busy.resolve(answer.made);
    else {
      const cause = Object.assign(new Error(answer.fault), { stack: answer.stack });
      busy.reject(new Fault("internal", `${busy.name} could not be done: ${answer.fault}`, { cause }));
    }
    this.#dispatch();
  }

  #lose(hand: Hand, fault: Fault): void {
    if (!this.#hands.delete(hand)) return;
    hand.reader.kill("SIGKILL");
    hand.busy?.timer.cancel();
    hand.busy?.reject(fault);
    this.#dispatch();
  }

  /** Ends the readers; what was under way is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const hands = [...this.#hands];
    const ended = hands.map(async ({ reader }) => {
      // One that could not be started never ends.
      if (reader.pid === undefined || reader.exitCode !== null || reader.signalCode !== null) return;
      hold(reader, true);
      await once(reader, "exit");
    });
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#faults.closed());
    for (const hand of hands) this.#lose(hand, this.#faults.closed());
    await Promise.all(ended);
  }
}

/** Whether this process stays for it. */
function hold(reader: ChildProcess, held: boolean): void {
  if (held) {
    reader.ref();
    reader.channel?.ref();
  } else {
    reader.unref();
    reader.channel?.unref();
  }
}
