import t from "tap";
import { seededRandom } from "../../../src/kernel/random.ts";
import { defaultPacing } from "../../../src/voice/pacing/policy.ts";
import { type DialPolicy, type SimulationSetup, simulate } from "../../../src/voice/simulation.ts";
import { idealPolicy, pacerPolicy, progressivePolicy } from "../../../src/voice/simulation-policies.ts";
import { EventQueue } from "../../../src/voice/simulation-queue.ts";
import { drawCallee, standardWorkload } from "../../../src/voice/simulation-workload.ts";

const hourMs = 3_600_000;
const target = 0.0295;

function setup(agents: number, hitRate: number, until: SimulationSetup["until"], seed = 20_261_122): SimulationSetup {
  return {
    agents,
    workload: standardWorkload(hitRate),
    random: seededRandom(seed),
    graceMs: 2000,
    tickMs: 1000,
    shiftMs: 8 * hourMs,
    breakMs: 0,
    warmUpMs: hourMs / 2,
    until,
  };
}

t.test("what happens first is taken first, and of two at once the one put in first", async (t) => {
  const queue = new EventQueue<number>();
  const random = seededRandom(1);
  const times = Array.from({ length: 500 }, () => Math.floor(random.next() * 40));
  for (const [index, atMs] of times.entries()) queue.put(atMs, index);
  const expected = times.map((atMs, index) => ({ atMs, what: index })).toSorted((a, b) => a.atMs - b.atMs);
  t.same(
    expected.map(() => {
      const { atMs, what } = queue.take() ?? {};
      return { atMs, what };
    }),
    expected,
  );
  t.equal(queue.take(), undefined);
});

t.test("the people are those of the published workload", async (t) => {
  const random = seededRandom(2);
  const people = Array.from({ length: 100_000 }, () => drawCallee(random, standardWorkload(0.3)));
  const mean = (of: (person: (typeof people)[number]) => number) => people.reduce((sum, person) => sum + of(person), 0) / people.length;
  t.equal(Math.round(mean(({ talkMs }) => talkMs) / 1000), 120);
  t.equal(Math.round(mean(({ wrapMs }) => wrapMs) / 1000), 20);
  t.equal(Math.round(mean(({ ringMs }) => ringMs) / 1000), 12);
  t.ok(Math.abs(mean(({ deadMs }) => deadMs) - 19_488) < 150);
  t.ok(Math.abs(mean(({ luck }) => (luck < 0.3 ? 1 : 0)) - 0.3) < 0.005);
});

t.test("progressive dialling does what its formula says", async (t) => {
  // Occupancy = AHT / (AHT + ℓ/p), ℓ the mean time a line is busy for a dial; independent of the team.
  for (const [hitRate, expected] of [
    [0.2, 0.608],
    [0.35, 0.744],
    [0.6, 0.849],
  ] as const) {
    const { occupancy, abandoned, peakLines } = simulate(setup(10, hitRate, { answers: 4000 }), progressivePolicy(1));
    t.ok(Math.abs(occupancy - expected) < 0.007, `hit rate ${hitRate}: ${occupancy}`);
    t.equal(abandoned, 0);
    t.equal(peakLines, 10);
  }
});

t.test("the reference policy comes to the published figures", async (t) => {
  // p = .35 at 10 and 50 agents: 84.8 and 93.7 %, with 2.81 to 2.98 % abandoned.
  for (const [agents, expected] of [
    [10, 0.848],
    [50, 0.937],
  ] as const) {
    const { occupancy, abandonment } = simulate(setup(agents, 0.35, { answers: 5000 }), idealPolicy(standardWorkload(0.35), target, 2000));
    t.ok(Math.abs(occupancy - expected) < 0.008, `${agents} agents: ${occupancy}`);
    t.ok(abandonment > 0.025 && abandonment < 0.031, `${agents} agents: ${abandonment} abandoned`);
  }
});

t.test("the pacer, which has to learn everything, comes close to it", async (t) => {
  const policy = { ...defaultPacing("predictive", 10), target, cap: 1 };
  const { occupancy, abandonment } = simulate(setup(10, 0.35, { answers: 5000 }), pacerPolicy(policy));
  t.ok(occupancy > 0.835, `${occupancy}`);
  t.ok(abandonment > 0.025 && abandonment < 0.03, `${abandonment}`);
});

t.test("with the guard no shift passes the cap, and shifts end with nobody on the line", async (t) => {
  const policy = defaultPacing("predictive", 20);
  const { shifts, abandonment, occupancy } = simulate({ ...setup(20, 0.35, { shifts: 2 }), breakMs: 16 * hourMs }, pacerPolicy(policy));
  t.equal(shifts.length, 2);
  for (const { answers, abandoned } of shifts) {
    t.ok(answers > 3000, `${answers} answered`);
    t.ok(abandoned / answers <= 0.03, `${abandoned / answers}`);
  }
  t.ok(abandonment > 0.015, `${abandonment}: it is used, too`);
  t.ok(occupancy > 0.85, `${occupancy}`);
});

t.test("the same seed is the same day, and a list ends", async (t) => {
  const day = () => simulate(setup(5, 0.3, { contacts: 400 }), pacerPolicy(defaultPacing("predictive", 5)));
  const first = day();
  t.same(day(), first);
  t.match(first, { dials: 400, finished: true });
});

t.test("agents who leave without a word and come back", async (t) => {
  const calls = { during: 0 };
  const watched = (policy: DialPolicy): DialPolicy => ({
    observe: (event) => policy.observe(event),
    decide: (nowMs) => {
      const wanted = policy.decide(nowMs);
      if (nowMs > hourMs * 1.1 && nowMs < hourMs * 1.4) calls.during += wanted;
      return wanted;
    },
  });
  const absence = { everyMs: hourMs, share: 1, forMs: hourMs / 2 };
  const { answers } = simulate({ ...setup(8, 0.3, { answers: 500 }), absence }, watched(pacerPolicy(defaultPacing("predictive", 8))));
  t.equal(answers, 500);
  t.equal(calls.during, 0, "nobody is called for nobody");
});
