import { readFileSync } from "node:fs";
import t from "tap";
import type { Effect } from "../../src/attempt/ports.ts";
import { formatFinding } from "../../src/ivr/finding.ts";
import { goodbyeText } from "../../src/ivr/goodbye.ts";
import { begin, type CallEvent, maxVisits, next, openAnswers } from "../../src/ivr/machine.ts";
import {
  type Broken,
  type Caller,
  type Collected,
  type CollectRequest,
  type Holding,
  type PromptFile,
  type PromptRef,
  type PromptStore,
  promptKey,
  type RecordEnd,
  type RecordRequest,
  type TransferEnd,
  type TransferRequest,
} from "../../src/ivr/ports.ts";
import { readScript } from "../../src/ivr/read.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";
import { preparePrompts, runScript, type ScriptEnd } from "../../src/ivr/session.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { pick, seededRandom } from "../../src/kernel/random.ts";
import { tuesday, walk } from "./walk.ts";

function scriptOf(source: string): Script {
  const { script, findings } = readScript(source, "test.yaml");
  if (!script) throw new Error(findings.map(formatFinding).join("\n"));
  return script;
}

const shipped = (name: string) => scriptOf(readFileSync(new URL(`../../ivr-scripts/${name}.yaml`, import.meta.url), "utf8"));
const payment = shipped("payment-reminder");
const appointment = shipped("appointment-reminder");
const fields = { first_name: "Ann", amount_due: "$12", due_date: "May 1", appointment_day: "Monday", appointment_time: "nine" };

/** Start, what happens, and the path and end it must have. */
const walks: [Verdict, string, string, string][] = [
  ["human", "", "reminder", "waiting to collect"],
  ["unknown", "", "reminder", "waiting to collect"],
  ["human", "1", "reminder pay", "waiting to transfer"],
  ["human", "1 talked", "reminder pay paid", "completed sent_to_payment_line"],
  ["human", "1 busy", "reminder pay agent", "waiting to transfer"],
  ["human", "1 no-answer talked", "reminder pay agent talked", "completed handled_by_agent"],
  ["human", "1 failed busy played", "reminder pay agent call_back", "completed callback_due"],
  ["human", "1 hangup", "reminder pay abandoned_in_queue", "hung-up abandoned_in_queue"],
  ["human", "1 lost", "reminder pay", "lost lost"],
  ["human", "2 talked", "reminder agent talked", "completed handled_by_agent"],
  ["human", "2 no-answer", "reminder agent call_back", "waiting to play"],
  ["human", "2 no-answer hangup", "reminder agent call_back", "hung-up callback_due"],
  ["human", "2 hangup", "reminder agent abandoned_in_queue", "hung-up abandoned_in_queue"],
  ["human", "9", "reminder opt_out", "waiting to play"],
  ["human", "9 played", "reminder opt_out", "completed opted_out"],
  ["human", "9 hangup", "reminder opt_out", "hung-up opted_out"],
  ["human", "9 lost", "reminder opt_out", "lost opted_out"],
  ["human", "*", "reminder reminder", "waiting to collect"],
  ["human", "silence silence", "reminder", "waiting to collect"],
  ["human", "silence silence silence", "reminder no_answer_given", "waiting to play"],
  ["human", "silence silence silence played", "reminder no_answer_given", "completed no_input"],
  ["human", "5 # 0 played", "reminder no_answer_given", "completed no_input"],
  ["human", "silence 5 9 played", "reminder opt_out", "completed opted_out"],
  ["human", "silence silence * silence silence 2 talked", "reminder reminder agent talked", "completed handled_by_agent"],
  ["human", "hangup", "reminder", "hung-up hung_up"],
  ["human", "silence hangup", "reminder", "hung-up hung_up"],
  ["human", "lost", "reminder", "lost lost"],
  ["machine", "", "voicemail", "waiting to play"],
  ["machine", "played", "voicemail", "completed voicemail_left"],
  ["machine", "hangup", "voicemail", "hung-up hung_up"],
  ["fax", "", "stop_fax", "completed fax"],
];

t.test("the walker takes every way through the payment reminder", async (t) => {
  const seen = new Set<string>();
  for (const [verdict, events, path, end] of walks) {
    const walked = walk(payment, verdict, events.split(" ").filter(Boolean), fields);
    t.equal(walked.path.join(" "), path, `${verdict}: ${events}`);
    t.equal(walked.end, end, `${verdict}: ${events}`);
    for (const step of walked.path) seen.add(step);
  }
  t.same(
    [...payment.steps.keys()].filter((step) => !seen.has(step)),
    [],
    "every step was entered",
  );
});

