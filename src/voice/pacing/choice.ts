import type { AbandonLedger } from "./ledger.ts";

/** What the pacer cannot know by itself. */
export interface PacingFacts {
  readonly atMs: number;
  /** The list and attempt of the calls that would be dialled. */
  readonly list: string;
  readonly attempt: number;
  /** How many calls lines, trunks and rates allow now; a whole number. */
  readonly room: number;
  /** When it was last certain that every agent's state had been told (ms). */
  readonly fedAtMs: number;
  readonly ledger: AbandonLedger;
  /** Preview: contacts that agents have asked to be dialled. */
  readonly asked: number;
  /** Scripts: people who could be spoken to now. */
  readonly freePorts: number;
}

/** What keeps the pacer from placing more. */
export type HeldBy =
  | "mode"
  | "asked"
  | "free-agents"
  | "free-ports"
  | "no-agents"
  | "risk"
  | "cold-start"
  | "budget"
  | "slew"
  | "lines"
  | "room"
  | "stale";

export interface PacingChoice {
  /** Calls to place now. */
  readonly calls: number;
  readonly heldBy: HeldBy;
  /** What it was seen by: agents who are free, calls under way, people who wait. */
  readonly free: number;
  readonly underWay: number;
  readonly waiting: number;
  /** Predictive: the risk that was taken, at most; the risk of one more than was placed; what a call is thought to be good for; who is thought to be lost of those under way. */
  readonly theta?: number;
  readonly risk?: number;
  readonly hitRate?: number;
  readonly expectedLoss?: number;
}
