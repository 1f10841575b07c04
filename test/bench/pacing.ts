import type { Bench } from "./bench.ts";
import { type Gate, gate, table } from "./gates.ts";
import type { Cell, CellFigures, PolicyName, Scenario } from "./pacing/cell.ts";
import { published, stressed } from "./pacing/published.ts";
import { runCells } from "./pacing/run-cells.ts";

/* How well agents are kept busy at the abandonment that is aimed at: the pacer beside progressive dialling, a ratio dialler, and a policy that knows every distribution. */

const seed = 20_261_122;
const policies: readonly PolicyName[] = ["progressive", "ratio", "ideal", "pacer"];
/** Where there is less to gain than that (points), the gain is compared in points and not as a share. */
const worthSharing = 4;

interface Scale {
  readonly teams: readonly number[];
  readonly hitRates: readonly number[];
  readonly answers: number;
  /** The largest team's days are long. */
  readonly largeAnswers: number;
  readonly threads: number;
}

const whole: Scale = { teams: [5, 10, 25, 50, 100, 300], hitRates: [0.2, 0.35, 0.6], answers: 30_000, largeAnswers: 40_000, threads: 2 };
/** For a test: one team, one day. */
const quick: Scale = { teams: [25], hitRates: [0.35], answers: 4000, largeAnswers: 4000, threads: 0 };

export const bench: Bench = async (say, args = []) => {
  const isQuick = args.includes("--quick");
  const scale = isQuick ? quick : whole;
  const cells = cellsOf(scale);
  let done = 0;
  const figures = await runCells(cells, scale.threads, ({ cell, occupancy, abandonment }) => {
    done += 1;
    const what = `${cell.scenario}, ${cell.policy}, ${cell.agents} agents, hit rate ${cell.hitRate}`;
    if (!isQuick) say(`${done} of ${cells.length}: ${what}: ${(100 * occupancy).toFixed(2)} % busy, ${(100 * abandonment).toFixed(2)} % abandoned`);
  });
  const of = (scenario: Scenario, policy: PolicyName, agents: number, hitRate: number): CellFigures => {
    const found = figures.find(
      ({ cell }) => cell.scenario === scenario && cell.policy === policy && cell.agents === agents && cell.hitRate === hitRate,
    );
    if (!found) throw new RangeError(`no figures of ${scenario} ${policy} ${agents} ${hitRate}`);
    return found;
  };
  const sizes = scale.hitRates.flatMap((hitRate) => scale.teams.map((agents) => ({ hitRate, agents })));
  const rowsOf = (scenario: Scenario, some: typeof sizes) =>
    some.flatMap(({ agents, hitRate }) =>
      figures.filter(({ cell }) => cell.scenario === scenario && cell.agents === agents && cell.hitRate === hitRate),
    );
  say(`\nSteady: aimed at 2.95 % without a guard, seed ${seed}\n`);
  say(
    table([
      head,
      ...rowsOf("steady", sizes).map((row) =>
        line(row, of("steady", "progressive", row.cell.agents, row.cell.hitRate), of("steady", "ideal", row.cell.agents, row.cell.hitRate)),
      ),
    ]),
  );
  const stressTeams = stressed.filter(({ agents }) => scale.teams.includes(agents));
  say("\nStress: the hit rate swings between .15 and .5 within the hour, 40 % of the agents leave without a word and come back\n");
  say(table([head, ...stressTeams.flatMap(({ agents }) => rowsOf("stress", [{ agents, hitRate: stressRate }])).map((row) => line(row))]));
  say("\nGuard: shifts of 8 h; aimed at 2.7 % (2.5 % below 10 agents), at most 3.0 % in 24 h and in 30 days\n");
  say(table([head, ...rowsOf("guard", sizes).map((row) => line(row))]));

  const steady = sizes.flatMap(({ agents, hitRate }) => {
    const at = {
      pacer: of("steady", "pacer", agents, hitRate),
      ideal: of("steady", "ideal", agents, hitRate),
      progressive: of("steady", "progressive", agents, hitRate),
    };
    return steadyGates(agents, hitRate, at);
  });
  const stress = stressTeams.flatMap(({ agents, least }) => {
    const { occupancy, abandonment } = of("stress", "pacer", agents, stressRate);
    return [gate(`stress ${agents}: occupancy, %`, 100 * occupancy, ">=", least), gate(`stress ${agents}: abandoned, %`, 100 * abandonment, "<=", 3)];
  });
  const guarded = sizes
    .filter(({ agents }) => agents >= 10)
    .map(({ agents, hitRate }) =>
      gate(`guard ${agents} at ${hitRate}: worst shift, abandoned, %`, worstShift(of("guard", "pacer", agents, hitRate)), "<=", 3),
    );
  return [...steady, ...stress, ...guarded];
};

