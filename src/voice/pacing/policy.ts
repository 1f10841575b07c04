/**
 * How calls are placed for agents: `manual`, not at all by Carillon; `preview`, when an agent asks; `progressive`, so many for each agent who is free; `predictive`, for agents
 * who will be free. For scripts: `ivr-power`, so many for each free port; `ivr-progressive`, one for each.
 */
export type PacingMode = "manual" | "preview" | "progressive" | "predictive" | "ivr-power" | "ivr-progressive";

export interface PacingPolicy {
  readonly mode: PacingMode;
  /** Progressive: lines for each agent who is free, 1..10; also what predictive falls back to has one. */
  readonly linesPerAgent: number;
  /** Power: calls under way for each free port, 1..10. */
  readonly linesPerPort: number;
  /** Share of the people who answer that is aimed at for abandoned ones, 0..1. */
  readonly target: number;
  /** Share that must not be passed, over 24 hours and over 30 days, 0..1; 1 is none. */
  readonly cap: number;
  /** How long after the answer, or the end of the greeting, an agent has to be there (ms), less what detection and bridging take. */
  readonly graceMs: number;
  /** Calls under way for each agent, at most. */
  readonly maxLinesPerAgent: number;
  /** What is known of agents may be so old (ms). */
  readonly staleMs: number;
  /** How long conversations and the work after them last, as far as anybody can tell beforehand (ms). */
  readonly expectedTalkMs: number;
  readonly expectedWrapMs: number;
}

/** Below ten agents one call more or less is a larger share of a day: the aim leaves more room to the cap. */
const smallTeam = 10;

export function targetFor(agents: number): number {
  return agents < smallTeam ? 0.025 : 0.027;
}

export function defaultPacing(mode: PacingMode, agents: number): PacingPolicy {
  return {
    mode,
    linesPerAgent: 1,
    linesPerPort: 1,
    target: targetFor(agents),
    cap: 0.03,
    graceMs: 2000,
    maxLinesPerAgent: 8,
    staleMs: 5000,
    expectedTalkMs: 120_000,
    expectedWrapMs: 20_000,
  };
}