t.test("opt-out comes with the move into its step, before anything is played", async (t) => {
  const { moves, effects } = walk(payment, "human", ["9"], fields);
  t.same(moves[1]?.effects, [{ kind: "suppress", channels: ["voice"], scope: "account", reason: "ivr payment-reminder opt_out" }]);
  t.equal(moves[1]?.action.kind, "play");
  t.equal(effects.length, 1);
  t.same(walk(appointment, "human", ["3", "9"], fields).effects, [
    { kind: "suppress", channels: [], scope: "account", reason: "ivr appointment-reminder opt_out" },
  ]);
});

t.test("tries, repeated prompts, and the last failure decides the way", async (t) => {
  const first = walk(appointment, "human", [], fields).last.action;
  const again = walk(appointment, "human", ["silence"], fields).last.action;
  t.equal(first.kind === "collect" && first.prompts.length, 2);
  t.equal(again.kind === "collect" && again.prompts.length, 3, "with the retry prompt before the others");
  const script = scriptOf(`script: a
language: en-US
start: { human: ask }
steps:
  ask: { menu: [{ say: Hi }], tries: 2, keys: { "1": one, "12": twelve }, no_input: silent, no_match: other }
  one: { end: one }
  twelve: { suppress: { scope: campaign }, end: twelve }
  silent: { end: silent }
  other: { end: other }
`);
  const table: [string, string][] = [
    ["1", "completed one"],
    ["12", "completed twelve"],
    ["2 silence", "completed silent"],
    ["silence 2", "completed other"],
    ["silence", "waiting to collect"],
  ];
  for (const [events, end] of table) t.equal(walk(script, "human", events.split(" ")).end, end, events);
  t.equal(walk(script, "machine", []).end, "completed machine", "a machine without a step");
  t.equal(walk(script, "fax", []).end, "completed fax");
});

t.test("collected digits: lengths, branches, secrets", async (t) => {
  const script = scriptOf(`script: a
language: en-US
needs: [tier]
start: { human: pin }
steps:
  pin: { collect: [{ say: Hi }], into: pin, min_digits: 2, max_digits: 4, secret: true, tries: 2, next: score, no_input: silent, no_match: short }
  score: { collect: [{ say: Hi }], into: score, max_digits: 1, next: by_score, no_input: silent }
  by_score: { branch: score, on: { "9": by_tier }, else: low }
  by_tier: { branch: tier, on: { gold: gold }, else: other_tier }
  gold: { end: gold }
  other_tier: { end: other }
  low: { suppress: { scope: campaign }, end: low }
  silent: { end: silent }
  short: { end: short }
`);
  const table: [string, Record<string, string>, string][] = [
    ["1234 9", { tier: "gold" }, "completed gold"],
    ["1234 9", { tier: "" }, "completed other"],
    ["1234 9", {}, "completed other"],
    ["1234 3", {}, "completed low"],
    ["1 12 3", {}, "completed low"],
    ["1 1", {}, "completed short"],
    ["1 silence", {}, "completed silent"],
    ["12 silence silence silence", {}, "completed silent"],
  ];
  for (const [events, given, end] of table) t.equal(walk(script, "human", events.split(" "), given).end, end, events);
  t.same(openAnswers(walk(script, "human", ["1234", "9"], {}).last.place), { score: { value: "9" } }, "the secret one is not among the answers");
});

t.test("who leaves during the first words heard nothing; an opt-out stands at once", async (t) => {
  const script = scriptOf(`script: a
language: en-US
start: { human: turn, machine: intro, unknown: optout }
steps:
  turn: { branch: x, on: { y: intro }, else: only }
  only: { play: [{ say: Hi }], end: told }
  intro: { play: [{ say: Hi }], next: only }
  optout: { suppress: { scope: campaign }, play: [{ say: Hi }], end: out }
`);
  t.equal(walk(script, "human", ["hangup"]).end, "hung-up hung_up");
  t.equal(walk(script, "machine", ["hangup"]).end, "hung-up hung_up");
  t.equal(walk(script, "machine", ["played", "hangup"]).end, "hung-up told");
  t.equal(walk(script, "unknown", ["hangup"]).end, "hung-up out");
});

