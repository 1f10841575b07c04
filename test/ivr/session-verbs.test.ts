import t from "tap";
import { type PromptRef, type PromptStore, promptKey, type WebhookEnd, type Webhooks } from "../../src/ivr/ports.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import type { Script } from "../../src/ivr/script.ts";
import { lookup, preparePrompts } from "../../src/ivr/session.ts";
import { fields, scriptOf } from "./script-kit.ts";
import { HandClock, keys, pathOf, run, silence } from "./session-kit.ts";

const head = `script: example
language: en-US
languages: [es-US]
start: { human: begin }
steps:
  out: { suppress: { scope: account }, end: out }
  a: { end: a }
  b: { end: b }
`;
const paying = scriptOf(`${head}  begin:
    webhook: pay
    send: { amount: "{amount_due}" }
    timeout_s: 20
    save: { receipt: id }
    play: [{ say: Please wait }]
    on: { paid: tell, declined: a, error: b }
  tell: { send: { channel: sms, template: receipt }, next: thanks }
  thanks: { play: [{ say: "Receipt {receipt}" }, { say: Thank you }], end: paid }
`);

/** The texts that are known before the call are ready; whatever else is asked for is written into the diary. */
function storeWith(diary: string[], script: Script, { hangs = false } = {}) {
  const ready = new Map(promptsFor(script, fields).map((ref) => [promptKey(ref), pathOf(ref)]));
  const asked: { texts: string[]; urgent: boolean }[] = [];
  const store: PromptStore = {
    async ensure(refs: Iterable<PromptRef>, options = {}) {
      const list = [...refs];
      const texts = list.map((ref) => ("say" in ref ? `${ref.language} ${ref.say}` : ref.file));
      asked.push({ texts, urgent: options.urgent ?? false });
      if (hangs) await new Promise(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      diary.push(`made ${texts.join("|")}`);
      return new Map(list.map((ref) => [promptKey(ref), pathOf(ref)]));
    },
  };
  const prompts = (ref: PromptRef) => lookup(ready)(ref) ?? ("say" in ref && /Goodbye|Adiós/.test(ref.say) ? pathOf(ref) : undefined);
  return { store, prompts, asked };
}

function webhooksThat(answer: WebhookEnd | undefined, diary: string[]) {
  const calls: { name: string; body: Readonly<Record<string, string>>; timeoutMs: number }[] = [];
  const webhooks: Webhooks = {
    configured: ["pay"],
    async call(name, body, timeoutMs) {
      calls.push({ name, body, timeoutMs });
      await new Promise((resolve) => setImmediate(resolve));
      diary.push("asked");
      return answer ?? new Promise(() => {});
    },
  };
  return { webhooks, calls };
}

t.test("a webhook is asked once, and its hold prompts go on until the next thing can be heard", async (t) => {
  const diary: string[] = [];
  const { webhooks, calls } = webhooksThat({ end: "answered", status: 200, body: { result: "paid", id: "X1" } }, diary);
  const { store, prompts, asked } = storeWith(diary, paying);
  const talk = run(paying, "human", [{}], { diary, webhooks, store, prompts });
  t.same(await talk.ended, {
    end: "completed",
    outcome: "paid",
    path: ["begin", "tell", "thanks"],
    answers: { receipt: { value: "X1" } },
    acted: true,
  });
  const body = { amount: "$12", script: "example", step: "begin", attemptId: "a1", idempotencyKey: "a1:begin:1" };
  t.same(calls, [{ name: "pay", body, timeoutMs: 20_000 }]);
  t.same(diary, [
    "step begin",
    "hold Please-wait",
    "asked",
    "step tell",
    "step thanks",
    "written send",
    "made en-US Receipt X1",
    "hold stops",
    "play Receipt-X1|Thank-you",
    "hang up",
  ]);
  t.same(asked, [{ texts: ["en-US Receipt X1"], urgent: true }]);
  t.equal(talk.clock.pending, 0);
});

t.test("webhooks that answer otherwise, are not configured, or outlast the person", async (t) => {
  for (const [answer, outcome] of [
    [{ end: "answered", status: 200, body: { result: "declined" } }, "a"],
    [{ end: "answered", status: 500, body: { result: "paid" } }, "b"],
    [{ end: "answered", status: 200, body: "paid" }, "b"],
    [{ end: "timeout" }, "b"],
    [{ end: "failed", reason: "reset" }, "b"],
  ] as const) {
    const diary: string[] = [];
    const talk = run(paying, "human", [], { diary, webhooks: webhooksThat(answer, diary).webhooks });
    t.match(await talk.ended, { end: "completed", outcome }, JSON.stringify(answer));
    t.same(diary.slice(-2), ["hold stops", "hang up"]);
  }
  const none = run(paying, "human", []);
  t.match(await none.ended, { outcome: "b" });
  t.same(none.diary, ["step begin", "step b", "hang up"]);

  const diary: string[] = [];
  const left = run(paying, "human", [], { diary, webhooks: webhooksThat({ end: "timeout" }, diary).webhooks, leavesHold: true });
  t.match(await left.ended, { end: "hung-up", outcome: "hung_up" });
  t.ok(diary.includes("hold stops"));
  t.equal(left.clock.pending, 0);

  const late: string[] = [];
  const answer = { end: "answered", status: 200, body: { result: "paid", id: "X1" } } as const;
  const gone = run(paying, "human", [], { diary: late, webhooks: webhooksThat(answer, late).webhooks, leavesHold: true });
  const answers = { receipt: { value: "X1" } };
  t.same(await gone.ended, { end: "hung-up", outcome: "paid", path: ["begin", "tell", "thanks"], answers, acted: true }, "what was answered counts");
  t.same(late, ["step begin", "hold Please-wait", "asked", "step tell", "step thanks", "written send", "hold stops"], "and nothing more is begun");

  const long = run(paying, "human", [], { webhooks: webhooksThat(undefined, []).webhooks });
  setImmediate(() => setImmediate(() => long.clock.advance(300_000)));
  t.match(await long.ended, { end: "too-long", outcome: "too_long" });
  t.ok(long.diary.includes("hold stops"));
});

const echo = scriptOf(`${head}  begin: { collect: [{ say: Number }], into: n, max_digits: 4, next: more, no_input: a }
  more: { menu: [{ say: Press 1 }], keys: { "1": copy, "9": out }, no_input: b }
  copy: { set: { twice: "{n}{n}" }, next: tell }
  tell: { play: [{ say: "It is {n}" }, { say: "Twice {twice}" }], end: told }
`);

t.test("what is made of answers is made as soon as they are known", async (t) => {
  const diary: string[] = [];
  const { store, prompts, asked } = storeWith(diary, echo);
  const talk = run(echo, "human", [keys("42"), keys("1"), {}], { diary, store, prompts });
  t.match(await talk.ended, { outcome: "told" });
  t.same(
    asked.map(({ texts }) => texts.join()),
    ["en-US It is 42", "en-US It is 42,en-US Twice 4242"],
  );
  t.ok(diary.indexOf("made en-US It is 42") > diary.indexOf("collect Press-1"), "the first while the next question is asked");
});

t.test("what is not made in time ends the call with the goodbye", async (t) => {
  const clock = new HandClock();
  const diary: string[] = [];
  const { store, prompts } = storeWith(diary, echo, { hangs: true });
  const talk = run(echo, "human", [keys("42"), keys("1"), {}], { diary, clock, store, prompts });
  const rejected = t.rejects(talk.ended, { code: "prompt-late", retryable: true, answers: { n: { value: "42" } } });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  t.equal(diary.at(-1), "step tell", "it waits");
  clock.advance(1_499);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(diary.at(-1), "step tell");
  clock.advance(1);
  await rejected;
  t.same(diary.slice(-2), ["play goodbye", "hang up"]);
  t.equal(clock.pending, 0);
});

t.test("recordings are named after the visit, and kept when the person leaves", async (t) => {
  const script = scriptOf(`${head}  begin: { record: [{ say: Speak }], into: said, consent: [{ say: OK? }], declined: a, next: b, no_input: again }
  again: { record: [{ say: Again }], into: said, max_s: 5, silence_s: 2, terminators: "*", beep: false, next: b, no_input: a }
`);
  const spoken = run(script, "human", [keys("1"), { record: { end: "recorded", recording: "/r/x.wav", durationMs: 2_500 } }]);
  t.match(await spoken.ended, { outcome: "b", answers: { said: { value: "/r/x.wav", durationMs: 2_500 } } });
  t.same(spoken.diary.slice(1, 3), ["collect OK?", "record Speak"]);
  t.same(spoken.caller.records, [
    { prompts: [{ path: "Speak", durationMs: 1_000 }], name: "a1-begin-1", maxMs: 60_000, silenceMs: 3_000, terminators: "#", beep: true },
  ]);
  t.match(await run(script, "human", [silence]).ended, { outcome: "a", answers: {} });
  const silent = run(script, "human", [keys("1"), { record: { end: "silent" } }, { record: { end: "silent" } }]);
  t.match(await silent.ended, { outcome: "a", path: ["begin", "again", "a"], answers: {} });
  t.match(silent.caller.records[1], { name: "a1-again-2", maxMs: 5_000, silenceMs: 2_000, terminators: "*", beep: false });
  const left = run(script, "human", [keys("1"), { record: { end: "hung-up", said: { recording: "/r/y.wav", durationMs: 900 } } }]);
  t.match(await left.ended, { end: "hung-up", outcome: "hung_up", answers: { said: { value: "/r/y.wav", durationMs: 900 } } });
  t.match(await run(script, "human", [keys("1"), { record: { end: "lost" } }]).ended, { end: "lost", answers: {} });
});

t.test("a group's numbers are tried in turn; what the agent hears is ready before", async (t) => {
  const script = scriptOf(`${head}  begin:
    transfer: { group: desk }
    play: [{ say: Please wait }]
    whisper: [{ say: "Call from {first_name}" }]
    on: { answered: a, no_agent: b }
`);
  const groups = new Map([["desk", ["+15550100", "+15550101"]]]);
  const talk = run(script, "human", [{ transfer: "talked" }], { groups });
  t.match(await talk.ended, { outcome: "a" });
  t.match(talk.caller.transfers, [
    { to: ["+15550100", "+15550101"], whisperPrompts: [{ path: "Call-from" }], holdPrompts: [{ path: "Please-wait" }] },
  ]);
  for (const given of [{}, { groups: new Map([["desk", []]]) }]) {
    const nobody = run(script, "human", [], given);
    t.match(await nobody.ended, { outcome: "b" });
    t.same(nobody.caller.transfers, []);
  }
});

t.test("the goodbye is in the language of the call, and ready before it", async (t) => {
  const script = scriptOf(`${head}  begin: { switch_language: es-US, next: ask }
  ask: { menu: [{ say: { es-US: Marque 9, en-US: Press 9 } }], keys: { "9": out }, no_input: a }
`);
  const diary: string[] = [];
  const { store, asked } = storeWith(diary, scriptOf(`${head}  begin: { end: x }\n`));
  const prompts = await preparePrompts(script, fields, store, ["human"]);
  const texts = asked.flatMap((ask) => ask.texts);
  for (const language of ["en-US We are sorry", "es-US Lo sentimos", "es-US Marque 9"])
    t.ok(
      texts.some((text) => text.startsWith(language)),
      language,
    );
  const talk = run(script, "human", [{ throws: "socket closed" }, {}], { prompts, store });
  await t.rejects(talk.ended, { code: "session-failed" });
  t.same(talk.diary.slice(-2), ["play Lo-sentimos,", "hang up"]);
});
