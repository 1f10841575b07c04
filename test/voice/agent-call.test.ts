import t from "tap";
import { AgentCallWatch } from "../../src/voice/agent-call-session.ts";
import { endingOf } from "../../src/voice/amd/answered.ts";
import type { Verdict } from "../../src/voice/amd/verdict.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

const graceMs = 2000;

async function watched(more: { readonly graceMs?: number } = { graceMs }) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const watch = new AgentCallWatch({ ...more, answered: (how) => told.push(how), served: (how) => told.push(how) }, clock);
  return { clock, told, watch, answeredAt: clock.now() };
}

t.test("an agent has to be there before a message could not begin within the grace any more", async (t) => {
  const verdict = (outcome: Verdict["outcome"], atMs: number, endMs?: number): Verdict => {
    return { outcome, cause: "quiet-after-greeting", atMs, ...(endMs !== undefined && { speech: { startMs: 300, endMs } }) };
  };
  const cases: readonly (readonly [string, Verdict | undefined, "human" | "unknown" | "machine", number, number | undefined, string | undefined])[] =
    [
      ["who was not listened to", undefined, "human", 0, 1650, "answered"],
      ["after their hello", verdict("human", 1500, 800), "human", 1500, 2450, "answered"],
      ["a verdict that comes late leaves a moment", verdict("human", 3000, 900), "human", 3000, 3300, "answered"],
      ["who says nothing waits since the answer", verdict("silence", 4000), "unknown", 4000, 4300, "unclassified"],
      ["doubt", verdict("unknown", 1000, 900), "unknown", 1000, 2550, "unclassified"],
      ["a machine is nobody's", verdict("machine", 2500, 2400), "machine", 2500, undefined, undefined],
    ];
  for (const [what, heard, startAt, afterMs, untilMs, how] of cases) {
    const { clock, told, watch, answeredAt } = await watched();
    await clock.advance(afterMs);
    watch.heard({ ...(heard && { verdict: heard }), startAt }, heard !== undefined);
    t.equal(watch.until === undefined ? undefined : watch.until - answeredAt, untilMs, what);
    t.same(told, how === undefined ? [] : [how], what);
  }
});

t.test("what becomes of them is told once, and is abandoned only when nobody was there in time", async (t) => {
  const cases: readonly (readonly [string, (watch: AgentCallWatch, at: number) => void, string | undefined, boolean])[] = [
    ["connected", (watch) => watch.connected(), "connected", false],
    ["nobody was free", (watch) => watch.notServed(), "abandoned", true],
    ["hung up before", (watch, at) => watch.over(at + 1649), "left", false],
    ["hung up too late", (watch, at) => watch.over(at + 1650), "abandoned", true],
    ["connected, then sent on to nobody", (watch) => [watch.connected(), watch.notServed()], "connected", false],
  ];
  for (const [what, happens, how, abandoned] of cases) {
    const { told, watch, answeredAt } = await watched();
    watch.heard({ startAt: "human" }, false);
    happens(watch, answeredAt);
    watch.over(answeredAt + 60_000);
    t.same([told, watch.abandoned, watch.until], [["answered", how], abandoned, undefined], what);
  }
  const chosen = await watched({});
  chosen.watch.heard({ startAt: "human" }, false);
  chosen.watch.notServed();
  chosen.watch.over(chosen.answeredAt + 60_000);
  t.same([chosen.told, chosen.watch.abandoned], [["answered", "left"], false], "without a grace nobody is abandoned");
  const nobody = await watched();
  nobody.watch.connected();
  nobody.watch.over(nobody.answeredAt);
  t.same(nobody.told, [], "nothing is told of whom nobody took for a person");
});

t.test("the abandoned are written down as such, however far the message came", async (t) => {
  const end = (how: "completed" | "lost" | "hung-up") => ({ outcome: how === "lost" ? "lost" : "message", end: how, answers: {} });
  for (const how of ["completed", "lost", "hung-up"] as const) {
    t.match(endingOf(undefined, end(how), undefined, { told: false, responded: false, abandoned: true }), { result: "abandoned" }, how);
  }
  const silence: Verdict = { outcome: "silence", cause: "no-speech", atMs: 4000 };
  t.match(
    endingOf(silence, end("completed"), undefined, { told: false, responded: false, talked: true }),
    { result: "human" },
    "who was silent and then talked",
  );
});
