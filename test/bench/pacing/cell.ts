import { seededRandom } from "../../../src/kernel/random.ts";
import { defaultPacing } from "../../../src/voice/pacing/policy.ts";
import { type DialPolicy, type SimulationSetup, simulate } from "../../../src/voice/simulation.ts";
import type { Figures } from "../../../src/voice/simulation-figures.ts";
import { idealPolicy, pacerPolicy, progressivePolicy } from "../../../src/voice/simulation-policies.ts";
import { ratioPolicy } from "../../../src/voice/simulation-ratio.ts";
import { standardWorkload } from "../../../src/voice/simulation-workload.ts";

export type PolicyName = "progressive" | "ratio" | "ideal" | "pacer";
/** `steady`: everything stays as it is, and nothing but the aim limits the pacer. `stress`: hit rate and team change. `guard`: shifts of 8 h, with the caps of 24 h and 30 d. */
export type Scenario = "steady" | "stress" | "guard";

/** One simulation. Plain data, so that it can go to a worker. */
export interface Cell {
  readonly scenario: Scenario;
  readonly policy: PolicyName;
  readonly agents: number;
  readonly hitRate: number;
  readonly answers: number;
  readonly seed: number;
}

export interface CellFigures extends Figures {
  readonly cell: Cell;
  /** CPU for each decision, mean. What the policy is told in between and the simulation itself are in it: it is less than that. */
  readonly decisionUs: number;
}

export const target = 0.0295;
const hourMs = 3_600_000;
const graceMs = 2000;
/** Answers that an agent takes in a shift, about; for the number of shifts. */
const answersAShift = 190;

/** Swings between .15 and .5 within the hour. */
const swinging = (atMs: number) => 0.325 + 0.175 * Math.sin((2 * Math.PI * atMs) / hourMs);

export function runCell(cell: Cell): CellFigures {
  const { scenario, agents, hitRate, answers, seed } = cell;
  const workload = standardWorkload(scenario === "stress" ? swinging : hitRate);
  const setup: SimulationSetup = {
    agents,
    workload,
    random: seededRandom(seed),
    graceMs,
    tickMs: 1000,
    shiftMs: 8 * hourMs,
    breakMs: scenario === "guard" ? 16 * hourMs : 0,
    warmUpMs: scenario === "guard" ? 0 : hourMs / 2,
    until: scenario === "guard" ? { shifts: Math.ceil(answers / (agents * answersAShift)) } : { answers },
    ...(scenario === "stress" ? { absence: { everyMs: 1.5 * hourMs, share: 0.4, forMs: hourMs / 2 } } : {}),
  };
  const policy = counted(policyOf(cell, setup));
  const before = process.threadCpuUsage();
  const figures = simulate(setup, policy);
  const { user, system } = process.threadCpuUsage(before);
  return { ...figures, cell, decisionUs: (user + system) / Math.max(1, policy.decisions) };
}

function policyOf({ policy, scenario, agents }: Cell, { workload, shiftMs, breakMs }: SimulationSetup): DialPolicy {
  if (policy === "progressive") return progressivePolicy(1);
  if (policy === "ratio") return ratioPolicy(target, shiftMs + breakMs);
  if (policy === "ideal") return idealPolicy(workload, target, graceMs);
  const usual = defaultPacing("predictive", agents);
  return pacerPolicy(scenario === "guard" ? usual : { ...usual, target, cap: 1 });
}

function counted(policy: DialPolicy): DialPolicy & { decisions: number } {
  return {
    decisions: 0,
    observe: (event) => policy.observe(event),
    decide(nowMs) {
      this.decisions += 1;
      return policy.decide(nowMs);
    },
  };
}
