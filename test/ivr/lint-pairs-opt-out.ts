import { after, type Pair, waiting } from "./lint-pairs-form.ts";
import { scriptOf } from "./script-kit.ts";
import { soundMenu } from "./script-table.ts";

/** Goes on to another script, in which 9 leads to this step. */
const others = (nine: string) =>
  new Map([["other", scriptOf(soundMenu.replace("script: test", "script: other").replace('"9": out', `"9": ${nine}`))]]);
const away = after('{ menu: [{ say: Press 1 }], keys: { "1": gone }, no_input: done }\n  gone: { script: other }');
const ask = (then: string) => `{ menu: [{ say: Press 1 }], keys: { "1": ${then} }, no_input: done }`;
const asks = "{ webhook: pay, play: [{ say: Wait }], on: { error: done } }";
const waitingOthers = new Map([["other", scriptOf(after(asks).replace("script: test", "script: other"))]]);
/** Waits for a webhook at once, before anything is heard; 9 opts out everywhere. */
const untold = (rest: string) => `script: test
language: en-US
start: { human: ask }
steps:
  out: { suppress: { scope: account }, end: out }
  done: { end: done }
  ask:
    webhook: pay
    ${rest.replace("], on", "]\n    on")}
everywhere: { "9": out }
`;
const rate = "{ survey: [{ say: From 1 to 9 }], question: nps, to: 5, next: done, no_input: done }";
const sorted = (told: string) => `needs: [tier]
${soundMenu.replace("human: begin", "human: sort")}  sort: { branch: tier, on: { gold: begin }, else: told }
  told: { ${told}end: told }
`;

