import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { TSchema } from "typebox";
import { Check } from "typebox/value";
import { parse } from "yaml";
import { disagreements } from "../../src/ivr/case-agree.ts";
import { caseEditorSchema } from "../../src/ivr/case-editor-schema.ts";
import type { Seen } from "../../src/ivr/case-walk.ts";
import { percent } from "../../src/ivr/coverage.ts";
import { readScript } from "../../src/ivr/read.ts";
import { failuresOf, passed, walkCases } from "../../src/ivr/run-cases.ts";
import type { Script } from "../../src/ivr/script.ts";
import { loadScriptFile } from "../../src/ivr/script-file-engine.ts";

const runCases = (...file: Parameters<typeof walkCases>) => walkCases(...file).report;

const source = `script: tried
language: en-US
zone: America/New_York
needs: [first_name]
start: { human: begin, machine: drop }
steps:
  begin:
    menu: [{ say: "Hello {first_name}. To pay press 1. To give your opinion press 2. To talk press 3. To stop press 9." }]
    tries: 2
    keys: { "1": ask, "2": scored, "3": hours, "9": opt_out }
    no_input: quiet
  ask:
    webhook: take_payment
    send: { name: "{first_name}" }
    result: payment.status
    save: { receipt: payment.id }
    play: [{ say: "One moment." }]
    on: { paid: paid, error: later }
  paid: { play: [{ say: "Your receipt is {receipt}." }], end: paid }
  scored: { survey: [{ say: "From 0 to 10?" }], question: nps, from: 0, to: 10, next: comment, no_input: quiet }
  comment:
    record: [{ say: "Tell us why." }]
    consent: [{ say: "To agree to be recorded press 1." }]
    declined: thanks
    into: reason
    next: thanks
    no_input: thanks
  thanks: { send: { channel: sms, template: thanks }, with: { score: "{nps}" }, end: surveyed }
  hours:
    branch: { what: time }
    on: { "mon-fri 09:00-17:00": desk }
    else: later
  desk:
    transfer: { to: "+15550100310" }
    play: [{ file: hold/wait.wav }]
    on: { answered: talked, no_agent: later, hung_up: gave_up }
  talked: { end: talked }
  gave_up: { end: gave_up }
  later: { callback: { in_s: 3600 }, end: callback_due }
  opt_out: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
  quiet: { end: no_input }
  drop: { end: dropped }
`;

const script = (): Script => {
  const { script: read, findings } = readScript(source, "tried.yaml");
  if (!read) throw new Error(JSON.stringify(findings, null, 1));
  return read;
};
const run = (cases: string, head = "contact: { first_name: Ana }") =>
  runCases(`tests: tried\n${head}\ncases:\n${cases}`, "tried.test.yaml", script());

t.test("everything that can happen on a line can be said, and what is expected is held against what was seen", async (t) => {
  const report = run(`
  - case: pays
    do: [{ keys: "1" }, { webhook: { body: { payment: { status: paid, id: 77 } } } }]
    expect: { path: [begin, ask, paid], says: [Hello Ana, One moment, receipt is 77], never_says: [stop calling], answers: { receipt: "77" }, outcome: paid, end: completed }
  - case: the payment system does not answer
    do: [{ keys: "1" }, { webhook: timeout, at: ask }]
    expect: { outcome: callback_due, effects: [{ callback: { in_s: 3600 } }] }
  - case: a strange answer and a server's fault are no payment
    do: [{ keys: "1" }, { webhook: { status: 500, body: { payment: { status: paid } } } }]
    expect: { outcome: callback_due }
  - case: gives an opinion
    do: [{ keys: "2" }, { keys: "10" }, { keys: "1", at: comment }, { speak_s: 4 }]
    expect:
      effects: [{ send: { channel: sms, template: thanks, with: { score: "10" } } }]
      answers: { nps: "10", reason: recording }
      outcome: surveyed
  - case: says nothing into the recording
    do: [{ keys: "2" }, { keys: "0" }, { keys: "1" }, silence]
    expect: { path: [begin, scored, comment, thanks], outcome: surveyed }
  - case: does not want to be recorded
    do: [{ keys: "2" }, { keys: "11" }, { keys: "3" }, silence]
    expect: { path: [begin, scored, comment, thanks], answers: { nps: "3" }, outcome: surveyed }
  - case: talks to us by day
    do: [{ keys: "3" }, { transfer: talked }]
    expect: { says: ["file:hold/wait.wav"], outcome: talked }
  - case: calls by night
    time: "2026-11-24T22:00:00-05:00"
    do: [{ keys: "3" }]
    expect: { path: [begin, hours, later], outcome: callback_due }
  - case: gives up waiting
    do: [{ keys: "3" }, { hang_up: desk }]
    expect: { outcome: gave_up, end: hung_up, effects: [] }
  - case: hangs up while the opt-out is confirmed
    do: [{ keys: "9" }, { hang_up: opt_out }]
    expect: { outcome: opted_out, effects: [{ suppress: { scope: account } }], end: hung_up }
  - case: says nothing
    do: [silence, { silence: begin }]
    expect: { outcome: no_input }
  - case: a machine
    verdict: machine
    expect: { path: [drop], outcome: dropped }
`);
  t.same(failuresOf(report), []);
  t.ok(passed(report));
  t.equal(report.cases.length, 12);
  t.equal(percent(report.coverage?.steps ?? { covered: 0, total: 1, missing: [] }), 100);
  t.same(report.coverage?.ways.missing, ["scored: silence, wrong key → quiet", "desk: busy, no answer, failed → later"]);
});

