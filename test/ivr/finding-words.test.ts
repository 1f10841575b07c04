import t from "tap";
import { readCases } from "../../src/ivr/case.ts";
import { formatFinding } from "../../src/ivr/finding.ts";
import { lint } from "../../src/ivr/lint.ts";

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
      "block collections are not allowed within flow collections. Check quotes, brackets and indentation here and on the line before; put a text with a colon in it in quotes.",
    ],
  },
];

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
    "x.test.yaml:3:25: error unknown-key: “said” is not known here. Known here: keys, silence, hang_up, webhook, transfer, speak_s.",
  ]);
  t.same(said('{ kyes: "1", at: begin }'), ["x.test.yaml:3:25: error unknown-key: “kyes” is not known here. Did you mean keys?"]);
  t.same(said('{ keys: "1", att: begin }'), ["x.test.yaml:3:36: error unknown-key: “att” is not known here. Did you mean at?"]);
});
