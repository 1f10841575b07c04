import type { Effect } from "../../src/attempt/ports.ts";
import { goodbyeText } from "../../src/ivr/goodbye.ts";
import type {
  Broken,
  Caller,
  Collected,
  CollectRequest,
  Holding,
  PromptFile,
  PromptRef,
  PromptStore,
  QueueEnd,
  QueueRequest,
  RecordEnd,
  RecordRequest,
  TransferEnd,
  TransferRequest,
} from "../../src/ivr/ports.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";
import { runScript, type ScriptEnd, type ScriptRun } from "../../src/ivr/session.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { fields } from "./script-kit.ts";

/** A clock that a test moves by hand. */
export class HandClock implements Clock {
  #now = 1_000;
  readonly #timers = new Set<{ at: number; fire: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, fire: () => void) {
    const timer = { at: this.#now + delayMs, fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.fire();
    }
    this.#now = until;
  }
}

export type Reply = {
  play?: "played" | Broken;
  collect?: Collected;
  transfer?: TransferEnd;
  queue?: QueueEnd;
  record?: RecordEnd;
  takesMs?: number;
  throws?: string;
  presses?: string;
};

/** A person who does what a list says, and keeps a diary of everything in order. */
export class ScriptedCaller implements Caller {
  readonly diary: string[];
  readonly collects: CollectRequest[] = [];
  readonly transfers: TransferRequest[] = [];
  readonly queues: QueueRequest[] = [];
  readonly records: RecordRequest[] = [];
  /** Whether the person hangs up while holding. */
  leavesHold = false;
  /** What the person presses while holding. */
  pressesInHold = "";
  readonly #replies: Reply[];
  readonly #clock: HandClock;
  #hungUp: () => void = () => {};
  #listener: (key: string) => void = () => {};
  #keys = "";
  readonly gone: Promise<void>;

  constructor(replies: readonly Reply[], clock: HandClock, diary: string[]) {
    this.#replies = [...replies];
    this.#clock = clock;
    this.diary = diary;
    this.gone = new Promise((resolve) => {
      this.#hungUp = resolve;
    });
  }

  async #reply(what: string): Promise<Reply> {
    this.diary.push(what);
    const reply = this.#replies.shift();
    // Nothing in the list: the person stays on the line until somebody hangs up.
    if (!reply) {
      await this.gone;
      return { play: "hung-up", collect: { end: "hung-up" }, transfer: "hung-up", queue: "hung-up" };
    }
    if (reply.throws) throw new Error(reply.throws);
    if (reply.takesMs) this.#clock.advance(reply.takesMs);
    this.press(reply.presses);
    return reply;
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    return (await this.#reply(`play ${prompts.map((prompt) => prompt.path).join("|")}`)).play ?? "played";
  }

  async collect(request: CollectRequest): Promise<Collected> {
    this.collects.push(request);
    return (await this.#reply(`collect ${request.prompts.map((prompt) => prompt.path).join("|")}`)).collect ?? { end: "timeout", digits: "" };
  }

  async transfer(request: TransferRequest): Promise<TransferEnd> {
    this.transfers.push(request);
    const { transfer } = await this.#reply(`transfer ${request.to}`);
    return transfer ?? (request.withdraw.aborted ? "withdrawn" : "talked");
  }

  async queue(request: QueueRequest): Promise<QueueEnd> {
    this.queues.push(request);
    const { queue } = await this.#reply(`queue ${request.group}`);
    return queue ?? (request.withdraw.aborted ? "withdrawn" : "talked");
  }

  async record(request: RecordRequest): Promise<RecordEnd> {
    this.records.push(request);
    return (await this.#reply(`record ${request.prompts.map((prompt) => prompt.path).join("|")}`)).record ?? { end: "silent" };
  }

  hold(prompts: readonly PromptFile[]): Holding {
    this.diary.push(`hold ${prompts.map((prompt) => prompt.path).join("|")}`);
    let stopped = false;
    if (this.pressesInHold !== "") setImmediate(() => this.press(this.pressesInHold));
    return {
      stop: async () => {
        if (!stopped) this.diary.push("hold stops");
        stopped = true;
      },
      left: this.leavesHold ? Promise.resolve<Broken>("hung-up") : this.gone.then(() => "hung-up"),
    };
  }

  press(keys = ""): void {
    for (const key of keys) if (this.#keys.includes(key)) this.#listener(key);
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#keys = keys;
    this.#listener = pressed;
  }

  async hangUp(): Promise<void> {
    this.diary.push("hang up");
    this.#hungUp();
  }
}

export const pathOf = (ref: PromptRef): PromptFile => ({
  path: !("say" in ref) ? ref.file : ref.say === goodbyeText ? "goodbye" : ref.say.split(/[ .]/).slice(0, 2).join("-"),
  durationMs: 1_000,
});
/** A store in which nothing is left to be made. */
const noStore: PromptStore = { ensure: () => Promise.reject(new Fault("prompt-missing", "nothing is made in this test")) };
export const keys = (digits: string): Reply => ({ collect: { end: "digits", digits } });
export const silence: Reply = { collect: { end: "timeout", digits: "" } };

export interface Run {
  readonly diary: string[];
  readonly caller: ScriptedCaller;
  readonly clock: HandClock;
  readonly effects: Effect[];
  readonly ended: Promise<ScriptEnd>;
}

export interface RunOptions extends Pick<Partial<ScriptRun>, "prompts" | "store" | "webhooks" | "groups"> {
  readonly failEffects?: number;
  readonly leavesHold?: boolean;
  readonly pressesInHold?: string;
  readonly diary?: string[];
  readonly clock?: HandClock;
}

export function run(script: Script, startAt: Verdict, replies: readonly Reply[], options: RunOptions = {}): Run {
  const clock = options.clock ?? new HandClock();
  const diary = options.diary ?? [];
  const effects: Effect[] = [];
  const caller = new ScriptedCaller(replies, clock, diary);
  caller.leavesHold = options.leavesHold ?? false;
  caller.pressesInHold = options.pressesInHold ?? "";
  let failures = options.failEffects ?? 0;
  const sink = {
    step: (step: string) => void diary.push(`step ${step}`),
    effect: async (written: readonly Effect[]) => {
      await Promise.resolve();
      if (failures-- > 0) {
        diary.push("not written");
        // The next try waits on the clock; move it as soon as it does.
        setImmediate(() => clock.advance(1_000));
        throw new Error("the database is away");
      }
      effects.push(...written);
      diary.push(`written ${written.map((effect) => effect.kind).join()}`);
    },
  };
  const prompts = options.prompts ?? ((ref: PromptRef) => pathOf(ref));
  const { store = noStore, webhooks, groups } = options;
  const given = { script, attemptId: "a1", fields, prompts, store, caller, sink, clock, startAt };
  const ended = runScript({ ...given, ...(webhooks && { webhooks }), ...(groups && { groups }) });
  return { diary, caller, clock, effects, ended };
}