/** Where a person can be, and how sure they are to get out of there. */
export const optOutPairs: readonly Pair[] = [
  { code: "opt-out-unreachable", breaks: after(ask("done")), at: "11:3", holds: after(ask("out")) },
  // Of another script.
  { code: "opt-out-unreachable", breaks: away, at: "11:3", holds: away, options: { others: others("done") }, holdsWith: { others: others("out") } },
  // By what is in the list for them, and by what they have keyed in.
  {
    code: "opt-out-unreachable",
    breaks: `needs: [tier]\n${after(`${ask("sort")}\n  sort: { branch: tier, on: { gold: out }, else: done }`)}`,
    at: "12:3",
    holds: after(
      "{ collect: [{ say: Digits }], into: digit, max_digits: 1, next: sort, no_input: done }\n" +
        '  sort: { branch: digit, on: { "9": out }, else: done }',
    ),
  },
  // By something that nobody can key in, or score.
  ...(
    [
      ["{ collect: [{ say: Digits }], into: said, max_digits: 1, next: sort, no_input: done }", "12", "9"],
      ["{ collect: [{ say: Digits }], into: said, max_digits: 2, next: sort, no_input: done }", "100..", "99.."],
      ["{ survey: [{ say: Rate us }], question: said, from: 1, to: 9, next: sort, no_input: done }", "0", "9"],
      ["{ survey: [{ say: Rate us }], question: said, to: 9, next: sort, no_input: done }", "9.5..20", "9..20"],
    ] as const
  ).map(([step, never, sometimes]) => ({
    code: "opt-out-unreachable",
    breaks: after(`${step}\n  sort: { branch: said, on: { "${never}": out }, else: done }`),
    at: "11:3",
    holds: after(`${step}\n  sort: { branch: said, on: { "${sometimes}": out }, else: done }`),
  })),
  // By a line, or an `else`, for which those above leave nothing.
  ...(
    [
      ['"0..6": done, "7..10": done', '"0..6": done, "7..9": done', "done"],
      ['"0..10": done, "9": out', '"9": out, "0..10": done', "done"],
    ] as const
  ).map(([none, some, silent]) => {
    const rate = (on: string) =>
      after(
        `{ survey: [{ say: Rate us }], question: nps, next: sort, no_input: ${silent} }\n  sort: { branch: nps, on: { ${on} }, else: ${on.includes("out") ? "done" : "out"} }`,
      );
    return { code: "opt-out-unreachable", breaks: rate(none), at: "11:3", holds: rate(some) };
  }),
  // On the way back from a transfer.
  ...["busy", "no_answer", "failed"].map((end) => {
    const transfer = `{ transfer: { group: desk }, play: [{ say: Wait }], on: { answered: done, no_agent: done, ${end}: back } }`;
    return {
      code: "opt-out-unreachable",
      breaks: waiting(`${transfer}\n  back: { menu: [{ say: Press 9 }], keys: { "9": done }, no_input: done }`),
      at: "12:3",
      holds: waiting(`${transfer}\n  back: ${ask("out")}`),
    };
  }),
  // While they wait.
  ...[
    "{ transfer: { group: desk }, play: [{ say: Wait }], on: { answered: done, no_agent: done } }",
    "{ queue: desk, play: [{ say: Wait }], on: { answered: done, no_agent: done } }",
    "{ webhook: pay, play: [{ say: Wait }], on: { ok: out, error: out } }",
  ].map((step) => ({ code: "opt-out-unreachable", breaks: after(step), at: "11:3", holds: waiting(step) })),
  // By a key that leads elsewhere.
  { code: "opt-out-unreachable", breaks: `${after(asks)}everywhere: { "9": done }\n`, at: "11:3", holds: waiting(asks) },
  // In another script, to which the keys of this one go along.
  {
    code: "opt-out-unreachable",
    breaks: after("{ script: other }"),
    at: "11:3",
    holds: waiting("{ script: other }"),
    options: { others: waitingOthers },
  },
  // Told after it would have been of use, told as a key of something else, and not told at all.
  {
    code: "key-not-spoken",
    breaks: untold("play: [{ say: Wait }], on: { error: told }").replace(
      "end: done }",
      'end: done }\n  told: { play: [{ say: "To stop press 9." }], next: done }',
    ),
    at: "12:15",
    holds: untold('play: [{ say: "Wait, or press 9 to stop." }], on: { error: done }'),
  },
  {
    code: "key-not-spoken",
    breaks: untold("play: [{ say: Wait }], on: { error: rate }").replace("end: done }", `end: done }\n  rate: ${rate}`),
    at: "12:15",
    holds: untold("play: [{ say: Wait or press nine }], on: { error: done }"),
  },
  {
    code: "key-not-spoken",
    breaks: waiting("{ end: x }").replace(/"9"(?=: out }\n$)/, '"0"'),
    at: "12:15",
    holds: waiting("{ end: x }"),
  },
  // In a menu that has no other.
  {
    code: "key-not-spoken",
    breaks: soundMenu.replace(", or 9 to stop", ""),
    at: "9:24",
    holds: soundMenu,
  },
  // While they are recorded, and in a survey.
  {
    code: "opt-out-unreachable",
    breaks: after("{ record: [{ say: Speak }], consent: [{ say: Press 1 }], into: talk, declined: done, next: done, no_input: done }"),
    at: "11:3",
    holds: after("{ record: [{ say: Speak }], consent: [{ say: Press 1 }], into: talk, declined: out, next: done, no_input: done }"),
  },
  {
    code: "opt-out-unreachable",
    breaks: after("{ survey: [{ say: Rate us }], question: nps, next: done, no_input: done }"),
    at: "11:3",
    holds: after("{ survey: [{ say: Rate us }], question: nps, next: done, no_input: begin }"),
  },
  // Where a machine seems to have answered, and is asked something.
  {
    code: "opt-out-unreachable",
    breaks: after(ask("done")).replace("human: begin", "human: begin, machine: then"),
    at: "11:3",
    holds: after(ask("begin")).replace("human: begin", "human: begin, machine: then"),
  },
  // Who is told something and not asked.
  { code: "opt-out-unreachable", breaks: sorted("play: [{ say: Hello }], "), at: "13:3", holds: sorted("") },
  {
    code: "opt-out-unreachable",
    breaks: soundMenu.replace("human: begin", "human: done"),
    at: "3:17",
    holds: soundMenu,
  },
];
