import t from "tap";
import { readCases } from "../../src/ivr/case.ts";
import { formatFinding } from "../../src/ivr/finding.ts";
import { lint } from "../../src/ivr/lint.ts";
import { readYaml } from "../../src/ivr/yaml.ts";

const script = (begin: string) => `script: x
language: en-US
start: { human: begin }
steps:
  begin: ${begin}
  out: { suppress: { scope: account }, end: opted_out }
`;
const menu = (prompts: string) => script(`{ menu: ${prompts}, keys: { "9": out }, no_input: out }`);
const tests = (happens: string) => `tests: x\ncases:\n  - { case: one, do: [${happens}], expect: { outcome: done } }\n`;

/** What somebody who does not know the schema is told about their mistake. */
const table: readonly { name: string; findings: readonly string[] }[] = [
  { name: menu('["Hello."]'), findings: ['“Hello.” should be a group of `key: value`. It is a prompt, such as { say: "Hello." }.'] },
  { name: menu('[{ sayas: number, value: "1" }]'), findings: ["“sayas” is not known here. Did you mean say_as?"] },
  {
    name: script("{ play: , end: done }"),
    findings: ['there is nothing here, where a list in [ ] should be. It is what is heard, in order, such as [{ say: "Hello." }].'],
  },
  { name: menu("[{ say: }]"), findings: ["there is nothing here, where a text should be. It is text to be spoken, with {fields}."] },
  { name: menu("[{ audio: a.wav }]"), findings: ["“audio” is not known here. Known here: say, file, say_as."] },
  { name: menu("[{ say_as: number }]"), findings: ["`value` is missing. Add `value:`, the value, as a rule a {field}."] },
  { name: menu("[{ say_as: number, value: '1', valeu: '1' }]"), findings: ["“valeu” is not known here. Did you mean value?"] },
  {
    name: menu('[{ say: { english: "Hi" } }]'),
    findings: ["“english” is no key for say. It is one for each language, such as en-US."],
  },
  {
    name: script("{ end: opted-out }"),
    findings: [
      "end “opted-out” is not well formed. It is how the script ended, as reports will show it. Write it in small letters, digits and _, beginning with a letter.",
    ],
  },
  {
    name: menu("[{ say: Press 9: stop }]"),
    findings: [
      'there are two colons in one part of a bracket, or a comma is missing. Put a text with a colon in it in quotes ("Hello: you"), or a comma between the parts.',
    ],
  },
];

const colons =
  'there are two colons on one line, or the next line is indented though this one has a value. Put a text with a colon in it in quotes ("Hello: you"), or begin the next line further left.';
const quotes = 'Put the whole text in quotes ("…"), and in front of a quote within it a backslash.';
const unclosed = "a bracket is opened and never closed. Close it, and indent the lines until there.";
const signs = `a text begins with a sign that means something else in YAML. ${quotes}`;
const further = `more text stands behind the end of a text. ${quotes}`;

/** What is no YAML, and what somebody is told who has never heard of a flow collection. */
const notYaml: readonly (readonly [text: string, at: string, said: string])[] = [
  ["say: Hello: you\n", "1:6", colons],
  ["a: 1\n  b: 2\n", "1:4", colons],
  ["a:\n\tb: 1\n", "2:1", "the line is indented with a tab. Indent with spaces."],
  ['a: "hello\nb: 1\n', "3:1", "a quote is opened and never closed. Close it where the text ends."],
  ['a: "hel"lo"\n', "1:9", further],
  ["say: {name} owes\n", "1:13", further],
  ["a: [1, 2\nb: 3\n", "2:1", unclosed],
  ["a: { b: 1\nc: 2\n", "2:1", unclosed],
  ["a: [1]]\n", "1:7", "a bracket is closed that was never opened. Remove it, or open it where it should begin."],
  ['a: [ "x" "y" ]\n', "1:10", "a comma is missing between two parts in brackets. Put a comma between them."],
  ["a:\n  b: 1\n c: 2\n", "3:1", "the line begins in another column than those it belongs to. Indent it like the lines beside it."],
  ["a: %b\n", "1:4", signs],
  ["a: @b\n", "1:4", signs],
  ["a: - b\n", "1:4", "a dash stands on the line of its key. Begin the list on the next line, or write it in brackets: [a, b]."],
  ["a: 1\nb\nc: 2\n", "2:1", "here is a word without a colon. Write `key: value`; in a list begin the line with a dash and a space."],
  ["a:1\nb: 2\n", "1:1", "here is a key without a value. Write `key: value`, with a space behind the colon."],
  ['a: "\\q"\n', "1:5", "a backslash stands before a character that needs none. Write \\\\ where a backslash is meant, or take it away."],
  ["a: 1\n---\nb: 2\n", "2:1", "a line of three dashes begins a second document. Remove the line: one file is one script."],
];

t.test("what is no YAML is told in plain words", (t) => {
  for (const [text, at, said] of notYaml) {
    const [first] = readYaml(text, "x").findings;
    t.equal(first && formatFinding(first), `x:${at}: error yaml-syntax: ${said}`, text);
  }
  t.end();
});

t.test("whoever writes a script is told what was meant", async (t) => {
  for (const { name, findings } of table) {
    const said = lint(name, "x.yaml").findings.filter(({ severity }) => severity === "error");
    t.same(
      said.map(({ message, fix }) => `${message}${message.endsWith(".") ? "" : "."} ${fix}`),
      findings,
      said.map(formatFinding).join("\n"),
    );
  }
});

t.test("whoever writes a test is told what can happen on a line", async (t) => {
  const said = (happens: string) => readCases(tests(happens), "x.test.yaml").findings.map(formatFinding);
  t.same(said("{ said: 3 }"), [
    "x.test.yaml:3:25: error unknown-key: “said” is not known here. Known here: keys, silence, hang_up, webhook, transfer, queue, speak_s.",
  ]);
  t.same(said('{ kyes: "1", at: begin }'), ["x.test.yaml:3:25: error unknown-key: “kyes” is not known here. Did you mean keys?"]);
  t.same(said('{ keys: "1", att: begin }'), ["x.test.yaml:3:36: error unknown-key: “att” is not known here. Did you mean at?"]);
});
