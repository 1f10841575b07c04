import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import t from "tap";
import { callTime } from "../../src/command/ivr-time.ts";
import { type KeyWait, lineKeypad, terminalKeypad } from "../../src/command/keypad.ts";
import { keysOf } from "../../src/ivr/keys.ts";
import { readScript } from "../../src/ivr/read.ts";
import type { Script } from "../../src/ivr/script.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

// Each command is a process, and a loaded machine takes seconds to start one.
t.setTimeout(280_000);
const cli = join(import.meta.dirname, "../../src/cli.ts");
const script = `script: small
language: en-US
needs: [first_name]
start: { human: begin }
steps:
  begin:
    menu: [{ say: "Hello {first_name}. To pay press 1. To be called back press 2. To stop press 9." }]
    tries: 2
    keys: { "1": pay, "2": later, "9": opt_out }
    no_input: done
  pay:
    webhook: take_payment
    result: payment.state
    play: [{ say: "One moment." }]
    save: { receipt: id }
    on: { paid: paid, error: desk }
  paid: { play: [{ say: "Your receipt is {receipt}." }], end: paid }
  desk:
    transfer: { to: "+15550100310" }
    play: [{ say: "Please wait." }]
    on: { answered: done, no_agent: comment }
  comment: { record: [{ say: "Please say why." }], into: why, next: done, no_input: done }
  later: { callback: { in_s: 60 }, end: callback_due }
  opt_out: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
  done: { end: informed }
`;

const dir = await mkdtemp(join(tmpdir(), "carillon-ivr-"));
t.teardown(() => rm(dir, { recursive: true }));
await writeFile(join(dir, "small.yaml"), script);

function carillon(words: readonly string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...words], { cwd: dir }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
    child.stdin?.end(input);
  });
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, name)), { recursive: true });
  await writeFile(join(dir, name), text);
}

const ana = ["--field", "first_name=Ana"];

t.test("walk: lines of a pipe are what happens", async (t) => {
  const paid = await carillon(["ivr", "walk", "small.yaml", ...ana], '\n1\nnonsense\n{"payment": {"state": "paid"}, "id": 7}\n');
  t.equal(paid.code, 0, paid.err);
  t.match(
    paid.out,
    /“Hello Ana\. [\s\S]*“Hello Ana\. [\s\S]*── pay\n[\s\S]*Give an answer as JSON, timeout or error, such as \{"payment":\{"state":"paid"\}\}, or h[\s\S]*“Your receipt is 7\.”\n══ outcome paid \(receipt=7\)\n$/,
  );
  const recorded = await carillon(["ivr", "walk", "small.yaml", ...ana], "1\nerror\nno_answer\n3.5\n");
  t.match(recorded.out, /── comment\n[\s\S]*══ outcome informed \(why=recording\)\n$/);
  const stopped = await carillon(["ivr", "walk", "small.yaml", ...ana], "9\n");
  t.match(stopped.out, /effect: \{"suppress":\{"scope":"account","channels":\[\]\}\}\n {3}“You will not be called again\.”\n══ outcome opted_out\n$/);
  const gone = await carillon(["ivr", "walk", "small.yaml", ...ana], "5\n");
  t.match(gone.out, /hangs up\)\n══ hung-up, outcome hung_up\n$/, "the end of the lines hangs up");
});

t.test("walk: keys that work everywhere, written as k9 where something else is asked", async (t) => {
  const due = ["--field", "amount_due=2", "--field", "due_date=2026-11-02"];
  const script = join(import.meta.dirname, "../../ivr-scripts/payment-reminder.yaml");
  for (const [lines, last] of [
    ["1\n3\nk9\n", "agent"],
    ["1\n1\nk8\nk9\n", "pay"],
    ["1\n3\nbusy\nk9\n", "call_back_noted"],
  ] as const) {
    const { code, out, err } = await carillon(["ivr", "walk", script, ...ana, ...due], lines);
    t.equal(code, 0, err);
    t.match(out, new RegExp(`── ${last}\\n[^─]*── opt_out\\n[^─]*══ outcome opted_out\\n$`), last);
  }
});

