import { begin, head, menu, type Row, soundMenu } from "./script-table.ts";

const bilingual = (say: string) => `languages: [es-US]\n${soundMenu.replace('"Hello. Press 1, or 9 to stop."', say)}`;
const hooked = (webhook: string) =>
  menu('{ "1": ask, "9": out }', `\n  ask: { webhook: pay, play: [{ say: Wait }], ${webhook} }\neverywhere: { "9": out }`);
const after = (step: string) => menu('{ "1": then, "9": out }', `\n  then: ${step}`);

/** What can be wrong with the verbs beyond menu, collect, branch and transfer; as in script-table.ts. */
export const verbTable: readonly Row[] = [
  { name: "every verb", source: after("{ set: { a: x }, next: done }"), found: [] },
  { name: "set that leads nowhere", source: after("{ set: { a: x } }"), found: ["11:3 step-no-way"] },
  { name: "set with a broken text", source: after('{ set: { a: "{" }, end: x }'), found: ["11:22 template"] },
  { name: "set of a name that objects answer to", source: after("{ set: { __proto__: x }, end: x }"), found: ["11:18 bad-key"] },
  {
    name: "an answer of such a name",
    source: after("{ survey: [{ say: Hi }], question: constructor, next: done, no_input: done }"),
    found: ["11:44 bad-value"],
  },
  { name: "a column of such a name", source: `needs: [__proto__]\n${soundMenu}`, found: ["1:9 bad-value"] },
  { name: "a step of such a name", source: after("{ end: x }\n  __proto__: { end: x }"), found: ["12:3 step-name"] },
  { name: "a branch on such a name", source: after("{ branch: toString, on: { a: done }, else: done }"), found: ["11:19 bad-value"] },
  { name: "a number of such a name", source: `numbers: { __proto__: "+15550100" }\n${soundMenu}`, found: ["1:12 bad-key"] },
  { name: "a start of such a name", source: soundMenu.replace("human: begin", "human: __proto__"), found: ["3:17 bad-value"] },
  { name: "a start for such a verdict", source: soundMenu.replace("human: begin", "human: begin, __proto__: begin"), found: ["3:24 unknown-key"] },
  { name: "a prompt by language", source: bilingual("{ en-US: Press 1 or 9, es-US: Marque 1 o 9 }"), found: ["1:13 language-unheard"] },
  {
    name: "a prompt in a language that is none of the script's",
    source: bilingual("{ en-US: Press 1 or 9, fr-FR: x }"),
    found: ["9:42 language-unknown"],
  },
  { name: "a prompt in no language", source: bilingual("{ English: Press 1 or 9 }"), found: ["9:21 bad-key"] },
  { name: "an empty prompt in one language", source: bilingual('{ en-US: Press 1 or 9, es-US: "" }'), found: ["9:49 bad-value"] },
  { name: "a broken text in one language", source: bilingual('{ en-US: Press 1 or 9, es-US: "{a" }'), found: ["9:50 template"] },
  {
    name: "a recording outside the folder in one language",
    source: `languages: [es-US]\n${soundMenu.replace(/say: "[^"]*"/, "file: { en-US: a.wav, es-US: ../b.wav }")}`,
    found: ["9:43 bad-value"],
  },
  { name: "a fallback from an unknown language", source: `fallback: { fr-FR: en-US }\n${soundMenu}`, found: ["1:13 language-unknown"] },
  { name: "a switch to an unknown language", source: after("{ switch_language: es-US, next: done }"), found: ["11:28 language-unknown"] },
  { name: "a value spoken as nothing known", source: after("{ play: [{ say_as: nubmer, value: x }], end: x }"), found: ["11:28 bad-value"] },
  { name: "a value without its kind", source: after("{ play: [{ value: x }], end: x }"), found: ["11:18 missing-key"] },
  { name: "a currency that is none", source: after("{ play: [{ say_as: money, value: x, currency: USX }], end: x }"), found: ["11:45 bad-value"] },
  { name: "a currency for a date", source: after("{ play: [{ say_as: date, value: x, currency: USD }], end: x }"), found: ["11:44 bad-value"] },
  { name: "a zone that is none", source: `zone: Mars/Base\n${soundMenu}`, found: ["1:7 zone-unknown"] },
  { name: "a bare offset as zone", source: `zone: "+05:00"\n${soundMenu}`, found: ["1:7 zone-unknown"] },
  { name: "times in no zone", source: after("{ branch: { what: time }, on: { mon: done }, else: out }"), found: ["11:19 zone-missing"] },
  { name: "times in the contact's zone", source: after("{ branch: { what: time, zone: contact }, on: { mon: done }, else: out }"), found: [] },
  {
    name: "hours that are none",
    source: `zone: Etc/UTC\n${after('{ branch: { what: time }, on: { "mon-fri 9-17": done, "25:00-26:00": done, sat: done }, else: out }')}`,
    found: ["12:41 bad-hours", "12:63 bad-hours"],
  },
  {
    name: "a branch on a zone that is none",
    source: after("{ branch: { what: time, zone: Nowhere }, on: { mon: done }, else: out }"),
    found: ["11:39 zone-unknown"],
  },
  { name: "a verdict that is none", source: after("{ branch: { what: verdict }, on: { humna: done }, else: out }"), found: ["11:44 bad-value"] },
  {
    name: "a zone for a verdict",
    source: after("{ branch: { what: verdict, zone: Etc/UTC }, on: { human: done }, else: out }"),
    found: ["11:36 bad-value"],
  },
  { name: "a branch on something else", source: after("{ branch: { what: weather }, on: { x: done }, else: out }"), found: ["11:27 bad-value"] },
  {
    name: "ranges",
    source: `needs: [age]\n${after('{ branch: age, on: { "0..17": done, "18..": out, "..-1": done }, else: out }')}`,
    found: [],
  },
  {
    name: "ranges that are none",
    source: `needs: [age]\n${after('{ branch: age, on: { "9..1": done, "a..b": out, "..": done }, else: out }')}`,
    found: ["12:30 bad-range", "12:44 bad-range", "12:57 bad-range"],
  },
  {
    name: "a survey with no scores",
    source: after("{ survey: [{ say: Hi }], question: nps, from: 10, to: 1, next: done, no_input: done }"),
    found: ["11:55 bad-value"],
  },
  {
    name: "a recording that asks and does not say what then",
    source: after("{ record: [{ say: Hi }], consent: [{ say: OK? }], into: c, next: done, no_input: done }"),
    found: ["11:34 missing-key"],
  },
  {
    name: "a recording that can be declined and does not ask",
    source: after("{ record: [{ say: Hi }], declined: done, into: c, next: done, no_input: done }"),
    found: ["11:34 missing-key"],
  },
  { name: "a webhook without its error way", source: hooked("on: { ok: done }"), found: ["11:47 missing-key"] },
  { name: "a webhook that leads nowhere", source: hooked("on: { ok: dnoe, error: done }"), found: ["11:57 step-unknown"] },
  { name: "a webhook in silence", source: after("{ webhook: pay, on: { error: done } }"), found: ["11:3 missing-key"] },
  {
    name: "a webhook by its address",
    source: after("{ webhook: 'http://x.example', play: [{ say: Hi }], on: { error: done } }"),
    found: ["11:20 bad-value"],
  },
  { name: "a path that is none", source: hooked("save: { a: 'b..c' }, on: { error: done }"), found: ["11:58 bad-value"] },
  {
    name: "a body that gives the attempt another meaning",
    source: hooked("send: { attemptId: x }, on: { error: done }"),
    found: ["11:55 bad-value"],
  },
  {
    name: "a webhook that says what it sends",
    source: hooked('send: { amount: "5" }, save: { a: b.c }, on: { ok: done, else: out, timeout: done, error: done }'),
    found: [],
  },
  { name: "a message on a channel that is none", source: after("{ send: { channel: fax, template: a }, end: x }"), found: ["11:28 bad-value"] },
  {
    name: "a message that leads two ways",
    source: after("{ send: { channel: sms, template: a }, end: x, next: done }"),
    found: ["11:48 step-two-ways"],
  },
  { name: "a callback too soon", source: after("{ callback: { in_s: 5 }, end: x }"), found: ["11:29 bad-value"] },
  { name: "a callback both ways", source: after("{ callback: { in_s: 60, at: x }, end: x }"), found: ["11:33 unknown-key"] },
  { name: "a callback whose time is clear", source: after("{ callback: { in_s: 60 }, else: done, end: x }"), found: ["11:35 bad-value"] },
  {
    name: "a transfer to two things",
    source: after('{ transfer: { to: "+15550100", group: a }, on: { answered: done, no_agent: done } }'),
    found: ["11:40 unknown-key"],
  },
  {
    name: "a transfer to a group with a whisper",
    source: after(
      '{ transfer: { group: desk }, play: [{ say: Wait }], whisper: [{ say: Hi }], on: { answered: done, no_agent: done, hung_up: done } }\neverywhere: { "9": out }',
    ),
    found: [],
  },
  { name: "a right party that is no step", source: `right_party: known\n${soundMenu}`, found: ["1:14 step-unknown"] },
  { name: "a script of no name", source: `${head}  begin: { script: Other One }\n`, found: ["7:20 bad-value"] },
  { name: "two verbs", source: begin("{ set: { a: x }, switch_language: en-US, next: done }"), found: ["7:3 step-two-verbs"] },
];