/** What the swinging hit rate is on average. */
const stressRate = 0.325;

function cellsOf({ teams, hitRates, answers, largeAnswers }: Scale): readonly Cell[] {
  const many = (agents: number) => (agents >= 300 ? largeAnswers : answers);
  const steady = hitRates.flatMap((hitRate) =>
    teams.flatMap((agents) => policies.map((policy): Cell => ({ scenario: "steady", policy, agents, hitRate, answers: many(agents), seed }))),
  );
  const stress = stressed
    .filter(({ agents }) => teams.includes(agents))
    .flatMap(({ agents }) =>
      policies
        .filter((policy) => policy !== "ideal")
        .map((policy): Cell => ({ scenario: "stress", policy, agents, hitRate: stressRate, answers, seed })),
    );
  const guard = hitRates.flatMap((hitRate) =>
    teams.map((agents): Cell => ({ scenario: "guard", policy: "pacer", agents, hitRate, answers: (2 / 3) * answers, seed })),
  );
  return [...steady, ...stress, ...guard];
}

function steadyGates(
  agents: number,
  hitRate: number,
  { pacer, ideal, progressive }: Readonly<Record<"pacer" | "ideal" | "progressive", CellFigures>>,
): Gate[] {
  const name = `${agents} at ${hitRate}`;
  const yardstick = published.find((row) => row.agents === agents && row.hitRate === hitRate);
  if (!yardstick) throw new RangeError(`nothing is published of ${name}`);
  const gain = ideal.occupancy - progressive.occupancy;
  return [
    gate(`${name}: abandoned, %`, 100 * pacer.abandonment, "<=", 3),
    gate(`${name}: occupancy / published ideal`, (100 * pacer.occupancy) / yardstick.ideal, ">=", 0.99),
    yardstick.ideal - yardstick.progressive >= worthSharing
      ? gate(`${name}: share of the ideal's gain`, (pacer.occupancy - progressive.occupancy) / gain, ">=", 0.95)
      : gate(`${name}: points below ideal`, 100 * (ideal.occupancy - pacer.occupancy), "<=", 0.3),
    gate(`${name}: peak lines / ideal's`, pacer.peakLines / ideal.peakLines, "<=", 1.4),
    gate(`${name}: µs a decision`, pacer.decisionUs, "<=", 1000),
  ];
}

const head = [
  "agents, hit rate",
  "policy",
  "answers",
  "occ %",
  "ab %",
  "± ",
  "worst 8 h",
  "of ideal %",
  "gain %",
  "p99 wait ms",
  "peak lines",
  "dials/answer",
  "µs/decision",
];

function line(figures: CellFigures, progressive?: CellFigures, ideal?: CellFigures): (string | number)[] {
  const { cell, occupancy, abandonment, answers } = figures;
  const percent = (value: number) => (100 * value).toFixed(2);
  const gain = ideal && progressive ? ideal.occupancy - progressive.occupancy : Number.NaN;
  return [
    `${cell.agents}, ${cell.scenario === "stress" ? ".15-.5" : cell.hitRate}`,
    cell.policy,
    String(answers),
    percent(occupancy),
    percent(abandonment),
    percent(1.96 * Math.sqrt((abandonment * (1 - abandonment)) / answers)),
    Number.isFinite(worstShift(figures)) ? worstShift(figures).toFixed(2) : "-",
    ideal ? ((100 * occupancy) / ideal.occupancy).toFixed(1) : "-",
    ideal && progressive ? ((100 * (occupancy - progressive.occupancy)) / gain).toFixed(0) : "-",
    Math.round(figures.waitP99Ms),
    figures.peakLines,
    (figures.dials / Math.max(1, figures.answers)).toFixed(2),
    Number(figures.decisionUs.toPrecision(3)),
  ];
}

/** Abandoned (%) of the worst whole shift, or of all when there is none. */
function worstShift({ shifts, endedAtMs, cell }: CellFigures): number {
  const complete = cell.scenario === "guard" ? shifts : shifts.slice(0, Math.floor(endedAtMs / 28_800_000));
  const shares = complete.filter(({ answers }) => answers > 0).map(({ answers, abandoned }) => (100 * abandoned) / answers);
  return Math.max(...(shares.length > 0 ? shares : [Number.NEGATIVE_INFINITY]));
}