t.test("no script and no person can make it go round for ever", async (t) => {
  const circle = scriptOf(`script: a
language: en-US
start: { human: one, machine: menu }
steps:
  one: { branch: x, on: { y: one }, else: two }
  two: { suppress: { scope: account }, next: one }
  menu: { menu: [{ say: Hi }], keys: { "*": menu }, no_input: menu }
`);
  const { place, action, effects } = begin(circle, {}, "human", tuesday);
  t.same(action, { kind: "end", end: "too-long", outcome: "too_long" });
  t.equal(place.visits, maxVisits + 1);
  t.ok(effects.length <= maxVisits);
  let move = begin(circle, {}, "machine", tuesday);
  let turns = 0;
  for (; move.action.kind === "collect"; turns++) move = next(circle, move.place, { kind: "digits", digits: "*" }, tuesday);
  t.equal(turns, maxVisits);
  t.match(move.action, { end: "too-long" });
});

t.test("random people come to an end in the shipped scripts, whatever they press", async (t) => {
  const seed = 90210;
  const random = seededRandom(seed);
  for (const script of [payment, appointment]) {
    for (let round = 0; round < 500; round++) {
      let move = begin(script, fields, pick(random, ["human", "machine", "unknown", "fax"] as const), tuesday);
      let turns = 0;
      for (; move.action.kind !== "end"; turns++) {
        const kind = move.action.kind;
        const left: CallEvent = { kind: "left", how: pick(random, ["hung-up", "lost"] as const) };
        const ordinary: CallEvent =
          kind === "play"
            ? { kind: "played" }
            : kind === "collect"
              ? { kind: "digits", digits: pick(random, ["", "1", "2", "3", "9", "*", "#", "12"]) }
              : { kind: "transferred", end: pick(random, ["talked", "busy", "no-answer", "failed"] as const) };
        move = next(script, move.place, random.next() < 0.05 ? left : ordinary, tuesday);
        if (turns > maxVisits * 10) return t.fail(`seed ${seed} round ${round} walks for ever`);
      }
      t.match(move.action.outcome, /^[a-z_]+$/);
    }
  }
});

/** A clock that a test moves by hand. */
class HandClock implements Clock {
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

type Reply = { play?: "played" | Broken; collect?: Collected; transfer?: TransferEnd; record?: RecordEnd; takesMs?: number; throws?: string };

/** A person who does what a list says, and keeps a diary of everything in order. */
class ScriptedCaller implements Caller {
  readonly diary: string[];
  readonly collects: CollectRequest[] = [];
  readonly transfers: TransferRequest[] = [];
  readonly records: RecordRequest[] = [];
  /** Whether the person hangs up while holding. */
  leavesHold = false;
  readonly #replies: Reply[];
  readonly #clock: HandClock;
  #hungUp: () => void = () => {};
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
      return { play: "hung-up", collect: { end: "hung-up" }, transfer: "hung-up" };
    }
    if (reply.throws) throw new Error(reply.throws);
    if (reply.takesMs) this.#clock.advance(reply.takesMs);
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
    return (await this.#reply(`transfer ${request.to}`)).transfer ?? "talked";
  }