t.test("a case that goes another way says where, and what it saw", async (t) => {
  const faults = (cases: string) => run(cases).cases[0]?.faults;
  const table: readonly [string, readonly string[]][] = [
    [
      '{ case: a, do: [{ keys: "9" }], expect: { path: [begin, ask], outcome: paid } }',
      ["path: after begin expected ask, saw opt_out", "outcome: expected paid, saw opted_out"],
    ],
    ["{ case: a, expect: { outcome: paid } }", ["the script waits in begin for keys, and the test says nothing about it"]],
    [
      '{ case: a, do: [{ keys: "9" }, silence], expect: { outcome: opted_out } }',
      ["the script is at its end (opted_out), and silence is still to happen"],
    ],
    [
      "{ case: a, do: [{ transfer: busy }], expect: { outcome: paid } }",
      ["the transfer's end busy cannot happen in begin, where the script waits for keys"],
    ],
    [
      '{ case: a, do: [{ keys: "1" }, { keys: "1", at: scored }], expect: { outcome: paid } }',
      ["keys 1 should happen in scored, but the script waits in ask for the answer of the webhook take_payment"],
    ],
    [
      '{ case: a, do: [{ keys: "9" }], expect: { outcome: opted_out, says: [again, Hello] } }',
      [
        "says: “Hello” is not heard after “You will not be called again.”; heard: “Hello Ana. To pay press 1. To give your opinion press 2. To talk press 3. To stop press 9.” “You will not be called again.”",
      ],
    ],
    [
      '{ case: a, do: [{ keys: "9" }], expect: { outcome: opted_out, never_says: [called again], effects: [] } }',
      [
        "never_says: “called again” is heard in “You will not be called again.”",
        'effects: expected [], saw [{"suppress":{"scope":"account","channels":[]}}]',
      ],
    ],
    [
      '{ case: a, do: [{ keys: "9" }], expect: { outcome: opted_out, effects: [{ suppress: { scope: campaign } }], end: hung_up, answers: { nps: "1" } } }',
      [
        "end: expected hung_up, saw completed",
        'effects: expected [{"suppress":{"scope":"campaign"}}], saw [{"suppress":{"scope":"account","channels":[]}}]',
        "answer nps: expected 1, saw nothing",
      ],
    ],
    [
      "{ case: a, contact: { first_name: '' }, expect: { outcome: paid } }",
      ["the contact has no first_name, which the script needs, and would not be called"],
    ],
  ];
  for (const [one, wanted] of table) t.same(faults(`  - ${one}`), wanted, one);
});

t.test("a file of tests that is wrong says where", async (t) => {
  const first = (text: string) => failuresOf(runCases(text, "x.test.yaml", script()))[0] ?? "";
  t.match(first("tests: tried\ncases:\n  - case: a\n    expct: { outcome: paid }\n"), /^x\.test\.yaml:3:5: error missing-key: `expect`/);
  t.match(first("tests: tried\ncases:\n  - case: a\n    expect: { outcom: paid }\n"), /x\.test\.yaml:4:/);
  t.match(first("tests: tried\ncases:\n  - { case: a, do: [{ keys: 9 }], expect: { outcome: paid } }\n"), /:3:29: error wrong-type.*quotes/);
  t.match(first("tests: tried\ncases:\n  - { case: a, do: [hangup], expect: { outcome: paid } }\n"), /:3:21: error/);
  t.match(first("tests: tried\ncases:\n  - { case: a, verdict: dog, expect: { outcome: paid } }\n"), /:3:25: error bad-value/);
  t.match(first('tests: tried\ncases:\n  - { case: a, time: "10:00", expect: { outcome: paid } }\n'), /:3:22: error bad-value: “10:00” is no time/);
  t.match(
    first("tests: tried\ncases:\n  - { case: a, expect: { outcome: x } }\n  - { case: a, expect: { outcome: x } }\n"),
    /:4:13: error case-twice/,
  );
  t.match(first("tests: other\ncases:\n  - { case: a, expect: { outcome: x } }\n"), /:1:1: error case-other-script: these are tests of other/);
  t.match(first("tests: tried\ncases: []\n"), /:2:8: error/);
  t.match(first("tests: &x tried\ncases: *x\n"), /yaml-alias/);
  t.match(first("just a text"), /:1:1: error wrong-type/);
  t.match(first("tests: tried\ncases:\n  - { case: a, contact: { __proto__: x }, expect: { outcome: x } }\n"), /:3:/);
});

