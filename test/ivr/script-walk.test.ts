import t from "tap";
import { begin, type CallEvent, maxVisits, next, openAnswers } from "../../src/ivr/machine.ts";
import type { Verdict } from "../../src/ivr/script.ts";
import { pick, seededRandom } from "../../src/kernel/random.ts";
import { appointment, fields, payment, scriptOf } from "./script-kit.ts";
import { tuesday, walk } from "./walk.ts";

/** Start, what happens, and the path and end it must have. */
const walks: [Verdict, string, string, string][] = [
  ["human", "", "reminder", "waiting to collect"],
  ["unknown", "", "reminder", "waiting to collect"],
  ["human", "1", "reminder pay", "waiting to transfer"],
  ["human", "1 talked", "reminder pay paid", "completed sent_to_payment_line"],
  ["human", "1 busy", "reminder pay agent", "waiting to transfer"],
  ["human", "1 no-answer talked", "reminder pay agent talked", "completed handled_by_agent"],
  ["human", "1 failed busy played", "reminder pay agent call_back", "completed callback_due"],
  ["human", "1 hangup", "reminder pay abandoned_in_queue", "hung-up abandoned_in_queue"],
  ["human", "1 lost", "reminder pay", "lost lost"],
  ["human", "2 talked", "reminder agent talked", "completed handled_by_agent"],
  ["human", "2 no-answer", "reminder agent call_back", "waiting to play"],
  ["human", "2 no-answer hangup", "reminder agent call_back", "hung-up callback_due"],
  ["human", "2 hangup", "reminder agent abandoned_in_queue", "hung-up abandoned_in_queue"],
  ["human", "9", "reminder opt_out", "waiting to play"],
  ["human", "9 played", "reminder opt_out", "completed opted_out"],
  ["human", "9 hangup", "reminder opt_out", "hung-up opted_out"],
  ["human", "9 lost", "reminder opt_out", "lost opted_out"],
  ["human", "*", "reminder reminder", "waiting to collect"],
  ["human", "silence silence", "reminder", "waiting to collect"],
  ["human", "silence silence silence", "reminder no_answer_given", "waiting to play"],
  ["human", "silence silence silence played", "reminder no_answer_given", "completed no_input"],
  ["human", "5 # 0 played", "reminder no_answer_given", "completed no_input"],
  ["human", "silence 5 9 played", "reminder opt_out", "completed opted_out"],
  ["human", "silence silence * silence silence 2 talked", "reminder reminder agent talked", "completed handled_by_agent"],
  ["human", "hangup", "reminder", "hung-up hung_up"],
  ["human", "silence hangup", "reminder", "hung-up hung_up"],
  ["human", "lost", "reminder", "lost lost"],
  ["machine", "", "voicemail", "waiting to play"],
  ["machine", "played", "voicemail", "completed voicemail_left"],
  ["machine", "hangup", "voicemail", "hung-up hung_up"],
  ["fax", "", "stop_fax", "completed fax"],
];

t.test("the walker takes every way through the payment reminder", async (t) => {
  const seen = new Set<string>();
  for (const [verdict, events, path, end] of walks) {
    const walked = walk(payment, verdict, events.split(" ").filter(Boolean), fields);
    t.equal(walked.path.join(" "), path, `${verdict}: ${events}`);
    t.equal(walked.end, end, `${verdict}: ${events}`);
    for (const step of walked.path) seen.add(step);
  }
  t.same(
    [...payment.steps.keys()].filter((step) => !seen.has(step)),
    [],
    "every step was entered",
  );
});

t.test("opt-out comes with the move into its step, before anything is played", async (t) => {
  const { moves, effects } = walk(payment, "human", ["9"], fields);
  t.same(moves[1]?.effects, [{ kind: "suppress", channels: ["voice"], scope: "account", reason: "ivr payment-reminder opt_out" }]);
  t.equal(moves[1]?.action.kind, "play");
  t.equal(effects.length, 1);
  t.same(walk(appointment, "human", ["3", "9"], fields).effects, [
    { kind: "suppress", channels: [], scope: "account", reason: "ivr appointment-reminder opt_out" },
  ]);
});

t.test("tries, repeated prompts, and the last failure decides the way", async (t) => {
  const first = walk(appointment, "human", [], fields).last.action;
  const again = walk(appointment, "human", ["silence"], fields).last.action;
  t.equal(first.kind === "collect" && first.prompts.length, 2);
  t.equal(again.kind === "collect" && again.prompts.length, 3, "with the retry prompt before the others");
  const script = scriptOf(`script: a
language: en-US
start: { human: ask }
steps:
  ask: { menu: [{ say: Hi }], tries: 2, keys: { "1": one, "12": twelve }, no_input: silent, no_match: other }
  one: { end: one }
  twelve: { suppress: { scope: campaign }, end: twelve }
  silent: { end: silent }
  other: { end: other }
`);
  const table: [string, string][] = [
    ["1", "completed one"],
    ["12", "completed twelve"],
    ["2 silence", "completed silent"],
    ["silence 2", "completed other"],
    ["silence", "waiting to collect"],
  ];
  for (const [events, end] of table) t.equal(walk(script, "human", events.split(" ")).end, end, events);
  t.equal(walk(script, "machine", []).end, "completed machine", "a machine without a step");
  t.equal(walk(script, "fax", []).end, "completed fax");
});

