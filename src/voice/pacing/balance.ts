import { atMostZero, expectedBelowZero } from "./normal.ts";

/**
 * What is expected of the next half minute: at each of a few horizons, agents who are free by then less people who have answered by then. Agents and calls come and go
 * independently of each other, each with its own probability (a Poisson-binomial distribution on either side).
 */
export interface Balance {
  /** An agent who will be free by horizon j with the probability rows[at + j]. */
  addAgent(rows: Float64Array, at: number): void;
  /** A call that a person will have answered by horizon j with the probability scale · rows[at + j]. */
  addCall(rows: Float64Array, at: number, scale: number): void;
  /** P(nobody is left over for one more answer at horizon j). */
  shortAt(horizon: number): number;
  /** People who will have nobody at the last horizon, on average. */
  expectedLoss(): number;
  /** People who will have answered by the last horizon, on average. */
  expectedAnswers(): number;
}

/** @param free agents free now less people who wait for one, may be negative */
export function newBalance(horizons: number, free: number, agents: number): Balance {
  return agents <= exactAgents ? exactBalance(horizons, free, agents) : normalBalance(horizons, free);
}

/** Up to so many agents whole distributions are computed: there skewness matters most, and they are short. */
export const exactAgents = 10;

/** First three central moments. */
export function normalBalance(horizons: number, free: number): Balance {
  const mean = new Float64Array(horizons).fill(free);
  const variance = new Float64Array(horizons);
  const third = new Float64Array(horizons);
  let answers = 0;
  return {
    addAgent(rows, at) {
      for (let j = 0; j < horizons; j++) {
        const chance = rows[at + j] ?? 0;
        const spread = chance * (1 - chance);
        mean[j] = (mean[j] ?? 0) + chance;
        variance[j] = (variance[j] ?? 0) + spread;
        third[j] = (third[j] ?? 0) + spread * (1 - 2 * chance);
      }
    },
    addCall(rows, at, scale) {
      for (let j = 0; j < horizons; j++) {
        const chance = scale * (rows[at + j] ?? 0);
        const spread = chance * (1 - chance);
        mean[j] = (mean[j] ?? 0) - chance;
        variance[j] = (variance[j] ?? 0) + spread;
        third[j] = (third[j] ?? 0) - spread * (1 - 2 * chance);
      }
      answers += scale * (rows[at + horizons - 1] ?? 0);
    },
    shortAt: (horizon) => atMostZero(mean[horizon] ?? 0, variance[horizon] ?? 0, third[horizon] ?? 0),
    expectedLoss: () => expectedBelowZero(mean[horizons - 1] ?? 0, variance[horizons - 1] ?? 0),
    expectedAnswers: () => answers,
  };
}

/** Whole distributions. */
export function exactBalance(horizons: number, free: number, agents: number): Balance {
  // At most so many answers matter: with more there is nobody left in any case. The last place holds all that is above.
  const most = Math.max(0, agents + Math.max(0, free)) + 1;
  const width = most + 1;
  const ready = new Float64Array(horizons * width);
  const answered = new Float64Array(horizons * width);
  for (let j = 0; j < horizons; j++) {
    ready[j * width] = 1;
    answered[j * width] = 1;
  }
  let busy = 0;
  let answers = 0;
  const add = (distribution: Float64Array, j: number, chance: number) => {
    const first = j * width;
    distribution[first + most] = (distribution[first + most] ?? 0) + (distribution[first + most - 1] ?? 0) * chance;
    for (let k = most - 1; k > 0; k--) {
      distribution[first + k] = (distribution[first + k] ?? 0) * (1 - chance) + (distribution[first + k - 1] ?? 0) * chance;
    }
    distribution[first] = (distribution[first] ?? 0) * (1 - chance);
  };
  return {
    addAgent(rows, at) {
      busy += 1;
      for (let j = 0; j < horizons; j++) add(ready, j, rows[at + j] ?? 0);
    },
    addCall(rows, at, scale) {
      for (let j = 0; j < horizons; j++) add(answered, j, scale * (rows[at + j] ?? 0));
      answers += scale * (rows[at + horizons - 1] ?? 0);
    },
    shortAt(j) {
      // Sum over k of P(k agents get free) · P(at least free + k people answer).
      let short = 0;
      let fewer = 0;
      let summed = 0;
      for (let k = 0; k <= Math.min(busy, most); k++) {
        for (; summed < Math.min(free + k, width); summed++) fewer += answered[j * width + summed] ?? 0;
        short += (ready[j * width + k] ?? 0) * (1 - fewer);
      }
      return Math.max(0, Math.min(1, short));
    },
    expectedLoss() {
      // E[(L − c)+] = E[L] − Σ i<c P(L > i), and −c more where c, the agents less who waits, is negative.
      const first = (horizons - 1) * width;
      let loss = 0;
      for (let k = 0; k <= Math.min(busy, most); k++) {
        const places = free + k;
        let over = places < 0 ? answers - places : answers;
        let atMost = 0;
        for (let i = 0; i < places; i++) {
          atMost += answered[first + i] ?? 0;
          over -= 1 - atMost;
        }
        loss += (ready[first + k] ?? 0) * Math.max(0, over);
      }
      return loss;
    },
    expectedAnswers: () => answers,
  };
}
