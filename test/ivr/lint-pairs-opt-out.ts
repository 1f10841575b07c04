import { after, type Pair } from "./lint-pairs-form.ts";
import { scriptOf } from "./script-kit.ts";
import { soundMenu } from "./script-table.ts";

/** Goes on to another script, in which 9 leads to this step. */
const others = (nine: string) =>
  new Map([["other", scriptOf(soundMenu.replace("script: test", "script: other").replace('"9": out', `"9": ${nine}`))]]);
const away = after('{ menu: [{ say: Press 1 }], keys: { "1": gone }, no_input: done }\n  gone: { script: other }');
const ask = (then: string) => `{ menu: [{ say: Press 1 }], keys: { "1": ${then} }, no_input: done }`;
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
      breaks: after(`${transfer}\n  back: ${ask("done")}`),
      at: "12:3",
      holds: after(`${transfer}\n  back: ${ask("out")}`),
    };
  }),
  // Only if a webhook works.
  {
    code: "opt-out-unreachable",
    breaks: after(`${ask("hook")}\n  hook: { webhook: pay, play: [{ say: Wait }], on: { ok: out, error: done } }`),
    at: "11:3",
    holds: after(`${ask("hook")}\n  hook: { webhook: pay, play: [{ say: Wait }], on: { ok: out, error: out } }`),
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
