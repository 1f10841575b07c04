import t from "tap";
import { compare } from "../../src/command/compare.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";

/* Several numbers rung in turn, the whisper, who leaves when, and a script that goes on in another one. */

t.setTimeout(280_000);

const steps = ["busy", "mixed", "declined", "left", "nowhere", "held", "whispered"].map(
  (group) => `
  to_${group}:
    transfer: { group: ${group} }
    whisper: [{ say: "This is somebody who was asked to call you about a bill that is long overdue, and who wants to settle it. They have been waiting for you, so please be kind, and have their papers before you when you begin." }]
    play: [{ say: "Please wait." }]
    max_wait_s: 12
    on: { answered: talked, busy: was_busy, no_answer: was_unanswered, failed: went_wrong, hung_up: left }`,
);
const script = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
start: { human: hello, unknown: hello }
everywhere: { "9": out }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Press 1 to 8." }]
    keys: { "1": to_busy, "2": to_mixed, "3": to_declined, "4": to_left, "5": to_nowhere, "6": elsewhere, "7": to_held, "8": to_whispered }
    no_input: talked
    no_match: talked
${steps.join("\n")}
  elsewhere: { script: other }
  talked: { end: talked }
  was_busy: { end: busy }
  was_unanswered: { end: no_answer }
  went_wrong: { end: failed }
  left: { end: left }
  out: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: left_alone }
`;
const other = `
script: other
language: en-US
start: { human: question, unknown: question }
steps:
  question:
    collect: [{ say: "Your number, please." }]
    into: number
    max_digits: 3
    next: done
    no_input: done
    no_match: done
  done: { play: [{ say: "That was {number}." }], end: told }
`;

const groups = new Map([
  ["busy", ["+12125550401", "+12125550402"]],
  ["mixed", ["+12125550403", "+12125550404", "+12125550405"]],
  ["declined", ["+12125550406"]],
  ["left", ["+12125550407", "+12125550408"]],
  ["held", ["+12125550409", "+12125550410"]],
  ["whispered", ["+12125550411", "+12125550412"]],
]);
const clerks = {
  "+12125550401": "busy",
  "+12125550402": "busy",
  "+12125550403": "busy",
  "+12125550404": "no-answer",
  "+12125550405": "rejects:503",
  "+12125550406": "does:hear 300ms then hang up",
  "+12125550407": "does:listen",
  "+12125550408": "does:listen",
  "+12125550409": "no-answer",
  "+12125550410": "does:listen",
  "+12125550411": "does:listen",
  "+12125550412": "does:listen",
};
const press = (keys: string) => `does:listen then press ${keys}`;
const people: readonly (readonly [string, string, string])[] = [
  [press("1"), "busy", "all are busy"],
  [press("2"), "no_answer", "one rings in vain"],
  [press("3"), "no_answer", "who answers hangs up during the whisper"],
  [`${press("4")} then hear then wait 2s then hang up`, "left", "the person hangs up during the whisper"],
  [press("5"), "failed", "a group that is not configured"],
  [`${press("6")} then listen then press 42#`, "told", "another script"],
  [`${press("7")} then hear then wait 2s then press 9`, "left_alone", "the person opts out while it rings"],
  [`${press("8")} then hear then wait 2s then press 9`, "left_alone", "the person opts out during the whisper"],
];

t.test("a group in turn: each end leads on, and nobody is left over", async (t) => {
  const numbers = people.map((_, at) => numberOf(`+1212555${2000 + at}`));
  const personas = Object.fromEntries(people.map(([does], at) => [numbers[at], does]));
  const server = await openServer(t, { ...personas, ...clerks }, {}, { groups, speed: 2 });
  const { id, version } = await server.stores.scripts.publish("other", other);
  const uses = { other: { id, version } };
  await server.stores.scripts.publish("other", other.replace("told", "told_later"));
  const campaign = await loadCampaign(server, "groups", numbers, undefined, script, uses);
  const attempts = await run(server, campaign);
  const calls = server.far.carrier.books.toJSON().calls;
  for (const [at, [, outcome, what]] of people.entries()) {
    const attempt = attempts.find(({ address }) => address === numbers[at]);
    t.match(attempt, { result: "human", outcome }, `${what} (seed ${seed})`);
  }
  const rung = (group: string) => (groups.get(group) ?? []).map((number) => calls.filter(({ called }) => called === number).length);
  t.same(rung("busy"), [1, 1]);
  t.same(rung("mixed"), [1, 1, 1]);
  t.same(rung("left"), [1, 0], "nobody else is rung for a person who is gone");
  t.same([...rung("held"), ...rung("whispered")], [1, 0, 1, 0], "nor for one who has opted out");
  const called = (number: string) => calls.find((call) => call.called === number);
  t.match(called("+12125550409"), { state: "cancelled" }, "the call to somebody is taken back");
  const heldMs = (called("+12125550409")?.endedAtMs ?? 0) - (called("+12125550409")?.invitedAtMs ?? 0);
  t.ok(heldMs < 4000, `at once: after ${heldMs} ms of six seconds`);
  t.match(called("+12125550411"), { state: "ended", endedBy: "caller" }, "and whoever has answered is hung up on");
  const { rows } = await server.stores.pool.query<{ number: string }>("select number from suppression order by number");
  t.same(
    rows.map(({ number }) => number),
    numbers.slice(-2),
    "both are left alone from now on",
  );
  const vain = calls.find(({ called }) => called === "+12125550404");
  const rangMs = (vain?.endedAtMs ?? 0) - (vain?.invitedAtMs ?? 0);
  t.ok(rangMs >= 5000 && rangMs < 8000, `it rings for half of what is left, ${rangMs} ms, so that the next one is rung too`);
  const told = attempts.find(({ outcome }) => outcome === "told");
  t.match(await server.stores.attemptReader.attempt(told?.id ?? ""), {
    path: ["hello", "elsewhere", "other/question", "other/done"],
    answers: [{ name: "number", value: "42" }],
  });
  t.same(compare(attempts, calls, new Set()).disagreements, [], `seed ${seed}`);
  await noLeaks(t, server);
  await server.close();
});
