import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import t from "tap";
import { type KeyWait, lineKeypad, terminalKeypad } from "../../src/command/keypad.ts";
import { keysOf } from "../../src/ivr/keys.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

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

t.test("walk: what is missing is said in one line", async (t) => {
  const without = await carillon(["ivr", "walk", "small.yaml"]);
  t.same([without.code, without.err], [1, "carillon: the script needs first_name: add --field first_name=…\n"]);
  const unknown = await carillon(["ivr", "walk", "nothing.yaml"]);
  t.equal(unknown.code, 1);
  t.match(unknown.err, /^nothing\.yaml:1:1: error file-unreadable/);
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
  t.match(await carillon(["ivr", "test", ".", "--min-coverage", "50"]), { code: 1, out: /25 % of the steps are tried, 50 % are asked for/ });
  const json = await carillon(["ivr", "test", "small.test.yaml", "--json"]);
  t.match(JSON.parse(json.out), [
    { file: "small.test.yaml", cases: [{ name: "a", line: 3, faults: [] }], coverage: { steps: { covered: 2, total: 8 } } },
  ]);
  t.match(await carillon(["ivr", "test", "nowhere"]), { code: 1, err: /^carillon: nowhere cannot be read: .*\n$/ });
});

t.test("graph: Mermaid on standard output, SVG in a file", async (t) => {
  t.match(await carillon(["ivr", "graph", "small.yaml"]), { code: 0, out: /^flowchart TD\n/ });
  t.match(await carillon(["ivr", "graph", "small.yaml", "--svg", "small.svg"]), { code: 0, out: "small.svg: 13 nodes, 15 ways.\n" });
  t.match(await carillon(["ivr", "graph", "small.yaml", "--svg", "nowhere/small.svg"]), {
    code: 1,
    err: /^carillon: nowhere\/small\.svg cannot be written: [^\n]*\n$/,
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
