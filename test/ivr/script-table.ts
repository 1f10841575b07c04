import type { LintOptions } from "../../src/ivr/lint.ts";
import type { RecordingReport } from "../../src/ivr/recording-ports.ts";

/** A script without its first step. */
export const head = `script: test
language: en-US
start: { human: begin }
steps:
  out: { suppress: { scope: account }, end: out }
  done: { end: done }
`;
export const menu = (keys: string, rest = "") => `${head}  begin:
    menu: [{ say: "Hello. Press 1, or 9 to stop." }]
    keys: ${keys}
    no_input: done${rest}
`;
export const soundMenu = menu('{ "1": done, "9": out }');
/** A script whose first step is this. */
export const begin = (step: string) => `${head}  begin: ${step}\n`;

/** What is said of a recording that is not there. */
export const missing: RecordingReport = {
  findings: [{ code: "prompt-missing", severity: "error", message: "is not there", fix: "Put it there." }],
};

/** Source, the findings it must give as `line:column code`, and what it is linted against. */
export interface Row {
  readonly name: string;
  readonly source: string;
  readonly found: readonly string[];
  readonly options?: LintOptions;
}

export const table: readonly Row[] = [
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
  { name: "a prompt of the wrong form", source: soundMenu.replace("{ say: ", "{ sya: "), found: ["8:14 unknown-key"] },
  { name: "a number as text", source: soundMenu.replace('"Hello. Press 1, or 9 to stop."', "5"), found: ["8:19 wrong-type"] },
  { name: "a recording outside the folder", source: soundMenu.replace(/say: "[^"]*"/, "file: ../../etc/x.wav"), found: ["8:20 bad-value"] },
  { name: "a hidden recording", source: soundMenu.replace(/say: "[^"]*"/, "file: .x.wav"), found: ["8:20 bad-value"] },
  { name: "an absolute recording is looked for in the folder", source: soundMenu.replace(/say: "[^"]*"/, "file: /a.wav"), found: ["8:20 bad-value"] },
  { name: "a field with a blank in its name", source: soundMenu.replace("Hello.", "Hello {first name}."), found: ["8:26 template"] },
  { name: "a filter that is none", source: soundMenu.replace("Hello.", "{a | nosuch}"), found: ["8:20 template"] },
  { name: "a step without content", source: `${soundMenu}  empty:\n`, found: ["11:3 wrong-type"] },
  { name: "a step with an unknown verb", source: begin("{ whistle: pay }"), found: ["7:12 step-no-verb"] },
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
    source: `${soundMenu.replace('"1": done', '"1": tr')}  tr: { transfer: { to: "+15550100" }, on: { answered: done, no_agent: done, hung_up: done } }\neverywhere: { "9": out }\n`,
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
    found: ["8:3 loop-without-exit", "8:3 opt-out-unreachable"],
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
    options: { recordings: new Map([["a.wav", missing]]) },
    found: ["8:20 prompt-missing"],
  },
  {
    name: "a recording that is there",
    source: soundMenu.replace(/say: "[^"]*"/, "file: a.wav"),
    options: { recordings: new Map([["a.wav", { durationMs: 1000, findings: [] }]]) },
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
