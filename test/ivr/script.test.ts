import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { Check } from "typebox/value";
import { parse } from "yaml";
import { formatFinding } from "../../src/ivr/finding.ts";
import { type LintOptions, lint } from "../../src/ivr/lint.ts";
import { formatFindings, lintFile } from "../../src/ivr/lint-engine.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import { readScript } from "../../src/ivr/read.ts";
import { ScriptSchema } from "../../src/ivr/schema.ts";
import type { Script, Verdict } from "../../src/ivr/script.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { walk } from "./walk.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");

function scriptOf(source: string): Script {
  const { script, findings } = readScript(source, "test.yaml");
  if (!script) throw new Error(findings.map(formatFinding).join("\n"));
  return script;
}

const head = `script: test
language: en-US
start: { human: begin }
steps:
  out: { suppress: { scope: account }, end: out }
  done: { end: done }
`;
const menu = (keys: string, rest = "") => `${head}  begin:
    menu: [{ say: "Hello. Press 1, or 9 to stop." }]
    keys: ${keys}
    no_input: done${rest}
`;
const soundMenu = menu('{ "1": done, "9": out }');
const begin = (step: string) => `${head}  begin: ${step}\n`;

/** Source, the findings it must give as `line:column code`, and what it is linted against. */
const table: { name: string; source: string; found: string[]; options?: LintOptions }[] = [
  { name: "a sound script", source: soundMenu, found: [] },
  { name: "empty file", source: "", found: ["1:1 wrong-type"] },
  { name: "a list", source: "- a\n", found: ["1:1 wrong-type"] },
  { name: "not YAML", source: "script: x\nsteps: [a\nb: c\n", found: ["3:1 yaml-syntax"] },
  { name: "tab indentation", source: "script: x\n\tsteps: 1\n", found: ["2:1 yaml-syntax"] },
  { name: "two documents", source: `${soundMenu}---\na: 1\n`, found: ["11:1 yaml-syntax"] },
  { name: "duplicate key", source: menu('{ "1": done, "9": out, "1": out }'), found: ["9:34 yaml-duplicate-key"] },
  { name: "duplicate step", source: `${soundMenu}  done: { end: again }\n`, found: ["11:3 yaml-duplicate-key"] },
  { name: "unquoted star in braces", source: menu('{ "1": done, "9": out, *: begin }'), found: ["9:34 yaml-unquoted-star"] },
  { name: "unquoted star in a block", source: menu('\n      "1": done\n      "9": out\n      *: begin'), found: ["12:7 yaml-unquoted-star"] },
  { name: "unquoted hash in braces", source: menu('{ "1": done, "9": out, #: begin }'), found: ["9:34 yaml-unquoted-hash"] },
  { name: "unquoted hash in a block", source: menu('\n      "1": done\n      "9": out\n      #: begin'), found: ["12:7 yaml-unquoted-hash"] },
  { name: "quoted star and hash", source: menu('{ "1": done, "9": out, "*": begin, "#": begin }'), found: [] },
  { name: "an ordinary comment with a colon", source: menu('{ "1": done, "9": out } # note: fine'), found: [] },
  { name: "an alias", source: menu('{ "1": *x, "9": out }'), found: ["9:18 yaml-alias"] },
  { name: "an anchor", source: menu('{ "1": &x done, "9": out }'), found: ["9:21 yaml-alias"] },
  { name: "a tag", source: menu('{ "1": !!binary done, "9": out }'), found: ["9:27 yaml-alias"] },
  { name: "deep nesting", source: `${soundMenu}x: ${"[".repeat(30)}${"]".repeat(30)}\n`, found: ["11:1 unknown-key", "11:24 yaml-too-deep"] },
  { name: "very deep nesting", source: `${soundMenu}x:\n  ${"[".repeat(60_000)}\n`, found: ["12:103 yaml-too-deep"] },
  { name: "very deep lists", source: `${soundMenu}x:\n  ${"- ".repeat(30_000)}\n`, found: ["12:1 yaml-too-deep"] },
  { name: "too large", source: `# ${"x".repeat(131_072)}`, found: ["1:1 yaml-too-large"] },
  {
    name: "a comment that takes the closing bracket with it",
    source: `${head}  begin:\n    menu: [{ say: Press 9 or #1 now }, { say: x }]\n    keys: { "9": out }\n    no_input: done\n`,
    found: ["8:29 yaml-comment-in-text", "9:5 yaml-syntax"],
  },
  {
    name: "a text cut short by a comment",
    source: `${head}  begin:\n    menu:\n      - say: Press 9 # now\n    keys: { "9": out }\n    no_input: done\n`,
    found: ["9:21 yaml-comment-in-text"],
  },
  { name: "an unknown key of the head", source: `need: [a]\n${soundMenu}`, found: ["1:1 unknown-key"] },
  { name: "a missing key of the head", source: soundMenu.replace("language: en-US\n", ""), found: ["1:1 missing-key"] },
  { name: "a name with capitals", source: soundMenu.replace("script: test", "script: Test Me"), found: ["1:9 bad-value"] },
  { name: "a number without quotes", source: `numbers: { desk: +15550100300 }\n${soundMenu}`, found: ["1:18 wrong-type"] },
  { name: "a number not in E.164", source: `numbers: { desk: "0555 0100" }\n${soundMenu}`, found: ["1:18 bad-value"] },
  { name: "a limit out of range", source: `max_call_s: 5\n${soundMenu}`, found: ["1:13 bad-value"] },
  { name: "a wrong type in a menu", source: menu('{ "1": done, "9": out }', "\n    tries: lots"), found: ["11:12 wrong-type"] },
  { name: "an unknown key of a menu", source: menu('{ "1": done, "9": out }', "\n    tires: 2"), found: ["11:5 unknown-key"] },
  { name: "a key no telephone has", source: menu('{ "1": done, "9": out, "A": done }'), found: ["9:34 bad-key"] },
  { name: "a prompt of the wrong form", source: soundMenu.replace("{ say: ", "{ sya: "), found: ["8:12 missing-key", "8:14 unknown-key"] },
  { name: "a number as text", source: soundMenu.replace('"Hello. Press 1, or 9 to stop."', "5"), found: ["8:19 wrong-type"] },
  { name: "a recording outside the folder", source: soundMenu.replace(/say: "[^"]*"/, "file: ../../etc/x.wav"), found: ["8:20 bad-value"] },
  { name: "a hidden recording", source: soundMenu.replace(/say: "[^"]*"/, "file: .x.wav"), found: ["8:20 bad-value"] },
  { name: "an absolute recording is looked for in the folder", source: soundMenu.replace(/say: "[^"]*"/, "file: /a.wav"), found: ["8:20 bad-value"] },
  { name: "a field with a blank in its name", source: soundMenu.replace("Hello.", "Hello {first name}."), found: ["8:26 template"] },
  { name: "a filter that is none", source: soundMenu.replace("Hello.", "{a | nosuch}"), found: ["8:20 template"] },
  { name: "a step without content", source: `${soundMenu}  empty:\n`, found: ["11:3 wrong-type"] },
  { name: "a step with an unknown verb", source: begin("{ webhook: pay }"), found: ["7:12 step-no-verb"] },
  { name: "a step with a misspelt verb", source: begin("{ paly: [{ say: Hi }], end: x }"), found: ["7:12 unknown-key"] },
  { name: "a step with two verbs", source: begin("{ menu: [{ say: Hi }], branch: x }"), found: ["7:3 step-two-verbs"] },
  { name: "a step that leads nowhere", source: begin("{ play: [{ say: Hi }] }"), found: ["7:3 step-no-way"] },
  { name: "a step that leads two ways", source: begin("{ play: [{ say: Hi }], next: done, end: x }"), found: ["7:45 step-two-ways"] },
  { name: "a bad step name", source: `${soundMenu}  Bad-Name: { end: x }\n`, found: ["11:3 step-name"] },
  { name: "a start that is not there", source: soundMenu.replace("human: begin", "human: begni"), found: ["3:17 step-unknown"] },
  { name: "a key that leads nowhere", source: menu('{ "1": dome, "9": out }'), found: ["9:18 step-unknown"] },
  { name: "no_match that leads nowhere", source: menu('{ "1": done, "9": out }', "\n    no_match: gone"), found: ["11:15 step-unknown"] },
  { name: "next that leads nowhere", source: begin("{ play: [{ say: Hi }], next: gone }"), found: ["7:39 step-unknown"] },
  {
    name: "suppress on a channel that is none",
    source: soundMenu.replace("{ scope: account }", "{ channels: [fax], scope: account }"),
    found: ["5:33 bad-value"],
  },
  {
    name: "collect with more than at most",
    source: begin("{ collect: [{ say: Hi }], into: a, min_digits: 5, max_digits: 4, next: done, no_input: done }"),
    found: ["7:45 bad-value"],
  },
  {
    name: "transfer to an unknown name",
    source: begin("{ transfer: desk, play: [{ say: Hi }], on: { answered: done, no_agent: done } }"),
    found: ["7:22 number-unknown"],
  },
  {
    name: "transfer that forgets nobody answering",
    source: begin('{ transfer: { to: "+15550100" }, play: [{ say: Hi }], on: { answered: done, busy: done } }'),
    found: ["7:64 transfer-incomplete"],
  },
  {
    name: "hung_up that speaks",
    source: `${soundMenu.replace('"1": done', '"1": tr')}  tr: { transfer: { to: "+15550100" }, play: [{ say: Hi }], on: { answered: done, no_agent: done, hung_up: begin } }\n`,
    found: ["11:108 hung-up-not-end"],
  },
  {
    name: "a transfer in silence",
    source: `${soundMenu.replace('"1": done', '"1": tr')}  tr: { transfer: { to: "+15550100" }, on: { answered: done, no_agent: done, hung_up: done } }\n`,
    found: ["11:3 transfer-silent"],
  },
  { name: "an unreachable step", source: `${soundMenu}  lonely: { end: x }\n`, found: ["11:3 step-unreachable"] },
  {
    name: "no opt-out from a menu",
    source: menu('{ "1": done }').replace("Press 1, or 9 to stop", "Press 1"),
    found: ["5:3 step-unreachable", "7:3 opt-out-unreachable"],
  },
  {
    name: "no menu at all",
    source: begin("{ play: [{ say: Hi }], end: x }"),
    found: ["3:17 opt-out-unreachable", "5:3 step-unreachable", "6:3 step-unreachable"],
  },
  {
    name: "opt-out one menu further on",
    source: `${soundMenu.replace("human: begin", "human: first")}  first: { menu: [{ say: Press 2 }], keys: { "2": begin }, no_input: begin }\n`,
    found: [],
  },
  {
    name: "a loop with no exit",
    source: `${head.replace("human: begin", "human: begin, machine: ring")}  begin: { menu: [{ say: Press 9 }], keys: { "9": out }, no_input: done }\n  ring: { menu: [{ say: Press 1 }], keys: { "1": ring }, no_input: ring }\n`,
    found: ["8:3 loop-without-exit"],
  },
  {
    name: "a loop that asks nothing",
    source: `${soundMenu.replace('"1": done', '"1": round')}  round: { play: [{ say: Hi }], next: turn }\n  turn: { branch: a, on: { x: done }, else: round }\n`,
    options: { columns: ["a"] },
    found: ["11:3 loop-without-input", "12:3 loop-without-input"],
  },
  { name: "a spoken field that is not needed", source: soundMenu.replace("Hello.", "Hello {name}."), found: ["8:27 field-not-needed"] },
  { name: "a spoken field with a default", source: soundMenu.replace("Hello.", "Hello {name | default: 'you'}."), found: [] },
  { name: "a spoken field in a condition that asks for it", source: soundMenu.replace("Hello.", "{% if name %}{name}{% endif %}"), found: [] },
  { name: "a needed field", source: `needs: [name]\n${soundMenu.replace("Hello.", "Hello {name}.")}`, found: [] },
  { name: "a needed field never used", source: `needs: [name]\n${soundMenu}`, found: ["1:9 need-unused"] },
  {
    name: "a needed column the list lacks",
    source: `needs: [name]\n${soundMenu.replace("Hello.", "Hello {name}.")}`,
    options: { columns: ["nam", "phone"] },
    found: ["1:9 column-missing"],
  },
  {
    name: "an answer that is spoken",
    source: `${soundMenu.replace('"1": done', '"1": ask')}  ask: { collect: [{ say: Hi }], into: pin, max_digits: 4, next: tell, no_input: done }\n  tell: { play: [{ say: "It is {pin}." }], end: told }\n`,
    found: ["11:3 opt-out-unreachable", "12:33 answer-spoken"],
  },
  {
    name: "a branch on nothing known",
    source: `${soundMenu.replace('"1": done', '"1": turn')}  turn: { branch: tier, on: { gold: done }, else: out }\n`,
    found: ["11:19 branch-unknown"],
  },
  { name: "a key spoken and not handled", source: soundMenu.replace("Press 1,", "Press 1, press three,"), found: ["8:36 key-not-handled"] },
  {
    name: "a key handled and not spoken",
    source: menu('{ "1": done, "9": out, "4": done }').replace("or 9", "or press 9"),
    found: ["9:34 key-not-spoken"],
  },
  { name: "keys of which one begins the other", source: menu('{ "1": done, "12": out }').replace("or 9", "or press 12"), found: ["9:13 key-prefix"] },
  {
    name: "a recording that is not there",
    source: soundMenu.replace(/say: "[^"]*"/, "file: a.wav"),
    options: { hasRecording: () => false },
    found: ["8:20 prompt-missing"],
  },
  {
    name: "a recording that is there",
    source: soundMenu.replace(/say: "[^"]*"/, "file: a.wav"),
    options: { hasRecording: (file) => file === "a.wav" },
    found: [],
  },
  {
    name: "a language the engine does not speak",
    source: soundMenu.replace("en-US", "de-DE"),
    options: { languages: ["en"] },
    found: ["2:11 language-unspoken"],
  },
  { name: "a language it speaks", source: soundMenu, options: { languages: ["de", "en"] }, found: [] },
];

t.test("every fault is found, at its place", async (t) => {
  for (const { name, source, found, options } of table) {
    const { findings, script } = lint(source, "test.yaml", options);
    const listed = findings.map((finding) => `${finding.line}:${finding.column} ${finding.code}`);
    t.same(listed, found, `${name}\n${findings.map(formatFinding).join("\n")}`);
    t.equal(
      script === undefined,
      findings.some((finding) => finding.severity === "error"),
      `${name}: no script exactly when there is an error`,
    );
    for (const finding of findings) t.match(finding.fix, /^[A-Z].*[.?]$/s, `${name}: says how to mend ${finding.code}`);
  }
});

t.test("every code has a script that breaks it, and docs/ivr.md lists it", async (t) => {
  const sources = ["read", "lint", "yaml", "schema-findings"].map((file) => text(`src/ivr/${file}.ts`)).join("\n");
  const inCode = new Set(
    [
      ...sources.matchAll(
        /"((?:yaml|step|number|transfer|hung|opt|loop|field|answer|branch|need|column|key|prompt|language|bad|unknown|missing|wrong)-[a-z-]+|template)"/g,
      ),
    ].map((match) => match[1] ?? ""),
  );
  const inTable = new Set(table.flatMap((row) => row.found.map((line) => line.split(" ")[1] ?? "")));
  const inDocs = new Set(
    [...text("docs/ivr.md").matchAll(/^\| (`[^|]*`) \| (?:error|warning)/gm)].flatMap((match) => (match[1] ?? "").match(/[a-z-]+/g) ?? []),
  );
  t.ok(inCode.size >= 35, `${inCode.size} codes`);
  for (const code of inCode) {
    t.ok(inTable.has(code), `${code} has a script that breaks it`);
    t.ok(inDocs.has(code), `${code} is in docs/ivr.md`);
  }
});

t.test("what a stranger sends is refused without much work", async (t) => {
  const filled = (part: (index: number) => string) => {
    let text = "";
    for (let index = 0; text.length < 120_000; index++) text += part(index);
    return text;
  };
  const hostile = [
    filled((index) => `k${index}: 1\n`),
    `{${filled((index) => `${index},`)}}`,
    `[${filled(() => "[],")}]`,
    filled(() => "#: "),
    filled(() => "{"),
    filled(() => "a: [\n"),
    filled(() => '"x '),
    filled(() => "&a *a "),
    filled((index) => `- &a${index} [*a${index - 1},*a${index - 1}]\n`),
    `script: "${filled(() => "\\u0000")}"`,
    `${soundMenu}  big:\n    play: [{ say: "${filled(() => "{a} ")}" }]\n    end: x\n`,
  ];
  for (const source of hostile) {
    const before = process.cpuUsage();
    const { findings, script } = lint(source, "x");
    const { user, system } = process.cpuUsage(before);
    t.equal(script, undefined);
    t.ok(findings.length > 0);
    t.ok(user + system < 5_000_000, `${source.slice(0, 20)}… took ${Math.round((user + system) / 1000)} ms of processor time`);
  }
});

t.test("the JSON Schema for editors takes what Carillon takes", async (t) => {
  for (const name of ["payment-reminder", "appointment-reminder"]) t.ok(Check(ScriptSchema, parse(text(`ivr-scripts/${name}.yaml`))), name);
  t.notOk(Check(ScriptSchema, parse(begin("{ webhook: pay }"))));
  t.ok(JSON.stringify(ScriptSchema).length < 40_000);
});

t.test("all faults of a file come at once, and as lines", async (t) => {
  const source = menu('{ "1": dome, "A": out }', "\n    tries: 99").replace("language: en-US", "language: english!");
  const { findings } = lint(source, "bad.yaml");
  t.same(
    findings.map((finding) => finding.code),
    ["bad-value", "bad-key", "bad-value"],
  );
  t.equal(
    findings.map(formatFinding)[1],
    'bad.yaml:9:24: error bad-key: “A” cannot be pressed on a telephone. Keys are one to four of 0–9, * and #, in quotes: "1", "*".',
  );
  t.match(formatFindings(findings, 1), /\n1 script, 3 errors, 0 warnings$/);
});

t.test("files: the shipped scripts are clean, missing files and recordings are found", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-lint-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  for (const name of ["payment-reminder", "appointment-reminder"]) {
    const path = here(`ivr-scripts/${name}.yaml`).pathname;
    t.same(await lintFile(path, { languages: ["en"], recordingsDir: dir }), [], name);
  }
  t.match(await lintFile(join(dir, "none.yaml")), [{ code: "file-unreadable" }]);
  await mkdir(join(dir, "prompts"));
  await writeFile(join(dir, "secret.wav"), "x");
  await writeFile(join(dir, "prompts/there.wav"), "x");
  await symlink(join(dir, "secret.wav"), join(dir, "prompts/link.wav"));
  for (const [file, codes] of [
    ["there", []],
    ["gone", ["prompt-missing"]],
    ["link", ["prompt-missing"]],
  ] as const) {
    await writeFile(join(dir, "a.yaml"), soundMenu.replace(/say: "[^"]*"/, `file: ${file}.wav`));
    const findings = await lintFile(join(dir, "a.yaml"), { recordingsDir: join(dir, "prompts") });
    t.same(
      findings.map((finding) => finding.code),
      codes,
      file,
    );
  }
});

t.test("every example of docs/ivr.md can be read, and walks as it says", async (t) => {
  const docs = text("docs/ivr.md");
  const [, docHead = ""] = /```yaml head\n(.*?)```/s.exec(docs) ?? [];
  const examples = [...docs.matchAll(/```yaml\n(.*?)```\n((?:<!-- walk .*? -->\n)*)/gs)];
  t.ok(examples.length >= 6);
  const verbs = new Set<string>();
  for (const [, steps = "", walks = ""] of examples) {
    const source = docHead + steps;
    const script = scriptOf(source);
    for (const step of script.steps.values()) verbs.add(step.verb);
    const faults = lint(source, "docs").findings.filter((finding) => finding.severity === "error");
    t.same(faults, [], "lints without error");
    const told = [...walks.matchAll(/<!-- walk (\w+)(?: ([^:]*))?:(.*?)->(.*?)-->/g)];
    t.ok(told.length > 0, "shows how it walks");
    for (const [line, verdict = "", given = "", events = "", outcome = ""] of told) {
      const fields = Object.fromEntries(
        given
          .split(" ")
          .filter(Boolean)
          .map((pair) => pair.split("=")),
      );
      const words = events
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean);
      const walked = walk(script, verdict as Verdict, words, { first_name: "Ann", amount_due: "$5", ...fields });
      t.match(walked.end, new RegExp(` ${outcome.trim()}$`), line);
    }
  }
  t.same([...verbs].sort(), ["branch", "collect", "menu", "play", "transfer"]);
  const codes = [...docs.matchAll(/^## (\w+)$/gm)].map((match) => match[1]);
  for (const verb of ["menu", "collect", "branch", "transfer", "suppress", "end"]) t.ok(codes.includes(verb), `${verb} is explained`);
});

t.test("what a contact could hear is known before the call", async (t) => {
  const script = scriptOf(text("ivr-scripts/payment-reminder.yaml"));
  const fields = { first_name: "Ann", amount_due: "$12", due_date: "May 1" };
  const all = promptsFor(script, fields).map((ref) => ("say" in ref ? ref.say : ref.file));
  t.ok(all.includes("Hello Ann. Your payment of $12 was due on May 1."));
  t.ok(all.includes("This is a message for Ann. Please call us on 1 800 555 0100."));
  t.equal(new Set(all).size, all.length);
  const person = promptsFor(script, fields, ["human"]).map((ref) => ("say" in ref ? ref.say : ref.file));
  t.notOk(person.some((line) => line.startsWith("This is a message")));
  t.throws(() => promptsFor(script, { first_name: "Ann" }), { code: "template-field-missing", detail: { fields: ["amount_due", "due_date"] } });
});

t.test("damaged scripts are findings, never exceptions", async (t) => {
  const seed = 4711;
  const random = seededRandom(seed);
  const good = text("ivr-scripts/payment-reminder.yaml");
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    let source = good;
    for (let cuts = 1 + Math.floor(random.next() * 3); cuts > 0; cuts--) {
      const at = Math.floor(random.next() * source.length);
      const junk = ["", "\n", "{", "}", "[", '"', "*", "&a", "#", ": ", "- ", "\t", "\u0000", "!!map ", "<<: ", "__proto__: ", "%"];
      source = source.slice(0, at) + junk[Math.floor(random.next() * junk.length)] + source.slice(at + Math.floor(random.next() * 12));
    }
    try {
      const { findings, script } = lint(source, "x");
      if (!script) refused += 1;
      t.ok(script !== undefined || findings.length > 0);
      for (const { line, column } of findings) if (!(line >= 1 && column >= 1)) t.fail(`seed ${seed} round ${round}: place ${line}:${column}`);
    } catch (error) {
      t.fail(`seed ${seed} round ${round}: ${String(error)}\n${source}`);
    }
  }
  t.ok(refused > 100, `${refused} of 400 refused`);
});