  async record(request: RecordRequest): Promise<RecordEnd> {
    this.records.push(request);
    return (await this.#reply(`record ${request.prompts.map((prompt) => prompt.path).join("|")}`)).record ?? { end: "silent" };
  }

  hold(prompts: readonly PromptFile[]): Holding {
    this.diary.push(`hold ${prompts.map((prompt) => prompt.path).join("|")}`);
    let stopped = false;
    return {
      stop: async () => {
        if (!stopped) this.diary.push("hold stops");
        stopped = true;
      },
      left: this.leavesHold ? Promise.resolve("hung-up") : this.gone.then(() => "hung-up"),
    };
  }

  async hangUp(): Promise<void> {
    this.diary.push("hang up");
    this.#hungUp();
  }
}

const pathOf = (ref: PromptRef): PromptFile => ({
  path: !("say" in ref) ? ref.file : ref.say === goodbyeText ? "goodbye" : ref.say.split(/[ .]/).slice(0, 2).join("-"),
  durationMs: 1_000,
});
/** A store in which nothing is left to be made. */
const noStore: PromptStore = { ensure: () => Promise.reject(new Fault("prompt-missing", "nothing is made in this test")) };
const keys = (digits: string): Reply => ({ collect: { end: "digits", digits } });
const silence: Reply = { collect: { end: "timeout", digits: "" } };

interface Run {
  readonly diary: string[];
  readonly caller: ScriptedCaller;
  readonly clock: HandClock;
  readonly effects: Effect[];
  readonly ended: Promise<ScriptEnd>;
}

function run(
  script: Script,
  startAt: Verdict,
  replies: readonly Reply[],
  options: { failEffects?: number; prompts?: (ref: PromptRef) => PromptFile | undefined; store?: PromptStore } = {},
): Run {
  const clock = new HandClock();
  const diary: string[] = [];
  const effects: Effect[] = [];
  const caller = new ScriptedCaller(replies, clock, diary);
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
  const ended = runScript({ script, attemptId: "a1", fields, prompts, store: options.store ?? noStore, caller, sink, clock, startAt });
  return { diary, caller, clock, effects, ended };
}

t.test("a session plays, collects, transfers and hangs up, in the script's order", async (t) => {
  const talk = run(payment, "human", [silence, keys("5"), keys("2"), { transfer: "no-answer" }, {}]);
  t.same(await talk.ended, { end: "completed", outcome: "callback_due", path: ["reminder", "agent", "call_back"], answers: {} });
  const menu = "collect Hello-Ann|To-pay";
  t.same(talk.diary, ["step reminder", menu, menu, menu, "step agent", "transfer +15550100300", "step call_back", "play All-our", "hang up"]);
  t.match(talk.caller.collects[0], { minDigits: 1, maxDigits: 1, firstDigitMs: 6_000, interDigitMs: 2_000, terminators: "", bargeIn: true });
  t.match(talk.caller.transfers[0], { to: ["+15550100300"], ringTimeoutMs: 30_000, holdPrompts: [{ path: "Please-wait" }] });
  t.equal(talk.clock.pending, 0, "no timer is left");
});

t.test("the opt-out is committed before its prompt is played", async (t) => {
  const talk = run(payment, "human", [keys("9"), {}]);
  t.equal((await talk.ended).outcome, "opted_out");
  t.same(talk.diary.slice(2), ["step opt_out", "written suppress", "play You-will", "hang up"]);
  t.match(talk.effects, [{ kind: "suppress", channels: ["voice"], scope: "account" }]);
});

t.test("a database that comes back in time is waited for", async (t) => {
  const talk = run(payment, "human", [keys("9"), {}], { failEffects: 2 });
  t.equal((await talk.ended).outcome, "opted_out");
  t.same(talk.diary.slice(3), ["not written", "not written", "written suppress", "play You-will", "hang up"]);
  t.equal(talk.clock.pending, 0);
});

t.test("an opt-out that cannot be written is never confirmed", async (t) => {
  const talk = run(payment, "human", [keys("9"), {}], { failEffects: 99 });
  await t.rejects(talk.ended, { code: "effect-not-written" });
  t.same(talk.diary.slice(3), ["not written", "not written", "not written", "play goodbye", "hang up"]);
  t.equal(talk.clock.pending, 0);
});

t.test("people leave, and media breaks, anywhere", async (t) => {
  const table: [string, Verdict, Reply[], string, string][] = [
    ["in the menu", "human", [{ collect: { end: "hung-up" } }], "hung-up", "hung_up"],
    ["in the second try", "human", [silence, { collect: { end: "hung-up" } }], "hung-up", "hung_up"],
    ["while it rings", "human", [keys("2"), { transfer: "hung-up" }], "hung-up", "abandoned_in_queue"],
    ["in the last words", "human", [keys("9"), { play: "hung-up" }], "hung-up", "opted_out"],
    ["a machine, in the message", "machine", [{ play: "hung-up" }], "hung-up", "hung_up"],
    ["lost in the menu", "human", [{ collect: { end: "lost" } }], "lost", "lost"],
    ["lost while it rings", "human", [keys("2"), { transfer: "lost" }], "lost", "lost"],
    ["lost in a message", "machine", [{ play: "lost" }], "lost", "lost"],
  ];
  for (const [name, verdict, replies, end, outcome] of table) {
    const talk = run(payment, verdict, replies);
    t.match(await talk.ended, { end, outcome }, name);
    t.notOk(
      talk.diary.includes("hang up"),
      `${name}: who left needs no hanging up, and who may still be there is left to the other voice that says goodbye`,
    );
    t.equal(talk.clock.pending, 0, name);
  }
});

t.test("max_call_s: with time for a goodbye, at once when a prompt is too long, and not while talking", async (t) => {
  const circling = run(payment, "human", [...Array.from({ length: 8 }, () => ({ ...keys("*"), takesMs: 22_000 })), {}]);
  t.match(await circling.ended, { end: "too-long", outcome: "too_long" });
  t.same(circling.diary.slice(-2), ["play goodbye", "hang up"]);
  t.equal(circling.clock.pending, 0);

  const stuck = run(payment, "machine", []);
  setImmediate(() => stuck.clock.advance(180_000));
  t.match(await stuck.ended, { end: "too-long", outcome: "too_long", path: ["voicemail"] });
  t.ok(stuck.diary.includes("hang up"));
  t.equal(stuck.clock.pending, 0);

  const talking = run(payment, "human", [
    { ...keys("2"), takesMs: 60_000 },
    { transfer: "talked", takesMs: 3_600_000 },
  ]);
  t.match(await talking.ended, { end: "completed", outcome: "handled_by_agent" });
  t.equal(talking.clock.pending, 0);

  const before = run(payment, "human", [
    { ...keys("2"), takesMs: 100_000 },
    { transfer: "busy", takesMs: 90_000 },
  ]);
  setImmediate(() => setImmediate(() => before.clock.advance(79_000)));
  setImmediate(() => setImmediate(() => setImmediate(() => before.clock.advance(1_000))));
  t.match(await before.ended, { end: "too-long" }, "what was used up before a transfer still counts after it");
});

t.test("a prompt that is missing, or a caller that throws, ends the call with the goodbye", async (t) => {
  const missing = run(payment, "human", [{}], { prompts: (ref) => ("say" in ref && ref.say === goodbyeText ? pathOf(ref) : undefined) });
  await t.rejects(missing.ended, { code: "prompt-missing" });
  t.same(missing.diary.slice(1), ["play goodbye", "hang up"]);
  const throwing = run(payment, "human", [{ throws: "socket closed" }, {}]);
  await t.rejects(throwing.ended, { code: "session-failed", message: /socket closed/ });
  t.same(throwing.diary.slice(2), ["play goodbye", "hang up"]);
  t.equal(throwing.clock.pending, 0);
});

t.test("secret digits are in nothing that a session writes or returns", async (t) => {
  const script = scriptOf(`script: a
language: en-US
start: { human: pin }
steps:
  pin: { collect: [{ say: Pin }], into: pin, max_digits: 6, secret: true, next: zip, no_input: out }
  zip: { collect: [{ say: Zip }], into: zip, max_digits: 5, terminators: "*", next: check, no_input: out }
  check: { branch: pin, on: { "271828": right }, else: out }
  right: { end: right }
  out: { suppress: { scope: account }, end: out }
`);
  const talk = run(script, "human", [keys("271828"), keys("55555")]);
  const ended = await talk.ended;
  t.same(ended, { end: "completed", outcome: "right", path: ["pin", "zip", "check", "right"], answers: { zip: { value: "55555" } } });
  t.notMatch(JSON.stringify([talk.diary, talk.effects, ended]), /271828/);
  t.match(talk.caller.collects[1], { terminators: "*", maxDigits: 5, minDigits: 1 });
});

t.test("whom the script lacks something for is not prepared, let alone dialled", async (t) => {
  const asked: string[] = [];
  const store = {
    async ensure(refs: Iterable<PromptRef>) {
      const list = [...refs];
      for (const ref of list) asked.push("say" in ref ? ref.say : ref.file);
      return new Map(list.map((ref) => [promptKey(ref), pathOf(ref)]));
    },
  };
  for (const [given, missing] of [
    [{ first_name: "Ann", amount_due: " " }, ["amount_due", "due_date"]],
    [{ ...fields, first_name: "" }, ["first_name"]],
  ] as const) {
    await t.rejects(preparePrompts(payment, given, store), { code: "contact-lacks-field", detail: { fields: missing } });
  }
  t.same(asked, []);
  const prompts = await preparePrompts(payment, fields, store, ["human"]);
  t.notOk(
    asked.some((text) => text.startsWith("This is a message for")),
    "what only a machine hears is not rendered",
  );
  t.ok(asked.includes(goodbyeText));
  const talk = run(payment, "human", [keys("9"), {}], { prompts });
  t.equal((await talk.ended).outcome, "opted_out", "what was prepared is all that the call needs");
});
