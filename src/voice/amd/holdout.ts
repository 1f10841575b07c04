import type { Share } from "../pacing/ledger.ts";

/*
 * Machines that are given to agents all the same (`holdoutShare`), drawn by lot: what the agents say of them measures how many machines are people, and so how many
 * of those that were not given to agents were left without one. US: 16 CFR 310.4(b)(4) counts whoever answers and gets no agent; UK: Ofcom's statements on persistent
 * misuse want a reasoned estimate of such calls in the rate of abandonment.
 */

/** What is known of the machines of a campaign within 30 days. */
export interface Holdout {
  /** Machines that were given to agents. */
  readonly heldOut: number;
  /** Of those, what agents said they were; the others nobody has judged. */
  readonly people: number;
  readonly machines: number;
}

/** One that is judged wrong at the very beginning is not half of all: until so many are judged, the rest of them is taken to be judged right. */
export const fewestJudged = 50;

/** Share of the machines that are people, as the campaign is held to (0..1). */
export function missedShare({ people, machines }: Holdout): number {
  return people / Math.max(fewestJudged, people + machines);
}

/** 97.5 % quantile of the normal distribution. */
const z = 1.959964;

/** Where the share of people among machines lies with 95 % confidence (Wilson 1927), 0..1; undefined when none is judged. */
export function missedBetween({ people, machines }: Holdout): readonly [low: number, high: number] | undefined {
  const judged = people + machines;
  if (judged === 0) return undefined;
  const share = people / judged;
  const middle = share + (z * z) / (2 * judged);
  const half = z * Math.sqrt((share * (1 - share)) / judged + (z * z) / (4 * judged * judged));
  const scale = 1 + (z * z) / judged;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

/** The abandonment of a campaign with those who were taken for machines: they answered, and were abandoned. @param missed how many that is thought to be */
export function withMissed({ answers, abandoned }: Share, missed: number): Share {
  return { answers: answers + missed, abandoned: abandoned + missed };
}
