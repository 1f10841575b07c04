import t from "tap";
import { type Callback, isFor, type MayCall, missedAfterMs, standing, whyNotSchedule, whyNotTake } from "../../src/agent/callback.ts";
import { checkSet, defaultDispositions, understand } from "../../src/agent/disposition.ts";
import { type Idle, pairUp, positionOf, spokenFor, type Waiting } from "../../src/agent/queue.ts";
import { type AgentState, agentStates, type Desk, type DeskEvent, isSameDesk, loggedOut, move } from "../../src/agent/state.ts";
import { pick, seededRandom } from "../../src/kernel/random.ts";

const at = 1_000_000;
const hold = { attemptId: "7", groupId: "1" };
const wrapUp = { wrapUpMs: 30_000, extensionMs: 10_000, maxExtensions: 2 };
const forSure = { wrapUpMs: undefined, extensionMs: 0, maxExtensions: 0 };
const desks: Record<AgentState, Desk> = {
  "logged-out": loggedOut(at),
  ready: { state: "ready", since: at },
  reserved: { state: "reserved", since: at, hold, until: at + 5000 },
  ringing: { state: "ringing", since: at, hold, until: at + 5000 },
  talking: { state: "talking", since: at, hold },
  "wrap-up": { state: "wrap-up", since: at, hold, until: at + 30_000, extensions: 0 },
  "not-ready": { state: "not-ready", since: at, reason: "lunch" },
};
const events: Record<string, DeskEvent> = {
  login: { kind: "login" },
  ready: { kind: "ready" },
  "not-ready": { kind: "not-ready", reason: "break" },
  logout: { kind: "logout" },
  reserve: { kind: "reserve", hold, until: at + 9000 },
  release: { kind: "release" },
  ring: { kind: "ring", until: at + 9000 },
  answer: { kind: "answer" },
  miss: { kind: "miss" },
  "hang-up": { kind: "hang-up", wrapUp },
  extend: { kind: "extend", wrapUp },
  lapse: { kind: "lapse" },
  "session-lost": { kind: "session-lost" },
  "holder-lost": { kind: "holder-lost", wrapUp },
  "force-out": { kind: "force", state: "logged-out" },
};

t.test("every event in every state: where it leads, `-` where it is refused, `.` where nothing happens, `>` what comes afterwards", async (t) => {
  const table = `
                logged-out  ready       reserved    ringing     talking     wrap-up     not-ready
login           not-ready   .           .           .           .           .           .
ready           -           .           reserved    ringing     talking     ready       ready
not-ready       -           not-ready   >not-ready  >not-ready  >not-ready  not-ready   not-ready
logout          .           logged-out  >logged-out >logged-out >logged-out logged-out  logged-out
reserve         -           reserved    -           -           -           -           -
release         -           -           ready       ready       -           -           -
ring            -           -           ringing     ringing     -           -           -
answer          -           -           talking     talking     -           -           -
miss            -           -           -           not-ready   -           -           -
hang-up         -           -           -           -           wrap-up     -           -
extend          -           -           -           -           -           wrap-up     -
lapse           .           .           ready       not-ready   .           ready       .
session-lost    .           logged-out  logged-out  logged-out  >logged-out logged-out  logged-out
holder-lost     .           .           ready       ready       wrap-up     .           .
force-out       .           logged-out  >logged-out >logged-out >logged-out logged-out  logged-out`;
  const [head = "", ...rows] = table.trim().split("\n");
  t.same(head.trim().split(/\s+/), agentStates);
  t.equal(rows.length, Object.keys(events).length);
  for (const row of rows) {
    const [name = "", ...cells] = row.trim().split(/\s+/);
    const event = events[name];
    if (!event) throw new Error(name);
    for (const [index, cell] of cells.entries()) {
      const desk = desks[agentStates[index] ?? "ready"];
      // After all times have run out.
      const moved = move(desk, event, at + 60_000);
      const found = "refused" in moved ? "-" : moved.desk === desk ? "." : moved.desk.next ? `>${moved.desk.next.state}` : moved.desk.state;
      t.equal(found, cell, `${name} while ${desk.state}`);
      if ("desk" in moved && moved.desk.next) t.equal(moved.desk.state, desk.state, "what is going on goes on");
    }
  }
});

