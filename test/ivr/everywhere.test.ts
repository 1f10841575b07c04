import t from "tap";
import type { WebhookEnd, Webhooks } from "../../src/ivr/ports.ts";
import { scriptOf } from "./script-kit.ts";
import { keys, type Reply, run } from "./session-kit.ts";
import { walk } from "./walk.ts";

const script = scriptOf(`
script: everywhere
language: en-US
everywhere: { "9": out, "*": ask, "1": desk }
start: { human: hello, machine: hello }
steps:
  hello: { play: [{ say: "Hello there. To stop press 9." }], next: ask }
  ask:
    menu: [{ say: "What now" }]
    barge_in: false
    keys: { "1": pay, "2": code, "3": rate, "4": tell, "5": desk, "6": last, "12": last }
    no_input: last
  code: { collect: [{ say: "Your code" }], into: code, min_digits: 2, max_digits: 4, next: last, no_input: last }
  rate: { survey: [{ say: "How much" }], question: nps, to: 9, next: last, no_input: last }
  tell: { record: [{ say: "Speak now" }], consent: [{ say: "May we" }], declined: last, into: said, next: last, no_input: last }
  pay:
    webhook: bank
    save: { receipt: id }
    play: [{ say: "Please wait" }]
    on: { paid: last, error: last }
  desk:
    transfer: { group: desk }
    play: [{ say: "One moment" }]
    on: { answered: talked, no_agent: last }
  talked: { end: talked }
  last: { play: [{ say: "Good bye" }], end: told }
  out: { suppress: { scope: account }, play: [{ say: "Never again" }], end: opted_out }
`);

const groups = new Map([["desk", ["+15550100", "+15550101"]]]);
const press = (presses: string, more: Reply = {}): Reply => ({ presses, ...more });
const optedOut = ["written suppress", "play Never-again", "hang up"];

/** Webhooks that answer when they are told to. */
function bank(diary: string[]) {
  const answer = Promise.withResolvers<WebhookEnd>();
  const webhooks: Webhooks = {
    configured: ["bank"],
    call: () => {
      diary.push("asked");
      return answer.promise;
    },
  };
  return { webhooks, answer: (body: unknown) => answer.resolve({ end: "answered", status: 200, body }) };
}

t.test("a key leads away from whatever a person hears, says or waits for, and the opt-out is written before its prompt", async (t) => {
  const said = { record: { end: "recorded", recording: "/r/x.wav", durationMs: 900 } } as const;
  const table: [string, Reply[], string[], string][] = [
    ["what is played", [press("9"), {}], ["step hello", "play Hello-there", "step out"], "opted_out"],
    ["the last words", [{}, keys("6"), press("9"), {}], ["step last", "play Good-bye", "step out"], "opted_out"],
    ["a menu that takes no keys yet", [{}, press("9", keys("")), {}], ["collect What-now", "step out"], "opted_out"],
    ["a menu", [{}, keys("9"), {}], ["step ask", "collect What-now", "step out"], "opted_out"],
    ["the question whether to be recorded", [{}, keys("4"), keys("9"), {}], ["step tell", "collect May-we", "step out"], "opted_out"],
    ["a recording", [{}, keys("4"), keys("1"), press("9", said), {}], ["record Speak-now", "step out"], "opted_out"],
    ["somebody who is rung", [{}, keys("5"), press("9"), {}], ["step desk", "transfer +15550100,+15550101", "step out"], "opted_out"],
  ];
  for (const [where, replies, end, outcome] of table) {
    const talk = run(script, "human", replies, { groups });
    t.match(await talk.ended, { end: "completed", outcome }, where);
    t.same(talk.diary.slice(-end.length - 3), [...end, ...optedOut], where);
    t.match(talk.effects, [{ kind: "suppress", reason: "ivr everywhere out" }], where);
    t.equal(talk.clock.pending, 0, where);
  }
  const recorded = run(script, "human", [{}, keys("4"), keys("1"), press("9", said), {}]);
  t.match((await recorded.ended).answers, { said: { value: "/r/x.wav", durationMs: 900 } }, "what was said is kept");
});