t.test("walk: what is missing is said in one line", async (t) => {
  const without = await carillon(["ivr", "walk", "small.yaml"]);
  t.same([without.code, without.err], [1, "carillon: the script needs first_name: add --field first_name=…\n"]);
  const unknown = await carillon(["ivr", "walk", "nothing.yaml"]);
  t.equal(unknown.code, 1);
  t.match(unknown.err, /^nothing\.yaml:1:1: error file-unreadable: the file cannot be read: there is no such file or folder\. /);
  t.match((await carillon(["ivr", "graph", "."])).err, /^\.:1:1: error file-unreadable: the file cannot be read: it is a folder\. Name a script/);
});

t.test("keys are taken as a telephone takes them", async (t) => {
  const wait = { maxDigits: 4, terminators: "#" };
  for (const [text, keys] of [
    ["12", "12"],
    ["12#34", "12"],
    ["1 2-3 4 5", "1234"],
    ["", ""],
    ["abc", ""],
    ["*1", "*1"],
  ] as const)
    t.equal(keysOf(text, wait), keys, text);
  const input = new PassThrough();
  const output = new PassThrough();
  const keypad = lineKeypad(input, output);
  input.end("4711\n12\nh\n");
  t.equal(await keypad.keys({ ...wait, firstDigitMs: 1, interDigitMs: 1, secret: true }), "4711");
  t.equal(await keypad.keys({ ...wait, firstDigitMs: 1, interDigitMs: 1, secret: false }), "12");
  t.equal(String(output.read()), "••••\n12\n", "secret keys are not shown");
  t.equal(await keypad.keys({ ...wait, firstDigitMs: 1, interDigitMs: 1, secret: false }), "hang-up");
  t.equal(await keypad.line("?"), "hang-up", "and so does the end of the input");
});

t.test("a terminal: keys count as they are pressed, silence by the clock", async (t) => {
  const clock = new VirtualClock();
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) }) as unknown as NodeJS.ReadStream;
  const output = new PassThrough();
  const keypad = terminalKeypad(input, output as unknown as NodeJS.WriteStream, clock);
  const wait: KeyWait = { maxDigits: 3, terminators: "#", firstDigitMs: 5_000, interDigitMs: 2_000, secret: true };
  const press = (keys: string) => input.emit("data", Buffer.from(keys));
  const silence = keypad.keys(wait);
  await clock.advance(5_000);
  t.equal(await silence, "");
  const slow = keypad.keys(wait);
  await clock.advance(4_999);
  press("1");
  await clock.advance(1_999);
  press("2x");
  await clock.advance(2_000);
  t.equal(await slow, "12", "each key begins a new wait; what no telephone has is not there");
  const full = keypad.keys(wait);
  press("1239");
  t.equal(await full, "123");
  const ended = keypad.keys(wait);
  press("7#");
  t.equal(await ended, "7");
  const hung = keypad.keys(wait);
  press("\u0003");
  t.equal(await hung, "hang-up");
  t.equal(clock.pending, 0);
  t.equal(input.listenerCount("data"), 0);
  t.same(raw.slice(-2), [true, false], "the terminal is as it was");
  t.notMatch(String(output.read()), /[0-9]/, "secret keys are not shown");
});