t.test("what was asked for during a conversation comes after its wrap-up", async (t) => {
  const run = (...steps: readonly (readonly [DeskEvent, number])[]) => {
    let desk = desks.ready;
    for (const [event, when] of steps) {
      const moved = move(desk, event, when);
      if ("refused" in moved) throw new Error(moved.refused);
      desk = moved.desk;
    }
    return desk;
  };
  const talk = [
    [events["reserve"], at],
    [events["ring"], at],
    [events["answer"], at + 100],
  ] as [DeskEvent, number][];
  const breakNext: [DeskEvent, number] = [{ kind: "not-ready", reason: "break" }, at + 200];
  const end: [DeskEvent, number] = [{ kind: "hang-up", wrapUp }, at + 1000];
  const lapse = (when: number): [DeskEvent, number] => [{ kind: "lapse" }, when];
  t.match(run(...talk, breakNext, end), { state: "wrap-up", hold, until: at + 31_000, next: { state: "not-ready" } });
  t.match(run(...talk, breakNext, end, lapse(at + 30_999)), { state: "wrap-up" });
  t.same(run(...talk, breakNext, end, lapse(at + 31_000)), { state: "not-ready", reason: "break", since: at + 31_000 });
  t.match(run(...talk, breakNext, [{ kind: "ready" }, at + 300], end, lapse(at + 31_000)), { state: "ready" }, "or is thought better of");
  t.same(
    run(...talk, [{ kind: "session-lost" }, at + 300], [{ kind: "hang-up", wrapUp: { ...wrapUp, wrapUpMs: 0 } }, at + 400]),
    loggedOut(at + 400),
  );
  const extended: [DeskEvent, number] = [{ kind: "extend", wrapUp }, at + 2000];
  t.match(run(...talk, end, extended, extended), { state: "wrap-up", until: at + 51_000 });
  t.throws(() => run(...talk, end, extended, extended, extended), /2 times/);
  t.match(run(...talk, [{ kind: "hang-up", wrapUp: forSure }, at], lapse(at + 1e9)), { state: "wrap-up" }, "without a limit until the agent says so");
});

t.test("whatever comes, nobody is held twice and no hold is left over", async (t) => {
  const seed = 20_261_122;
  const random = seededRandom(seed);
  let desk: Desk = loggedOut(at);
  for (let step = 0; step < 20_000; step += 1) {
    const event = pick(random, Object.values(events));
    const moved = move(desk, event, at + step * 1000);
    if ("refused" in moved) continue;
    const before: Desk = desk;
    desk = moved.desk;
    const onCall = ["reserved", "ringing", "talking", "wrap-up"].includes(desk.state);
    if (onCall !== (desk.hold !== undefined))
      t.fail(`seed ${seed}, step ${step}: ${before.state} ${event.kind} ${desk.state} ${JSON.stringify(desk)}`);
    if (desk.state === "reserved" && before.state !== "ready" && before.state !== "reserved")
      t.fail(`seed ${seed}, step ${step}: reserved from ${before.state}`);
    if (desk.state === "talking" && desk.until !== undefined) t.fail(`seed ${seed}, step ${step}: a conversation that lapses`);
  }
});

t.test("a desk is the same however it came to be", async (t) => {
  const { ringing } = desks;
  t.ok(isSameDesk(ringing, Object.fromEntries(Object.entries(ringing).reverse()) as unknown as Desk));
  for (const other of Object.values(desks)) if (other !== ringing) t.notOk(isSameDesk(ringing, other));
  t.notOk(isSameDesk(ringing, { ...ringing, next: { state: "logged-out" } }));
});