t.test("a step that takes a key goes before, and a key leads nowhere where it would lead to the same step", async (t) => {
  const table: [string, Reply[], string][] = [
    ["9 is a score", [{}, keys("3"), press("9", keys("9")), {}], "told"],
    ["9 is a digit", [{}, keys("2"), press("9", keys("99")), {}], "told"],
    ["9 alone is too short, and no opt-out", [{}, keys("2"), keys("9"), keys("91"), {}], "told"],
    ["1 is a key of the menu", [{}, press("1", keys("1")), {}], "told"],
    ["1 agrees", [{}, keys("4"), keys("1"), {}, {}], "told"],
    ["1 would ring the desk again", [{}, keys("5"), press("1", { transfer: "busy" }), {}], "told"],
    ["9 pressed twice", [press("99"), press("9")], "opted_out"],
    ["a key of a conversation", [{}, keys("5"), press("9", { transfer: "talked" })], "talked"],
    ["a key that means nothing here", [press("7"), keys("6"), press("8")], "told"],
    ["hung up at the same moment", [press("9", { play: "hung-up" })], "hung_up"],
  ];
  for (const [name, replies, outcome] of table) {
    const talk = run(script, "human", replies, { groups });
    t.equal((await talk.ended).outcome, outcome, name);
    t.equal(talk.effects.length, outcome === "opted_out" ? 1 : 0, name);
  }
  const twice = run(script, "human", [press("99"), press("9")], {});
  await twice.ended;
  t.same(twice.diary, ["step hello", "play Hello-there", "step out", ...optedOut], "the confirmation is not begun anew");
});

t.test("asking again is repeating: star in a collect, a survey and a menu", async (t) => {
  for (const key of ["2", "3"]) {
    const talk = run(script, "human", [{}, keys(key), press("*", keys("1*")), keys("6"), {}]);
    t.same((await talk.ended).path, ["hello", "ask", key === "2" ? "code" : "rate", "ask", "last"]);
  }
  const menu = run(script, "human", [{}, keys("7"), keys("7"), keys("*"), keys("6"), {}]);
  t.same((await menu.ended).path, ["hello", "ask", "ask", "last"]);
});

t.test("a key that comes between two things ends what would begin next", async (t) => {
  const talk = run(script, "human", [{}, keys("6"), {}], {});
  const written = talk.caller.collect.bind(talk.caller);
  talk.caller.collect = async (request) => {
    const end = await written(request);
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => talk.caller.press("9"))));
    return end;
  };
  t.equal((await talk.ended).outcome, "opted_out");
  t.notOk(talk.diary.includes("play Good-bye"));
});

t.test("whoever does not wait for a webhook goes on at once, and its answer is kept", async (t) => {
  const diary: string[] = [];
  const { webhooks, answer } = bank(diary);
  const talk = run(script, "human", [{}, keys("1"), {}], { diary, webhooks, pressesInHold: "9" });
  await talk.caller.gone;
  t.same(diary.slice(4), ["step pay", "hold Please-wait", "asked", "step out", "written suppress", "hold stops", "play Never-again", "hang up"]);
  answer({ result: "paid", id: "R7" });
  t.match(await talk.ended, { end: "completed", outcome: "opted_out", path: ["hello", "ask", "pay", "out"], answers: { receipt: { value: "R7" } } });
  const during: string[] = [];
  const other = bank(during);
  const again = run(script, "human", [{}, keys("1"), keys("6"), {}], { diary: during, webhooks: other.webhooks, pressesInHold: "*" });
  // After the key, and before the call ends.
  setImmediate(() => setImmediate(() => other.answer({ result: "paid", id: "R8" })));
  t.match(await again.ended, { outcome: "told", path: ["hello", "ask", "pay", "ask", "last"], answers: { receipt: { value: "R8" } } });
});

t.test("a machine presses no keys", async (t) => {
  const talk = run(script, "machine", [press("9"), keys("9"), keys("9"), keys("9"), press("9")]);
  t.match(await talk.ended, { outcome: "told", path: ["hello", "ask", "last"] });
  t.equal(walk(script, "unknown", ["played", "9"]).last.place.step, "out", "who may be a person does");
});