t.test("test: the files, what failed, and what is left untried", async (t) => {
  await writeFile(
    join(dir, "small.test.yaml"),
    `tests: small
contact: { first_name: Ana }
cases:
  - { case: opts out, do: [{ keys: "9" }], expect: { outcome: opted_out } }
  - { case: wrong, do: [{ keys: "2" }], expect: { outcome: paid } }
`,
  );
  const failed = await carillon(["ivr", "test", "small.yaml"]);
  t.equal(failed.code, 1);
  t.equal(
    failed.out,
    `small.test.yaml:5: wrong
    outcome: expected paid, saw callback_due
small.test.yaml: 1 of 2 cases passed; steps 37 % (3 of 8), ways 25 % (2 of 8)
  not tried, steps: pay; paid; desk; comment; done
  not tried, ways: begin: 1 → pay; begin: silence, wrong key → done; pay: paid → paid; pay: else, timeout, error → desk; desk: answered → done; desk: busy, no answer, failed → comment
1 script, 2 cases, 1 failed
`,
  );
  await writeFile(
    join(dir, "small.test.yaml"),
    `tests: small\ncontact: { first_name: Ana }\ncases: [{ case: a, do: [{ keys: "9" }], expect: { outcome: opted_out } }]\n`,
  );
  t.match(await carillon(["ivr", "test", "."]), { code: 0, out: /1 script, 1 cases?, all passed\n$/ });
  t.match(await carillon(["ivr", "test", ".", "--min-coverage", "50"]), {
    code: 1,
    out: /\nsmall\.test\.yaml: only 25 % of the steps are tried, and --min-coverage wants 50 %\n1 script, 1 case, all passed; 1 script tried less than 50 %\n$/,
  });
  t.match(await carillon(["ivr", "test", ".", "--min-coverage", "25"]), { code: 0, out: /1 script, 1 case, all passed\n$/ });
  t.match(await carillon(["ivr", "test", ".", "--min-coverage", "101"]), { code: 1, out: "", err: /'101' is invalid\. must be 0 to 100/ });
  const json = await carillon(["ivr", "test", "small.test.yaml", "--json"]);
  t.match(JSON.parse(json.out), [
    { file: "small.test.yaml", cases: [{ name: "a", line: 3, faults: [] }], coverage: { steps: { covered: 2, total: 8 } } },
  ]);
  t.match(await carillon(["ivr", "test", "nowhere"]), {
    code: 1,
    err: "carillon: nowhere cannot be read: there is no such file or folder. Name a script, a file of tests or a folder.\n",
  });
  await write("straight/one.yaml", "script: one\nlanguage: en-US\nstart: { human: a }\nsteps: { a: { end: done } }\n");
  await write("straight/one.test.yaml", "tests: one\ncases: [{ case: a, expect: { outcome: done } }]\n");
  t.match(await carillon(["ivr", "test", "straight"]), { code: 0, out: /: 1 of 1 case passed; steps 100 % \(1 of 1\), no ways to choose from\n/ });
});

t.test("lint: of a folder the scripts, and what was passed over is said", async (t) => {
  await write("project/carillon.yaml", "log: { level: info }\n");
  t.match(await carillon(["ivr", "lint", "project"]), {
    code: 1,
    out: "",
    err: "carillon: There are no scripts in project. project/carillon.yaml is skipped: no line there begins with script:. Scripts are files called NAME.yaml that begin with script: NAME.\n",
  });
  await write("project/ivr-scripts/small.yaml", script);
  await write("project/ivr-scripts/small.test.yaml", "tests: small\ncases: [{ case: a, do: [hang_up], expect: { outcome: hung_up } }]\n");
  await write("project/ivr-scripts/nameless.yaml", script.replace("script: small\n", ""));
  const found = await carillon(["ivr", "lint", "project", "--json"]);
  t.match(JSON.parse(found.out), {
    files: ["project/ivr-scripts/nameless.yaml", "project/ivr-scripts/small.yaml"],
    skipped: ["project/carillon.yaml"],
    findings: [{ file: "project/ivr-scripts/nameless.yaml", code: "missing-key" }],
  });
  t.match(await carillon(["ivr", "lint", "project"]), { err: "note: skipped, since no line begins with script: in project/carillon.yaml\n" });
  t.match(await carillon(["ivr", "lint", "project/carillon.yaml"]), { code: 1, out: /error missing-key/ }, "a file that is named is meant");
  t.match(await carillon(["ivr", "test", "project"]), { out: /^project\/ivr-scripts\/small\.test\.yaml/ });

  const [small, tests] = ["project/ivr-scripts/small.yaml", "project/ivr-scripts/small.test.yaml"];
  t.match(
    await carillon(["ivr", "lint", small, tests]),
    { out: /^1 script, /m, err: `note: skipped, since they are tests (carillon ivr test plays them): ${tests}\n` },
    "as *.yaml names them",
  );
  t.match(await carillon(["ivr", "lint", tests]), { code: 1, out: "", err: /^carillon: There are no scripts among them, but tests: / });
});

