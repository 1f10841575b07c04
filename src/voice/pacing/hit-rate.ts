import type { CallUnderWay } from "./board.ts";
import type { CallEnd } from "./event.ts";

/** Dials and answers with weights: older ones count less. */
interface Cell {
  dials: number;
  answers: number;
}

/** How often a person answers: by list, hour of the day and attempt, as far as there is enough to tell them apart. Plain data. */
export interface HitRates {
  readonly campaign: Cell;
  /** By `/LIST`. */
  readonly lists: Record<string, Cell>;
  /** By `LIST/HOUR/ATTEMPT`. */
  readonly cells: Record<string, Cell>;
  /** Whole cohorts seen, never forgotten: a cold start ends by it. */
  resolved: number;
}

/**
 * So many dials are remembered, and three for each agent of a large team: a minute or two of dialling, so that the hit rate may change within the hour. With fewer the
 * estimate itself would wander by more than a large team's answers do.
 */
const leastMemory = 120;
const memoryPerAgent = 3;
/** A cell with fewer dials than that is believed less than what it is part of. */
const shrinkage = 50;
/** What is believed of a campaign nobody has dialled, and how firmly (dials). */
const prior = { rate: 0.3, dials: 5 };
/** With fewer dials the upper bound of the estimate is taken. */
const thinDials = 150;
const boundDeviations = 1;
const attemptsApart = 3;

export function newHitRates(): HitRates {
  return { campaign: { dials: 0, answers: 0 }, lists: {}, cells: {}, resolved: 0 };
}

/** With a stroke before it, no list has the name of anything an object has by itself. */
function listName(list: string): string {
  return `/${list}`;
}

function cellName(list: string, atMs: number, attempt: number): string {
  return `${list}/${Math.floor(atMs / 3_600_000) % 24}/${Math.min(attempt, attemptsApart)}`;
}

/**
 * Counts a call. Calls must come in the order in which they were dialled, or the fast failures, which end first, make the hit rate look low.
 * @param agents how many there are
 */
export function countCall(rates: HitRates, { list, atMs, attempt }: Omit<CallUnderWay, "call">, how: CallEnd, agents: number): void {
  rates.resolved += 1;
  // The network failed, or we did: the person has not been asked.
  if (how === "carrier") return;
  const answered = how === "unanswered" ? 0 : 1;
  const memory = Math.max(leastMemory, memoryPerAgent * agents);
  count(rates.campaign, answered, memory);
  count(cellOf(rates.lists, listName(list)), answered, memory);
  count(cellOf(rates.cells, cellName(list, atMs, attempt)), answered, memory);
}

/** P(a person answers | dialled now), an upper bound of it while little is known. 0..1. */
export function hitRate(rates: HitRates, list: string, atMs: number, attempt: number): number {
  const campaign = (rates.campaign.answers + prior.rate * prior.dials) / (rates.campaign.dials + prior.dials);
  const whole = shrunken(rates.lists[listName(list)], campaign);
  const cell = rates.cells[cellName(list, atMs, attempt)];
  const rate = shrunken(cell, whole);
  const known = Math.max(rates.lists[listName(list)]?.dials ?? 0, 1);
  const thin = Math.max(0, 1 - known / thinDials);
  return Math.min(0.99, rate + boundDeviations * thin * Math.sqrt((rate * (1 - rate)) / known));
}

function shrunken(cell: Cell | undefined, whole: number): number {
  return cell ? (cell.answers + shrinkage * whole) / (cell.dials + shrinkage) : whole;
}

function cellOf(cells: Record<string, Cell>, name: string): Cell {
  const found = cells[name];
  if (found) return found;
  const cell = { dials: 0, answers: 0 };
  cells[name] = cell;
  return cell;
}

function count(cell: Cell, answered: number, memory: number): void {
  const kept = 1 - 1 / memory;
  cell.dials = cell.dials * kept + 1;
  cell.answers = cell.answers * kept + answered;
}