t.test("people are served in their order, by the agent who was idle longest", async (t) => {
  const waiting = (id: string, since: number, priority = 5, skills: readonly string[] = []): Waiting => ({
    id,
    since,
    priority,
    groupIds: ["1"],
    skills,
  });
  const idle = (agentId: string, since: number, priority = 5, skills: readonly string[] = [], groupId = "1"): Idle => {
    return { agentId, since, onTheLine: agentId !== "c", memberships: [{ agentId, groupId, priority, skills }] };
  };
  const queue = [waiting("late", 30), waiting("early", 10), waiting("urgent", 40, 1), waiting("spanish", 5, 5, ["spanish"])];
  t.same(
    ["urgent", "spanish", "early", "late", "nobody"].map((id) => positionOf(id, queue)),
    [1, 2, 3, 4, undefined],
  );
  t.same(
    pairUp(queue, [idle("a", 300), idle("b", 100), idle("first", 900, 1)]),
    [
      { id: "urgent", agentId: "first" },
      { id: "early", agentId: "b" },
      { id: "late", agentId: "a" },
    ],
    "whoever finds nobody holds nobody up",
  );
  t.same(pairUp(queue.slice(3), [idle("a", 1), idle("b", 2, 5, ["dutch", "spanish"])]), [{ id: "spanish", agentId: "b" }]);
  t.same(pairUp([], [idle("a", 1)]), []);
  t.same(
    pairUp([{ ...waiting("a", 1), groupIds: ["2", "3"] }], [idle("a", 1), idle("b", 2, 5, [], "3")]),
    [{ id: "a", agentId: "b" }],
    "of its groups",
  );
  t.same(pairUp([{ ...waiting("a", 1), atOnce: true }], [idle("c", 1), idle("b", 2)]), [{ id: "a", agentId: "b" }], "who has to pick up is too late");
  t.equal(positionOf("b", [waiting("a", 1), { ...waiting("b", 2), groupIds: ["2"] }]), 1, "who wants other agents is not before them");
  const called = { ...waiting("called", 50), atOnce: true };
  t.same(pairUp([waiting("a", 1), called], [idle("b", 2)]), [{ id: "called", agentId: "b" }], "who was called for agents cannot wait");
  t.same(pairUp([waiting("a", 1, 4), called], [idle("b", 2)]), [{ id: "a", agentId: "b" }], "but for whoever comes before them anyway");
  const team = [
    { ...idle("writing", 1), ready: false },
    { ...idle("other", 1, 5, [], "2"), ready: true },
    { ...idle("free", 9), ready: true },
  ];
  t.same([...spokenFor([called], team)], [], "nobody is kept for those for whom they are called");
  t.same([...spokenFor([waiting("a", 1), called], team)], ["free"]);
  t.same([...spokenFor([waiting("a", 1), waiting("b", 2), waiting("c", 3)], team)], ["free", "writing"]);
});

t.test("dispositions", async (t) => {
  t.same(checkSet(defaultDispositions), []);
  t.match(checkSet([...defaultDispositions.slice(0, 1), ...defaultDispositions.slice(0, 1)]), [
    { at: 1, message: /already/ },
    { message: /do-not-call/ },
  ]);
  const said = (code: string, more = {}) => understand(defaultDispositions, { code, ...more });
  t.match(said("processed"), { category: "success" });
  t.match(said("sold"), { refused: /no disposition sold; there are payment-done, / });
  t.match(said("promise-to-pay", { amount: 10 }), { refused: "promise-to-pay needs date." });
  t.match(said("promise-to-pay", { amount: 10, date: "2026-02-30" }), { refused: /no day/ });
  t.match(said("promise-to-pay", { amount: 10, date: "2026-02-28" }), { code: "promise-to-pay" });
});

t.test("callbacks", async (t) => {
  const yes: MayCall = { may: true };
  const closed: MayCall = { may: false, rule: "outside-calling-window", retryAt: at + 1e6 };
  const never: MayCall = { may: false, rule: "suppressed" };
  const callback: Callback = {
    id: "1",
    campaignId: "1",
    contactId: "1",
    state: "waiting",
    dueAt: at,
    agentId: "ann",
    fallbackAt: at + 500,
    source: "script",
  };
  const cases: readonly (readonly [Callback["state"], MayCall, number, string, string | undefined])[] = [
    ["waiting", yes, at - 1, "later", "It is not due yet."],
    ["waiting", yes, at, "due", undefined],
    ["waiting", closed, at, "closed", "The person may not be called now: outside-calling-window."],
    ["waiting", never, at, "never", "The person must not be called: suppressed."],
    ["waiting", never, at - 1, "never", "The person must not be called: suppressed."],
    ["waiting", yes, at + missedAfterMs, "missed", undefined],
    ["waiting", closed, at + missedAfterMs, "closed", "The person may not be called now: outside-calling-window."],
    ["done", yes, at, "done", "It is done."],
    ["canceled", yes, at, "canceled", "It is not wanted any more."],
    ["taken", yes, at, "taken", "Somebody else has it."],
  ];
  for (const [state, may, when, stands, why] of cases) {
    t.equal(standing({ ...callback, state }, may, when), stands, `${state} ${stands}`);
    t.equal(whyNotTake({ ...callback, state, takenBy: "bob" }, "ann", may, when), why, `${state} ${stands}`);
  }
  t.match(whyNotTake(callback, "bob", yes, at), /another agent's/);
  t.same(
    [at + 499, at + 500].map((when) => isFor(callback, "bob", when)),
    [false, true],
  );
  t.equal(isFor({}, "bob", at), true);
  t.match(whyNotSchedule({ dueAt: at - 61_000, personal: false }, at), /over/);
  t.match(whyNotSchedule({ dueAt: at + 5, fallbackAt: at, personal: true }, at), /fallback/);
  t.match(whyNotSchedule({ dueAt: at, fallbackAt: at, personal: false }, at), /personal/);
  t.equal(whyNotSchedule({ dueAt: at, fallbackAt: at + 1, personal: true }, at), undefined);
});