t.test("scripts that lie beside each other are tested as one", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-cases-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const first =
    "script: first\nlanguage: en-US\nstart: { human: begin }\nsteps:\n  begin: { play: [{ say: Hello. }], next: over }\n  over: { script: second }\n";
  await writeFile(join(dir, "first.yaml"), first);
  const alone = await loadScriptFile(join(dir, "first.yaml"));
  t.match(alone.findings, [{ code: "script-unknown", line: 6, column: 19 }], "one that is not there is found where it is named");
  await writeFile(
    join(dir, "second.yaml"),
    "script: second\nlanguage: en-US\nstart: { human: there }\nsteps:\n  there: { play: [{ say: Goodbye. }], end: done }\n",
  );
  const { script: linked } = await loadScriptFile(join(dir, "first.yaml"));
  if (!linked) throw new Error("not linked");
  const report = runCases(
    "tests: first\ncases: [{ case: a, expect: { path: [begin, over, second/there], outcome: done } }]",
    "first.test.yaml",
    linked,
  );
  t.same(failuresOf(report), []);
  await writeFile(join(dir, "second.yaml"), "script: second\nlanguage: en-US\n");
  const broken = await loadScriptFile(join(dir, "first.yaml"));
  t.match(broken.findings, [{ file: join(dir, "second.yaml"), severity: "error" }], "the faults of the other are shown, and only they");
  t.equal((await loadScriptFile(join(dir, "missing.yaml"))).findings[0]?.code, "file-unreadable");
});

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const docs = readFileSync(here("docs/ivr.md"), "utf8");

t.test("the documented tests are what they are said to be", async (t) => {
  const tests = /```yml tests\n(.*?)```/s.exec(docs)?.[1] ?? "";
  const head = /```yaml head\n(.*?)```/s.exec(docs)?.[1] ?? "";
  const steps = [...docs.matchAll(/```yaml\n(.*?)```/gs)].find(([, text = ""]) => text.includes("webhook: take_payment\n    send"))?.[1] ?? "";
  const { script: example } = readScript(head + steps, "example.yaml");
  if (!example) throw new Error("the documented example cannot be read");
  const report = runCases(tests, "example.test.yaml", example);
  t.same(failuresOf(report), []);
  t.equal(report.cases.length, 7);
});

t.test("the JSON Schema of tests is the file in docs, and takes what is taken here", async (t) => {
  const path = here("docs/ivr-test.schema.json");
  if (process.env["TAP_SNAPSHOT"] === "1") writeFileSync(path, caseEditorSchema());
  t.equal(readFileSync(path, "utf8"), caseEditorSchema(), "TAP_SNAPSHOT=1 writes it anew");
  t.match(docs, "# yaml-language-server: $schema=../docs/ivr-test.schema.json");
  const schema = JSON.parse(caseEditorSchema()) as TSchema;
  const shipped = readdirSync(here("ivr-scripts/")).filter((name) => name.endsWith(".test.yaml"));
  for (const name of shipped) t.ok(Check(schema, parse(readFileSync(here(`ivr-scripts/${name}`), "utf8"))), name);
  t.notOk(Check(schema, { tests: "a", cases: [{ case: "a", expct: {} }] }));
  t.notOk(Check(schema, { tests: "a", cases: [{ case: "a", do: ["hangup"], expect: { outcome: "x" } }] }));
});

t.test("keys are taken as a telephone takes them", async (t) => {
  const report = run('  - { case: a, do: [{ keys: "2" }, { keys: "7#" }, { keys: "3" }], expect: { answers: { nps: "7" }, outcome: surveyed } }');
  t.same(failuresOf(report), []);
});

t.test("a call that went another way than the walk: each difference, with both", async (t) => {
  const seen: Seen = {
    path: ["begin", "pay", "paid"],
    heard: ["Hello.", "Thank you."],
    effects: [{ kind: "suppress", scope: "account", channels: ["voice"], reason: "ivr tried begin" }],
    answers: { receipt: { value: "7" } },
    end: "completed",
    outcome: "paid",
  };
  t.same(disagreements(seen, { ...seen }), []);
  t.same(disagreements(seen, { ...seen, path: ["begin", "later"], outcome: "later" }), [
    "path: after begin pay, paid in the walk, later on the call",
    "outcome: paid in the walk, later on the call",
  ]);
  t.same(disagreements(seen, { ...seen, heard: ["Hello."] }), ["heard: after Hello. Thank you. in the walk, nothing more on the call"]);
  t.same(disagreements(seen, { ...seen, effects: [] }), [
    'effects: [{"suppress":{"scope":"account","channels":["voice"]}}] in the walk, [] on the call',
  ]);
  t.same(disagreements(seen, { ...seen, answers: { other: { value: "1" } } }), [
    "answer receipt: 7 in the walk, nothing on the call",
    "answer other: nothing in the walk, 1 on the call",
  ]);
  t.same(disagreements(seen, { ...seen, end: "hung-up" }), ["end: completed in the walk, hung-up on the call"]);
});
