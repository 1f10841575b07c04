import t from "tap";
import { answererOf, defaultDispositions } from "../../src/agent/disposition.ts";
import { endingOf } from "../../src/voice/amd/answered.ts";
import { fewestJudged, missedBetween, missedShare, withMissed } from "../../src/voice/amd/holdout.ts";
import type { Verdict } from "../../src/voice/amd/verdict.ts";
import { LiveAnswerWatch } from "../../src/voice/live-answer.ts";

const machine: Verdict = { outcome: "machine", cause: "long-greeting", atMs: 5000 };
const end = (how: "completed" | "lost" | "hung-up") => ({ outcome: how === "lost" ? "lost" : "done", end: how, answers: {} });

t.test("what a machine that was given to an agent is called afterwards", async (t) => {
  const seen = { told: true, responded: false, heldOut: true };
  const cases = [
    ["they talked", { ...seen, talked: true }, end("completed"), "human"],
    ["a key was pressed, and the agent was not there yet", { ...seen, responded: true }, end("hung-up"), "human"],
    ["no agent was there in time", { ...seen, abandoned: true }, end("completed"), "abandoned"],
    ["they were cut off while they talked", { ...seen, talked: true }, end("lost"), "dropped"],
    ["it hung up on us before anybody was there", seen, end("hung-up"), "machine"],
    ["it is not taken for one that took our message", seen, end("completed"), "machine"],
  ] as const;
  for (const [what, how, script, result] of cases)
    t.match(endingOf(machine, script, undefined, how), { result, machine: { responded: how.responded } }, what);
  t.match(endingOf(machine, end("completed"), undefined, { ...seen, talked: true }), { reason: "machine, long-greeting; held out; completed" });
  t.match(endingOf(machine, end("completed"), undefined, { told: true, responded: false }), { result: "machine-message", machine: "heeded" });
  t.notOk("machine" in endingOf(undefined, end("completed"), undefined, { told: true, responded: false }), "whom nobody took for one");
});

t.test("how it counts: one that no agent was asked for as a machine, and nothing twice", async (t) => {
  const heldOut = { responded: false };
  const watch = (...told: readonly ("answered" | "unclassified" | "connected" | "abandoned" | "left")[]) => {
    const live = new LiveAnswerWatch({ graceMs: 2000 });
    for (const how of told) {
      if (how === "answered" || how === "unclassified") live.agentCall.answered?.(how);
      else live.agentCall.served?.(how);
    }
    return live;
  };
  t.same(watch().counted("heeded"), { live: "machine" });
  t.same(watch().counted(undefined), {}, "nobody answered");
  t.same(watch("unclassified", "connected").counted("heeded"), {}, "machines are connected in this campaign: nobody is missed");
  t.same(watch("unclassified", "connected").counted(heldOut), { heldOut }, "a machine does not pad the answers");
  t.same(watch("unclassified", "abandoned").counted(heldOut), { live: "abandoned", heldOut }, "who may be a person was abandoned");
  t.same(watch("unclassified", "left").counted(heldOut), { heldOut });
  t.same(watch("answered", "connected").counted(undefined), { live: "connected" });
  t.same(new LiveAnswerWatch({}).counted("heeded"), {}, "an agent was there all the time");
});

t.test("the share of people among machines, and where it may lie", async (t) => {
  t.equal(missedShare({ heldOut: 40, people: 0, machines: 0 }), 0);
  t.equal(missedShare({ heldOut: 40, people: 1, machines: 0 }), 1 / fewestJudged, "one that was wrong is not all of them");
  t.equal(missedShare({ heldOut: 200, people: 3, machines: 147 }), 0.02);
  t.equal(missedBetween({ heldOut: 9, people: 0, machines: 0 }), undefined);
  // Newcombe 1998, table I: 81 of 263 and 15 of 148, Wilson without correction.
  for (const [people, judged, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [20, 20, 0.8389, 1],
  ] as const) {
    const between = missedBetween({ heldOut: judged, people, machines: judged - people });
    t.same(
      between?.map((share) => share.toFixed(4)),
      [low, high].map((share) => share.toFixed(4)),
      `${people} of ${judged}`,
    );
  }
  t.same(withMissed({ answers: 100, abandoned: 2 }, 1.5), { answers: 101.5, abandoned: 3.5 });
});

t.test("what a disposition says of who was there", async (t) => {
  const by = new Map(defaultDispositions.map((one) => [one.code, answererOf(one)]));
  t.match(Object.fromEntries(by), {
    processed: "person",
    "do-not-call": "person",
    "left-message": "machine",
    "answering-machine": "machine",
    "no-answer": "unclear",
  });
  t.equal(answererOf({ category: "contact", answeredBy: "machine" }), "machine", "a set may say it otherwise");
});
