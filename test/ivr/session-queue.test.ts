import t from "tap";
import type { PromptRef } from "../../src/ivr/ports.ts";
import { promptKey } from "../../src/ivr/ports.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import { lookup } from "../../src/ivr/session.ts";
import { fields, scriptOf } from "./script-kit.ts";
import { keys, pathOf, type Reply, run } from "./session-kit.ts";

const source = `script: example
language: en-US
languages: [es-US]
start: { human: sort }
everywhere: { "9": out, "0": later }
steps:
  out: { suppress: { scope: account }, end: out }
  a: { end: a }
  later: { end: later }
  closed: { end: closed }
  gave_up: { end: gave_up }
  sort: { set: { topic: "{amount_due} due" }, next: pin }
  pin: { collect: [{ say: Your PIN }], into: pin, max_digits: 4, secret: true, next: ask, no_input: agent }
  ask: { collect: [{ say: Your order }], into: order, max_digits: 4, next: tell, no_input: agent }
  tell: { record: [{ say: Please speak }], into: said, next: agent, no_input: agent }
  agent:
    queue: { group: Night desk, skills: [spanish], priority: 2 }
    max_wait_s: 90
    play: [{ say: Please wait }]
    position: [{ say: You are number }, { say_as: number, value: "{position}" }]
    position_more: [{ say: Many wait }]
    position_every_s: 30
    whisper: [{ say: "About {order | default: 'nothing'}" }]
    on: { answered: a, no_agent: later, nobody: closed, hung_up: gave_up }
`;
const script = scriptOf(source);
const before: Reply[] = [keys("1234"), keys("77"), { record: { end: "recorded", recording: "/r/x.wav", durationMs: 900 } }];
const texts = (refs: readonly PromptRef[]) => refs.map((ref) => ("say" in ref ? ref.say : ref.file));

t.test("an agent is asked for with what was answered, without secrets, and everything to be heard is ready", async (t) => {
  const ready = new Map(promptsFor(script, fields).map((ref) => [promptKey(ref), pathOf(ref)]));
  const store = { ensure: async (refs: Iterable<PromptRef>) => new Map([...refs].map((ref) => [promptKey(ref), pathOf(ref)])) };
  const talk = run(script, "human", [...before, { queue: "talked", takesMs: 3_600_000 }], { prompts: lookup(ready), store });
  t.match(await talk.ended, { end: "completed", outcome: "a", path: ["sort", "pin", "ask", "tell", "agent", "a"] });
  const [request] = talk.caller.queues;
  t.match(request, {
    group: "Night desk",
    skills: ["spanish"],
    priority: 2,
    maxWaitMs: 90_000,
    positionEveryMs: 30_000,
    holdPrompts: [{ path: "Please-wait" }],
    whisperPrompts: [{ path: "About-77" }],
  });
  t.same(request?.answers, { topic: "$12 due", order: "77" }, "neither the PIN nor where a recording lies");
  const said = (position: number) => request?.positionPrompts?.(position)?.map(({ path }) => path);
  t.same(said(1), ["You-are", "one"]);
  t.same(said(9), ["You-are", "nine"]);
  t.same(said(10), ["Many-wait"]);
  t.same(said(99), ["Many-wait"]);
  t.equal(talk.clock.pending, 0);
});

t.test("where a queue leads", async (t) => {
  const table: [string, Reply, string, string][] = [
    ["nobody had time", { queue: "no-agent" }, "completed", "later"],
    ["no agent is logged in", { queue: "nobody" }, "completed", "closed"],
    ["who waits hangs up", { queue: "hung-up" }, "hung-up", "gave_up"],
    ["our media breaks", { queue: "lost" }, "lost", "lost"],
    ["a key leads away", { presses: "0" }, "completed", "later"],
    ["a key opts out", { presses: "9" }, "completed", "out"],
    ["a key of the conversation is the agent's", { presses: "9", queue: "talked" }, "completed", "a"],
  ];
  for (const [what, reply, end, outcome] of table) {
    const talk = run(script, "human", [...before, reply]);
    t.match(await talk.ended, { end, outcome }, what);
    t.equal(talk.caller.queues[0]?.withdraw.aborted, reply.presses !== undefined, what);
    t.equal(talk.clock.pending, 0, what);
  }
  const slow = run(scriptOf(source.replace("steps:", "max_call_s: 10\nsteps:")), "human", [...before, { queue: "no-agent", takesMs: 90_000 }]);
  t.match(await slow.ended, { end: "completed", outcome: "later" }, "the wait has a limit of its own");
});

t.test("places are ready before the call, in the languages it may be in, unless they are made of answers", async (t) => {
  const all = texts(promptsFor(script, fields));
  for (const text of ["You are number", "one", "nine", "Many wait"]) t.ok(all.includes(text), text);
  t.notOk(all.includes("ten") || all.includes("1"));
  const open = scriptOf(source.replace('value: "{position}"', 'value: "{position}" }, { say: "{order}"'));
  t.notOk(texts(promptsFor(open, fields)).includes("one"));
  // What is not ready when it is to be said is not said.
  let made = (): void => {};
  const late = new Promise<void>((resolve) => {
    made = resolve;
  });
  const store = {
    ensure: async (refs: Iterable<PromptRef>) => {
      const list = [...refs];
      if (texts(list).includes("one")) await late;
      return new Map(list.map((ref) => [promptKey(ref), pathOf(ref)]));
    },
  };
  const known = new Map(promptsFor(open, fields).map((ref) => [promptKey(ref), pathOf(ref)]));
  const talk = run(open, "human", before, { prompts: lookup(known), store });
  while (talk.caller.queues.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const position = talk.caller.queues[0]?.positionPrompts;
  t.equal(position?.(1), undefined);
  made();
  while (!position?.(1)) await new Promise((resolve) => setImmediate(resolve));
  t.same(
    position(2)?.map(({ path }) => path),
    ["You-are", "two", "77"],
  );
  await talk.caller.hangUp();
  t.match(await talk.ended, { outcome: "gave_up" });
});

t.test("without anything to hear nobody waits", async (t) => {
  const begins = scriptOf(`script: agents
language: en-US
start: { human: agent }
steps:
  agent: { queue: campaign, on: { answered: done, no_agent: sorry } }
  sorry: { play: [{ say: Sorry nobody }], end: missed }
  done: { end: talked }
`);
  const talk = run(begins, "human", [{ queue: "nobody" }, {}]);
  t.match(await talk.ended, { outcome: "missed" });
  t.same(talk.diary, ["step agent", "queue campaign", "step sorry", "play Sorry-nobody", "hang up"]);
  const [request] = talk.caller.queues;
  t.match(request, { group: "campaign", skills: [], maxWaitMs: 2_000, holdPrompts: [], whisperPrompts: [], answers: {} });
  t.equal(request?.positionPrompts, undefined);
});
