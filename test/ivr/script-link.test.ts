import t from "tap";
import { link, scriptsNamedBy } from "../../src/ivr/link.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import type { Script } from "../../src/ivr/script.ts";
import { scriptOf } from "./script-kit.ts";
import { walk } from "./walk.ts";

const main = scriptOf(`script: main
language: en-US
needs: [name]
max_call_s: 60
start: { human: begin, machine: begin }
steps:
  begin: { menu: [{ say: "Hi {name}, press 1" }], keys: { "1": other, "2": again, "9": out }, no_input: done }
  other: { script: other }
  again: { script: main }
  out: { suppress: { scope: account }, end: out }
  done: { end: done }
`);
const other = scriptOf(`script: other
language: es-US
needs: [amount]
right_party: begin
start: { human: begin, machine: voicemail }
steps:
  begin: { menu: [{ say: "{amount}" }], retry: [{ say: Otra vez }], keys: { "1": deeper, "2": back, "9": done }, no_input: done }
  voicemail: { play: [{ say: Mensaje }], end: voicemail }
  deeper: { script: third }
  back: { script: main }
  done: { end: other_done }
`);
const third = scriptOf(`script: third
language: en-US
start: { human: begin }
steps:
  begin: { branch: { what: verdict }, on: { human: desk }, else: done }
  desk: { transfer: { to: "+15550100" }, play: [{ say: Wait }], on: { answered: done, no_agent: record, hung_up: done } }
  record: { record: [{ say: Speak }], consent: [{ say: OK? }], declined: done, into: c, next: hook, no_input: score }
  hook: { webhook: w, play: [{ say: Wait }], save: { d: e }, on: { ok: call, error: score } }
  call: { callback: { at: "{d}" }, else: write, next: write }
  write: { send: { channel: sms, template: t }, next: keep }
  keep: { set: { x: y }, next: score }
  score: { survey: [{ say: Score? }], question: q, next: digits, no_input: done }
  digits: { collect: [{ say: Digits? }], into: z, max_digits: 1, next: tell, no_input: tell }
  tell: { play: [{ say: Bye }], next: done }
  done: { end: third_done }
`);
const scripts = (...list: Script[]) => new Map(list.map((script) => [script.name, script]));

t.test("a script is walked into the others and back", async (t) => {
  t.same(scriptsNamedBy(main), ["other"]);
  const { script, faults } = link(main, scripts(other, third));
  t.same(faults, []);
  t.match(script, { name: "main", language: "en-US", languages: ["en-US", "es-US"], needs: ["name", "amount"], maxCallMs: 60_000 });
  t.equal(script.rightParty, "other/begin");
  const fields = { name: "Ann", amount: "cinco" };
  for (const [verdict, words, path, end] of [
    ["human", "1 silence 9", "begin other other/begin other/done", "completed other_done"],
    ["human", "2 1 2 9", "begin again begin other other/begin other/back begin out", "completed out"],
    ["machine", "1 played", "begin other other/voicemail", "completed voicemail"],
    ["human", "1 1 hangup", "begin other other/begin other/deeper third/begin third/desk third/done", "hung-up third_done"],
    [
      "human",
      'busy 1 recorded {"result":"ok","e":"x"} 7 3 played',
      "begin other other/begin other/deeper third/begin third/desk third/record third/hook third/call third/write third/keep third/score third/digits third/tell third/done",
      "completed third_done",
    ],
    ["human", "talked", "begin other other/begin other/deeper third/begin third/desk third/done", "completed third_done"],
  ] as const) {
    const given = words.split(" ");
    const walked = walk(script, verdict, path.includes("third") && given[0] !== "1" ? ["1", "1", ...given] : given, fields);
    t.equal(walked.path.join(" "), path, words);
    t.equal(walked.end, end, words);
  }
  t.equal(walk(script, "machine", ["1", "played"], fields).end, "completed voicemail");
});

t.test("texts of another script stay in its language", async (t) => {
  const { script } = link(main, scripts(other, third));
  const said = promptsFor(script, { name: "Ann", amount: "cinco" }).map((ref) => ("say" in ref ? `${ref.language} ${ref.say}` : ref.file));
  for (const line of ["en-US Hi Ann, press 1", "es-US cinco", "es-US Otra vez", "es-US Mensaje", "en-US Speak"]) t.ok(said.includes(line), line);
});

t.test("a verdict for which the other script has no step ends the call, as at its beginning", async (t) => {
  const { script } = link(main, scripts({ ...other, start: { human: "begin", unknown: "begin" } }, third));
  t.equal(walk(script, "machine", ["1"], { name: "Ann" }).end, "completed machine");
});

t.test("what cannot be put together is told", async (t) => {
  t.same(link(main, new Map()).faults, [
    { code: "script-unknown", script: "main", step: "other", message: "there is no script other", fix: "Publish it first, or name another." },
  ]);
  t.equal(walk(link(main, new Map()).script, "human", ["1"], { name: "Ann" }).end, "completed no_script");
  t.match(link(main, scripts(other)).faults, [{ code: "script-unknown", script: "other", step: "deeper" }]);
  const many = Array.from({ length: 30 }, (_, index) =>
    scriptOf(`script: s${index}\nlanguage: en-US\nstart: { human: a }\nsteps: { a: { script: s${index + 1} } }\n`),
  );
  const [first, ...rest] = many;
  t.match(first && link(first, scripts(...rest)).faults, [{ code: "script-too-large", script: "s19", step: "a" }]);
  const steps = Array.from({ length: 500 }, (_, index) => `  s${index}: { end: x }\n`).join("");
  const large = Array.from({ length: 5 }, (_, index) =>
    scriptOf(`script: l${index}\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n${steps.replace("{ end: x }", `{ script: l${index + 1} }`)}`),
  );
  t.match(link(large[0] ?? main, scripts(...large)).faults, [{ code: "script-too-large", script: "l3" }]);
  const alone = third;
  t.equal(link(alone, scripts(other)).script, alone, "a script that names no other is itself");
});
