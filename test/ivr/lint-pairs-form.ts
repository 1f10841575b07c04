import type { LintOptions } from "../../src/ivr/lint.ts";
import { head, menu, soundMenu } from "./script-table.ts";

/** A script that breaks a rule at one place, and one, as like it as can be, that does not. */
export interface Pair {
  readonly code: string;
  readonly breaks: string;
  /** `line:column` of the finding. */
  readonly at: string;
  readonly holds: string;
  readonly options?: LintOptions;
  /** What the other one is linted against, where it is that which differs. */
  readonly holdsWith?: LintOptions;
}

/** A menu whose first key leads to this step, on line 11. */
export const after = (step: string) => menu('{ "1": then, "9": out }', `\n  then: ${step}`);
/** The same where the opt-out of the menu works everywhere: what people wait in needs that. */
export const waiting = (step: string) => `${after(step)}everywhere: { "9": out }\n`;
const keys = (written: string) => menu(`{ "1": done, "9": out${written} }`);
const zoned = (on: string) => after(`{ branch: { what: time, zone: Etc/UTC }, on: { ${on} }, else: out }`);
const transfer = (rest: string) => waiting(`{ transfer: { to: "+15550100" }, play: [{ say: Wait }], on: { answered: done, ${rest} } }`);
const queued = (ways: string, rest = "") => waiting(`{ queue: desk, play: [{ say: Wait }], ${rest}on: { answered: done, ${ways} } }`);
const said = (text: string) => soundMenu.replace("Hello.", text);
const numbered = (name: string) =>
  `numbers: { desk: "+15550100" }\n${waiting(`{ transfer: ${name}, play: [{ say: Wait }], on: { answered: done, no_agent: done } }`)}`;
const nested = (levels: number) => keys("").replace('"1"', `${"[".repeat(levels)}${"]".repeat(levels)}: x, "1"`);

/** The form of a file, and what it names within itself. */
export const formPairs: readonly Pair[] = [
  { code: "yaml-syntax", breaks: keys("").replace("    no_input", "\tno_input"), at: "10:1", holds: keys("") },
  { code: "yaml-duplicate-key", breaks: keys(', "1": out'), at: "9:34", holds: keys(', "2": done').replace("1,", "1 or 2,") },
  { code: "yaml-unquoted-hash", breaks: keys(", #: begin"), at: "9:34", holds: keys(', "#": begin') },
  { code: "yaml-unquoted-star", breaks: keys(", *: begin"), at: "9:34", holds: keys(', "*": begin') },
  { code: "yaml-alias", breaks: soundMenu.replace("begin }", "*begin }"), at: "3:17", holds: soundMenu },
  { code: "yaml-too-large", breaks: `# ${"x".repeat(131_072)}`, at: "1:1", holds: `# ${"x".repeat(130_000)}\n${soundMenu}` },
  { code: "yaml-too-deep", breaks: nested(101), at: "9:112", holds: soundMenu },
  {
    code: "yaml-comment-in-text",
    breaks: `${head}  begin:\n    menu:\n      - say: Press 9 # to stop\n    keys: { "9": out }\n    no_input: done\n`,
    at: "9:21",
    holds: `${head}  begin:\n    menu:\n      - say: "Press 9 # to stop"\n    keys: { "9": out }\n    no_input: done\n`,
  },
  {
    code: "wrong-type",
    breaks: menu('{ "9": out, "1": done }', "\n    tries: lots"),
    at: "11:12",
    holds: menu('{ "9": out, "1": done }', "\n    tries: 2"),
  },
  { code: "bad-value", breaks: `max_call_s: 9\n${soundMenu}`, at: "1:13", holds: `max_call_s: 10\n${soundMenu}` },
  { code: "missing-key", breaks: soundMenu.replace("language: en-US\n", ""), at: "1:1", holds: soundMenu },
  {
    code: "unknown-key",
    breaks: menu('{ "9": out, "1": done }', "\n    tires: 2"),
    at: "11:5",
    holds: menu('{ "9": out, "1": done }', "\n    tries: 2"),
  },
  { code: "bad-key", breaks: keys(', "A": begin'), at: "9:34", holds: keys(', "#": begin') },
  {
    code: "bad-key",
    breaks: `${keys("")}everywhere: { "99": out }\n`,
    at: "11:15",
    holds: `${keys("")}everywhere: { "9": out }\n`,
  },
  { code: "template", breaks: said("Hello {you."), at: "8:26", holds: said("Hello \\\\{you.") },
  { code: "step-name", breaks: after("{ end: x }").replaceAll("then", "Then"), at: "11:3", holds: after("{ end: x }") },
  { code: "step-no-verb", breaks: after("{ whistle: pay }"), at: "11:11", holds: after("{ end: pay }") },
  {
    code: "step-two-verbs",
    breaks: after("{ set: { a: x }, callback: { in_s: 60 }, end: x }"),
    at: "11:3",
    holds: after("{ set: { a: x }, end: x }"),
  },
  { code: "step-no-way", breaks: after("{ play: [{ say: Hi }] }"), at: "11:3", holds: after("{ play: [{ say: Hi }], end: x }") },
  {
    code: "step-two-ways",
    breaks: after("{ play: [{ say: Hi }], next: done, end: x }"),
    at: "11:44",
    holds: after("{ play: [{ say: Hi }], next: done }"),
  },
  { code: "step-unknown", breaks: after("{ play: [{ say: Hi }], next: dune }"), at: "11:38", holds: after("{ play: [{ say: Hi }], next: done }") },
  {
    code: "language-unknown",
    breaks: after("{ switch_language: es-US, next: done }"),
    at: "11:28",
    holds: after("{ switch_language: en-US, next: done }"),
  },
  { code: "zone-unknown", breaks: `zone: Mars/Base\n${soundMenu}`, at: "1:7", holds: `zone: Etc/UTC\n${soundMenu}` },
  { code: "zone-missing", breaks: zoned("mon: done").replace(", zone: Etc/UTC", ""), at: "11:19", holds: zoned("mon: done") },
  { code: "bad-hours", breaks: zoned('"mon 9-17": done'), at: "11:56", holds: zoned('"mon 09:00-17:00": done') },
  {
    code: "bad-range",
    breaks: `needs: [age]\n${after('{ branch: age, on: { "9..1": done }, else: out }')}`,
    at: "12:30",
    holds: `needs: [age]\n${after('{ branch: age, on: { "1..9": done }, else: out }')}`,
  },
  { code: "number-unknown", breaks: numbered("dusk"), at: "12:21", holds: numbered("desk") },
  { code: "transfer-incomplete", breaks: transfer("busy: done"), at: "11:65", holds: transfer("no_agent: done") },
  { code: "hung-up-not-end", breaks: queued("no_agent: done, hung_up: begin"), at: "11:94", holds: queued("no_agent: done, hung_up: done") },
  { code: "missing-key", breaks: queued("nobody: done"), at: "11:47", holds: queued("no_agent: done") },
  {
    code: "missing-key",
    breaks: queued("no_agent: done", "position_every_s: 30, "),
    at: "11:47",
    holds: queued("no_agent: done", 'position_every_s: 30, position: [{ say: "Place {position}" }], '),
  },
  {
    code: "bad-value",
    breaks: queued("no_agent: done", "position: [{ say: Soon }], "),
    at: "11:57",
    holds: queued("no_agent: done", 'position: [{ say_as: number, value: "{position}" }], '),
  },
  { code: "hung-up-not-end", breaks: transfer("no_agent: done, hung_up: begin"), at: "11:112", holds: transfer("no_agent: done, hung_up: done") },
];
