import { after, type Pair, waiting } from "./lint-pairs-form.ts";
import { scriptOf } from "./script-kit.ts";
import { menu, missing, soundMenu } from "./script-table.ts";

const said = (text: string) => soundMenu.replace("Hello.", text);
const needs = (names: string, source: string) => `needs: [${names}]\n${source}`;
const bilingual = (say: string, more = "") =>
  `languages: [es-US]\nlanguage_from: tongue\n${more}${soundMenu.replace('"Hello. Press 1, or 9 to stop."', say)}`;
const branch = (on: string, what = "tier") => needs("tier", after(`{ branch: ${what}, on: { ${on} }, else: out }`));
const times = (on: string) => after(`{ branch: { what: time, zone: Etc/UTC }, on: { ${on} }, else: out }`);
/** The same with star for opting out. */
const starred = (source: string) => source.replace("or 9 to", "or * to").replaceAll('"9"', '"*"');
const ended = "{ record: [{ say: Speak }], consent: [{ say: Press 1 }], into: talk, declined: done, next: done, no_input: begin }";
const pin = (secret: string, then: string) =>
  after(`{ collect: [{ say: PIN }], into: pin, max_digits: 4, secret: ${secret}, next: use, no_input: begin }\n  use: ${then}`);
const record = (then: string) =>
  after(`{ record: [{ say: Speak }], consent: [{ say: Press 1 }], into: talk, declined: done, next: use, no_input: begin }\n  use: ${then}`);
const score = (on: string) =>
  after(`{ survey: [{ say: Rate us }], question: nps, to: 5, next: sort, no_input: begin }\n  sort: { branch: nps, on: { ${on} }, else: out }`);
const ask = (name: string) => waiting(`{ webhook: ${name}, play: [{ say: Wait }], on: { error: done } }`);
const sms = (template: string) => after(`{ send: { channel: sms, template: ${template} }, end: x }`);
const transfer = (target: string, play = "play: [{ say: Wait }], ") =>
  waiting(`{ transfer: ${target}, ${play}on: { answered: done, no_agent: done } }`);
const file = soundMenu.replace(/say: "[^"]*"/, "file: a.wav");
/** The recording a.wav, good and so long. */
const lasting = (durationMs: number) => new Map([["a.wav", { durationMs, findings: [] }]]);
/** A debt that is spoken of in `tell`, and who is asked first. */
const debt = (headLine: string, to: string) => `script: test
language: en-US
needs: [first_name, amount_due]
${headLine}start: { human: begin }
steps:
  out: { suppress: { scope: account }, end: out }
  begin:
    menu: [{ say: "If you are {first_name} press 1. If not press 2. To stop press 9." }]
    keys: { "1": tell, "2": ${to}, "9": out }
    no_input: wrong
  wrong: { end: wrong }
  tell: { play: [{ say: "You owe {amount_due}." }], end: told }
`;
/** Goes on to another script. */
const away = after("{ script: other }");
const other = (language: string) => scriptOf(soundMenu.replace("script: test", "script: other").replace("en-US", language));

