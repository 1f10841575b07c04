import t from "tap";
import { goodbyeText } from "../../src/ivr/goodbye.ts";
import { type PromptRef, promptKey } from "../../src/ivr/ports.ts";
import type { Verdict } from "../../src/ivr/script.ts";
import { preparePrompts } from "../../src/ivr/session.ts";
import { fields, payment, scriptOf } from "./script-kit.ts";
import { keys, pathOf, type Reply, run, silence } from "./session-kit.ts";

t.test("a session plays, collects, transfers and hangs up, in the script's order", async (t) => {
  const talk = run(payment, "human", [silence, keys("5"), keys("2"), { transfer: "no-answer" }, {}]);
  t.same(await talk.ended, { end: "completed", outcome: "callback_due", path: ["reminder", "agent", "call_back"], answers: {}, acted: false });
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
  t.same(ended, { end: "completed", outcome: "right", path: ["pin", "zip", "check", "right"], answers: { zip: { value: "55555" } }, acted: false });
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