t.test("walk: at a time of somebody's choice", async (t) => {
  const hours = `script: hours
language: en-US
zone: America/New_York
start: { human: when }
steps:
  when:
    branch: { what: time, zone: contact }
    on: { "mon-fri 09:00-17:00": open, "sat,sun": weekend }
    else: closed
  open: { end: open }
  weekend: { end: weekend }
  closed: { end: closed }
`;
  await write("hours.yaml", hours);
  t.match(await carillon(["ivr", "walk", "hours.yaml", "--at", "2026-12-24T16:59"]), { code: 0, out: /══ outcome open\n$/ });
  t.match(await carillon(["ivr", "walk", "hours.yaml", "--at", "2026-12-24T17:00"]), { code: 0, out: /══ outcome closed\n$/ });
  t.match(await carillon(["ivr", "walk", "hours.yaml", "--at", "tomorrow"]), {
    code: 1,
    out: "",
    err: "carillon: --at tomorrow is no time. Write it as 2026-12-24T18:30, or with its offset: 2026-12-24T18:30-05:00.\n",
  });

  const read = (text: string) => readScript(text, "hours.yaml").script as Script;
  const at = (text: string, fields = {}, from = hours) => new Date(callTime(text, read(from), fields)).toISOString();
  t.equal(at("2026-12-24T10:30"), "2026-12-24T15:30:00.000Z", "on the script's clock");
  t.equal(at("2026-07-24 10:30:15"), "2026-07-24T14:30:15.000Z");
  t.equal(at("2026-12-24T10:30", { time_zone: "Asia/Tokyo" }), "2026-12-24T01:30:00.000Z", "on the contact's own");
  t.equal(at("2026-12-24T10:30", { time_zone: "nowhere" }), "2026-12-24T15:30:00.000Z");
  t.equal(at("2026-12-24T10:30Z", { time_zone: "Asia/Tokyo" }), "2026-12-24T10:30:00.000Z");
  t.equal(at("2026-12-24T10:30:00+0530"), "2026-12-24T05:00:00.000Z");
  for (const text of ["", "2026-12-24", "2026-13-01T10:00", "2026-02-30T10:00Z"])
    t.throws(() => at(text), { code: "time-form", message: /is no time\. Write/ });
  const zoneless = hours.replace("zone: America/New_York\n", "");
  t.throws(() => at("2026-12-24T10:30", {}, zoneless), {
    message: /has no offset, and neither the contact nor the script has a time zone: add --field/,
  });
  t.throws(() => at("2026-12-24T10:30", { time_zone: "Mars" }, zoneless), {
    message: /the contact's time_zone Mars is none, and the script has none/,
  });
  t.equal(at("2026-12-24T10:30Z", {}, zoneless), "2026-12-24T10:30:00.000Z");
});

t.test("graph: Mermaid on standard output, SVG in a file", async (t) => {
  t.match(await carillon(["ivr", "graph", "small.yaml"]), { code: 0, out: /^flowchart TD\n/ });
  t.match(await carillon(["ivr", "graph", "small.yaml", "--svg", "small.svg"]), { code: 0, out: "small.svg: 13 nodes, 15 ways.\n" });
  t.match(await carillon(["ivr", "graph", "small.yaml", "--svg", "nowhere/small.svg"]), {
    code: 1,
    err: "carillon: nowhere/small.svg cannot be written: there is no such file or folder\n",
  });
  t.match(await readFile(join(dir, "small.svg"), "utf8"), /<svg [\s\S]*begin · menu[\s\S]*<\/svg>/);
});

t.test("graph: what nobody could read is not laid out for minutes", async (t) => {
  const names = Array.from({ length: 80 }, (_, index) => `s${index}`);
  const keys = (from: number) => names.slice(0, 40).map((_, index) => `"${100 + index}": ${names[(from + index) % names.length]}`);
  const steps = names.map((name, index) => `  ${name}: { menu: [{ say: hello }], keys: { ${keys(index).join(", ")} }, no_input: ${name} }`);
  await writeFile(join(dir, "large.yaml"), `script: large\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n${steps.join("\n")}\n`);
  t.match(await carillon(["ivr", "graph", "large.yaml", "--svg", "large.svg"]), {
    code: 1,
    out: "",
    err: /^carillon: large\.yaml: a picture of \d+ ways .*\n$/,
  });
  t.match(await carillon(["ivr", "graph", "large.yaml"]), { code: 0, out: /^flowchart TD\n/ });
});