/** What only shows in the whole of a script. */
export const rulePairs: readonly Pair[] = [
  { code: "yaml-unquoted-word", breaks: branch("yes: done"), at: "12:31", holds: branch('"yes": done') },
  { code: "yaml-unquoted-hash", breaks: after("{ end: x }").replace("then:", "then: #"), at: "11:9", holds: after('{ end: "x" } #') },
  {
    code: "yaml-unquoted-time",
    breaks: after("{ play: [{ say_as: time, value: 12:30 }], end: x }"),
    at: "11:41",
    holds: after('{ play: [{ say_as: time, value: "12:30" }], end: x }'),
  },
  {
    code: "yaml-leading-zero",
    breaks: menu('{ "9": out, "1": done }', "\n    tries: 03"),
    at: "11:12",
    holds: menu('{ "9": out, "1": done }', "\n    tries: 3"),
  },
  { code: "step-unreachable", breaks: `${soundMenu}  lonely: { end: x }\n`, at: "11:3", holds: after("{ end: x }") },
  {
    code: "loop-without-exit",
    breaks: after('{ menu: [{ say: Press 1 }], keys: { "1": then }, no_input: then }'),
    at: "11:3",
    holds: after('{ menu: [{ say: Press 1 }], keys: { "1": out }, no_input: then }'),
  },
  {
    code: "loop-without-input",
    breaks: waiting("{ transfer: { group: desk }, play: [{ say: Wait }], on: { answered: done, no_agent: then } }"),
    at: "11:3",
    holds: waiting("{ transfer: { group: desk }, play: [{ say: Wait }], on: { answered: done, no_agent: begin } }"),
  },
  { code: "field-not-needed", breaks: said("Hello {name}."), at: "8:27", holds: needs("name", said("Hello {name}.")) },
  { code: "need-unused", breaks: needs("name", soundMenu), at: "1:9", holds: needs("name", after("{ set: { a: '{name}' }, end: x }")) },
  {
    code: "column-missing",
    breaks: needs("name", said("Hello {name}.")),
    at: "1:9",
    holds: needs("name", said("Hello {name}.")),
    options: { columns: ["nam"] },
    holdsWith: { columns: ["name"] },
  },
  { code: "branch-unknown", breaks: branch("gold: done").replace("needs: [tier]\n", ""), at: "11:19", holds: branch("gold: done") },
  {
    code: "answer-unset",
    breaks: after(
      "{ collect: [{ say: Digits }], into: code, max_digits: 4, next: use, no_input: use }\n  use: { play: [{ say: 'You said {code}.' }], end: x }",
    ),
    at: "12:35",
    holds: after(
      "{ collect: [{ say: Digits }], into: code, max_digits: 4, next: use, no_input: begin }\n  use: { play: [{ say: 'You said {code}.' }], end: x }",
    ),
  },
  {
    code: "secret-spoken",
    breaks: pin("true", "{ play: [{ say: 'You said {pin}.' }], end: x }"),
    at: "12:35",
    holds: pin("false", "{ play: [{ say: 'You said {pin}.' }], end: x }"),
  },
  {
    code: "secret-sent",
    breaks: pin("true", "{ send: { channel: sms, template: a }, with: { a: '{pin}' }, end: x }"),
    at: "12:60",
    holds: `${pin("true", "{ webhook: a, send: { a: '{pin}' }, play: [{ say: 'Wait, or press *' }], on: { error: done } }")}everywhere: { "*": out }\n`,
  },
  {
    code: "secret-shown",
    breaks: pin("true", '{ branch: pin, on: { "1234": done }, else: out }'),
    at: "12:29",
    holds: pin("true", '{ branch: pin, on: { "5000..": done }, else: out }'),
  },
  {
    code: "recording-spoken",
    breaks: record("{ play: [{ say: 'You said {talk}.' }], end: x }"),
    at: "12:35",
    holds: record("{ play: [{ say: 'You said it.' }], end: x }"),
  },
  { code: "key-not-handled", breaks: said("Press 1 or 4."), at: "8:31", holds: said("Press 1 or 9.") },
  {
    code: "key-not-spoken",
    breaks: menu('{ "1": done, "9": out, "4": done }'),
    at: "9:34",
    holds: menu('{ "1": done, "9": out, "4": done }').replace("Hello", "Hello 4"),
  },
  { code: "key-not-handled", breaks: said("Marque el tres."), at: "8:20", holds: said("Marque el uno.") },
  {
    code: "key-not-spoken",
    breaks: bilingual("{ en-US: Press 1 or 9, es-US: Marque el 1 }"),
    at: "11:24",
    holds: bilingual("{ en-US: Press 1 or 9, es-US: Marque el 1 u oprima nueve }"),
  },
  {
    code: "key-two-meanings",
    breaks: menu('{ "1": done, "9": out }').concat('everywhere: { "1": out }\n'),
    at: "9:13",
    holds: menu('{ "1": done, "9": out }').concat('everywhere: { "9": out }\n'),
  },
  ...[
    "{ collect: [{ say: Digits }], into: digits, max_digits: 4, next: done, no_input: done }",
    "{ survey: [{ say: Rate us }], question: nps, to: 9, next: done, no_input: done }",
  ].map((step) => ({ code: "key-two-meanings", breaks: waiting(step), at: "11:3", holds: starred(waiting(step)) })),
  {
    code: "key-two-meanings",
    breaks: waiting("{ survey: [{ say: Rate us }], question: nps, to: 100, next: done, no_input: done }"),
    at: "11:3",
    holds: waiting("{ survey: [{ say: Rate us }], question: nps, to: 8, next: done, no_input: done }"),
  },
  {
    code: "key-two-meanings",
    breaks: waiting(ended).replace("or 9 to", "or # to").replaceAll('"9"', '"#"'),
    at: "11:3",
    holds: waiting(ended),
  },
  {
    code: "key-not-handled",
    breaks: waiting('{ webhook: pay, play: [{ say: "Wait, or press 4." }], on: { error: done } }'),
    at: "11:49",
    holds: waiting('{ webhook: pay, play: [{ say: "Wait, or press 9." }], on: { error: done } }'),
  },
  {
    code: "key-prefix",
    breaks: menu('{ "1": done, "12": out }').replace("9", "12"),
    at: "9:13",
    holds: menu('{ "1": done, "2": out }').replace("9", "2"),
  },
  { code: "branch-never", breaks: branch('"1..9": done, "5": out'), at: "12:45", holds: branch('"5": out, "1..9": done') },
  {
    code: "branch-never",
    breaks: times('"mon-fri": done, "tue 09:00-12:00": out'),
    at: "11:73",
    holds: times('"tue 09:00-12:00": out, "mon-fri": done'),
  },
  {
    code: "branch-never",
    breaks: times('"mon-fri 22:00-06:00": done, "mon-fri 06:00-22:00": out, "tue,wed": done'),
    at: "11:113",
    holds: times('"mon-fri 22:00-06:00": done, "mon-fri 06:00-22:00": out, "sat": done'),
  },
  { code: "branch-never", breaks: score('"6..": done'), at: "12:30", holds: score('"5..": done') },
  {
    code: "branch-never",
    breaks: after("{ branch: { what: verdict }, on: { machine: done }, else: out }"),
    at: "11:44",
    holds: after("{ branch: { what: verdict }, on: { unknown: done }, else: out }"),
  },
  { code: "branch-overlap", breaks: branch('"1..5": done, "5..9": out'), at: "12:45", holds: branch('"1..5": done, "6..9": out') },
  {
    code: "branch-overlap",
    breaks: times('"09:00-12:01": done, "12:00-17:00": out'),
    at: "11:77",
    holds: times('"09:00-12:00": done, "12:00-17:00": out'),
  },
  {
    code: "prompt-missing",
    breaks: file,
    at: "8:20",
    holds: file,
    options: { recordings: new Map([["a.wav", missing]]) },
    holdsWith: { recordings: lasting(1000) },
  },
  { code: "transfer-silent", breaks: transfer('{ to: "+15550100" }', ""), at: "11:3", holds: transfer('{ to: "+15550100" }') },
  {
    code: "say-as-fault",
    breaks: after('{ play: [{ say_as: date, value: "2026-02-30" }], end: x }'),
    at: "11:41",
    holds: after('{ play: [{ say_as: date, value: "2026-02-28" }], end: x }'),
  },
  { code: "translation-missing", breaks: bilingual("Press 1 or 9"), at: "10:12", holds: bilingual("Press 1 or 9", "fallback: { es-US: en-US }\n") },
  {
    code: "translation-missing",
    breaks: bilingual("{ en-US: Press 1 or 9 }"),
    at: "10:12",
    holds: bilingual("{ en-US: Press 1 or 9, es-US: Marque uno o nueve }"),
  },
  {
    code: "translation-missing",
    breaks: away
      .replace("language: en-US", "language: en-US\nlanguages: [es-US]\nlanguage_from: x")
      .replace(/say: "[^"]*"/, "say: { en-US: Press 1 or 9, es-US: Marque 1 o 9 }"),
    at: "13:19",
    holds: away,
    options: { others: new Map([["other", other("en-US")]]) },
  },
  { code: "language-unspoken", breaks: said("Hallo.").replace("en-US", "de-DE"), at: "2:11", holds: said("Hello."), options: { languages: ["en"] } },
  {
    code: "language-unheard",
    breaks: bilingual("{ en-US: Press 1 or 9, es-US: Marque 1 o 9 }").replace("language_from: tongue\n", ""),
    at: "1:13",
    holds: bilingual("{ en-US: Press 1 or 9, es-US: Marque 1 o 9 }"),
  },
  { code: "webhook-unknown", breaks: ask("pya"), at: "11:20", holds: ask("pay"), options: { webhooks: ["pay"] } },
  { code: "group-unknown", breaks: transfer("{ group: dask }"), at: "11:30", holds: transfer("{ group: desk }"), options: { groups: ["desk"] } },
  { code: "template-unknown", breaks: sms("lnik"), at: "11:43", holds: sms("link"), options: { templates: { sms: ["link"], email: ["lnik"] } } },
  {
    code: "record-without-consent",
    breaks: after("{ record: [{ say: Speak }], into: talk, next: done, no_input: begin }"),
    at: "11:3",
    holds: after("{ record: [{ say: Speak }], consent: [{ say: Press 1 }], into: talk, declined: begin, next: done, no_input: done }"),
  },
  { code: "debt-too-early", breaks: debt("", "wrong"), at: "12:18", holds: debt("right_party: tell\n", "wrong") },
  { code: "debt-too-early", breaks: debt("right_party: wrong\n", "wrong"), at: "13:18", holds: debt("right_party: begin\n", "wrong") },
  {
    code: "right-party-unasked",
    breaks: `${debt("right_party: hello\n", "wrong").replace("human: begin", "human: hello")}  hello: { play: [{ say: Hello }], next: begin }\n`,
    at: "4:14",
    holds: `${debt("right_party: hello\n", "wrong").replace('"1": tell', '"1": hello')}  hello: { play: [{ say: Hello }], next: tell }\n`,
  },
  {
    code: "message-too-long",
    breaks: `max_call_s: 10\n${after(`{ play: [{ say: "${"x".repeat(151)}" }], end: x }`)}`,
    at: "12:11",
    holds: `max_call_s: 13\n${after(`{ play: [{ say: "${"x".repeat(149)}" }], end: x }`)}`,
  },
  {
    code: "message-too-long",
    breaks: file,
    at: "8:5",
    holds: file,
    options: { recordings: lasting(61_000), maxCallMs: 60_000 },
    holdsWith: { recordings: lasting(60_000), maxCallMs: 60_000 },
  },
  {
    code: "way-too-long",
    breaks: `max_call_s: 10\n${after(`{ play: [{ say: "${"x".repeat(140)}" }], end: x }`)}`,
    at: "12:3",
    holds: `max_call_s: 12\n${after(`{ play: [{ say: "${"x".repeat(140)}" }], end: x }`)}`,
  },
];