t.test("collected digits: lengths, branches, secrets", async (t) => {
  const script = scriptOf(`script: a
language: en-US
needs: [tier]
start: { human: pin }
steps:
  pin: { collect: [{ say: Hi }], into: pin, min_digits: 2, max_digits: 4, secret: true, tries: 2, next: score, no_input: silent, no_match: short }
  score: { collect: [{ say: Hi }], into: score, max_digits: 1, next: by_score, no_input: silent }
  by_score: { branch: score, on: { "9": by_tier }, else: low }
  by_tier: { branch: tier, on: { gold: gold }, else: other_tier }
  gold: { end: gold }
  other_tier: { end: other }
  low: { suppress: { scope: campaign }, end: low }
  silent: { end: silent }
  short: { end: short }
`);
  const table: [string, Record<string, string>, string][] = [
    ["1234 9", { tier: "gold" }, "completed gold"],
    ["1234 9", { tier: "" }, "completed other"],
    ["1234 9", {}, "completed other"],
    ["1234 3", {}, "completed low"],
    ["1 12 3", {}, "completed low"],
    ["1 1", {}, "completed short"],
    ["1 silence", {}, "completed silent"],
    ["12 silence silence silence", {}, "completed silent"],
  ];
  for (const [events, given, end] of table) t.equal(walk(script, "human", events.split(" "), given).end, end, events);
  t.same(openAnswers(walk(script, "human", ["1234", "9"], {}).last.place), { score: { value: "9" } }, "the secret one is not among the answers");
});

t.test("who leaves during the first words heard nothing; an opt-out stands at once", async (t) => {
  const script = scriptOf(`script: a
language: en-US
start: { human: turn, machine: intro, unknown: optout }
steps:
  turn: { branch: x, on: { y: intro }, else: only }
  only: { play: [{ say: Hi }], end: told }
  intro: { play: [{ say: Hi }], next: only }
  optout: { suppress: { scope: campaign }, play: [{ say: Hi }], end: out }
`);
  t.equal(walk(script, "human", ["hangup"]).end, "hung-up hung_up");
  t.equal(walk(script, "machine", ["hangup"]).end, "hung-up hung_up");
  t.equal(walk(script, "machine", ["played", "hangup"]).end, "hung-up told");
  t.equal(walk(script, "unknown", ["hangup"]).end, "hung-up out");
});

t.test("no script and no person can make it go round for ever", async (t) => {
  const circle = scriptOf(`script: a
language: en-US
start: { human: one, machine: menu }
steps:
  one: { branch: x, on: { y: one }, else: two }
  two: { suppress: { scope: account }, next: one }
  menu: { menu: [{ say: Hi }], keys: { "*": menu }, no_input: menu }
`);
  const { place, action, effects } = begin(circle, {}, "human", tuesday);
  t.same(action, { kind: "end", end: "too-long", outcome: "too_long" });
  t.equal(place.visits, maxVisits + 1);
  t.ok(effects.length <= maxVisits);
  let move = begin(circle, {}, "machine", tuesday);
  let turns = 0;
  for (; move.action.kind === "collect"; turns++) move = next(circle, move.place, { kind: "digits", digits: "*" }, tuesday);
  t.equal(turns, maxVisits);
  t.match(move.action, { end: "too-long" });
});

t.test("random people come to an end in the shipped scripts, whatever they press", async (t) => {
  const seed = 90210;
  const random = seededRandom(seed);
  for (const script of [payment, appointment]) {
    for (let round = 0; round < 500; round++) {
      let move = begin(script, fields, pick(random, ["human", "machine", "unknown", "fax"] as const), tuesday);
      let turns = 0;
      for (; move.action.kind !== "end"; turns++) {
        const kind = move.action.kind;
        const left: CallEvent = { kind: "left", how: pick(random, ["hung-up", "lost"] as const) };
        const ordinary: CallEvent =
          kind === "play"
            ? { kind: "played" }
            : kind === "collect"
              ? { kind: "digits", digits: pick(random, ["", "1", "2", "3", "9", "*", "#", "12"]) }
              : { kind: "transferred", end: pick(random, ["talked", "busy", "no-answer", "failed"] as const) };
        move = next(script, move.place, random.next() < 0.05 ? left : ordinary, tuesday);
        if (turns > maxVisits * 10) return t.fail(`seed ${seed} round ${round} walks for ever`);
      }
      t.match(move.action.outcome, /^[a-z_]+$/);
    }
  }
});
