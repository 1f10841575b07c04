import type { Planted } from "./node.ts";

/** What runs came to. */
export interface Report {
  readonly contacts: number;
  /** How often something went out. */
  readonly contacted: number;
  readonly optOuts: number;
  /** From outside, which ended or moved somebody in a strategy. */
  readonly events: number;
  readonly crashes: number;
  /** Each held against the books. */
  readonly refusals: number;
  readonly campaigns: number;
  /** Campaigns that came to their end; the others were broken off. */
  readonly finished: number;
  /** With the seed they came of. */
  readonly violations: readonly string[];
}

export interface Property {
  run(seed: number, planted?: Planted): Promise<Report>;
}
