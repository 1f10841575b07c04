import type { Balance } from "./balance.ts";
import { type Board, type BoardRecord, boardOf, boardRecord, emptyBoard, readyAgents, see } from "./board.ts";
import type { HeldBy, PacingChoice, PacingFacts } from "./choice.ts";
import type { PacingEvent } from "./event.ts";
import { overBudget, type Slew, slewed, slewRoom } from "./guard.ts";
import { Knowledge, type KnowledgeRecord } from "./knowledge.ts";
import { decideWithoutForecast, isStale, progressiveCalls } from "./modes.ts";
import type { PacingPolicy } from "./policy.ts";
import { type RingTable, ringRow, ringScale } from "./ring-table.ts";
import { forecast, riskOfOneMore } from "./risk.ts";
import { adjusted, thresholdFor } from "./threshold.ts";

/** The pacer of a campaign as plain data, to be kept from one day to the next. */
export interface PacerRecord {
  readonly version: 1;
  readonly policy: PacingPolicy;
  readonly knowledge: KnowledgeRecord;
  readonly board: BoardRecord;
  readonly logTheta: number;
  /** log θ by hour of the day. */
  readonly logThetas: Readonly<Record<string, number>>;
  readonly outcomeAtMs: number;
  readonly held: boolean;
  readonly slew: Slew;
}

/** The same for another process: the calls of the one that kept it are nobody's any more, and who its agents are now it will be told. */
export function resumed(record: PacerRecord): PacerRecord {
  const { knowledge } = record;
  const cohort = knowledge.cohort.filter(({ how }) => how !== undefined);
  return { ...record, knowledge: { ...knowledge, cohort }, board: { calls: [], waiting: [], agents: [] } };
}

/** Until so many calls are over nothing is predicted. */
const coldCalls = 40;
/** A campaign begins careful, below what is aimed at. */
const firstTheta = 0.75;
/** After so long without anybody, θ is again what it was at this hour. */
const pauseMs = 1_800_000;
/** Nobody is called for an agent who will leave before a call that is dialled now can be over: shifts end with nobody on the line. */
const drainMs = 30_000;

/**
 * Decides how many calls are placed for the agents of a campaign. It is told what happens (`observe`) and asked after each event and at least once a second (`decide`); the
 * same events and facts always give the same choices. It has no clock, no chance and no storage.
 */
export class Pacer {
  readonly #knowledge: Knowledge;
  readonly #board: Board;
  #policy: PacingPolicy;
  #logTheta: number;
  readonly #logThetas: Map<string, number>;
  #outcomeAtMs: number;
  #held: boolean;
  #slew: Slew;

  constructor(policy: PacingPolicy, record?: PacerRecord) {
    this.#policy = policy;
    this.#knowledge = new Knowledge(record?.knowledge);
    this.#board = record ? boardOf(record.board) : emptyBoard();
    this.#logTheta = record?.logTheta ?? Math.log(firstTheta * policy.target);
    this.#logThetas = new Map(Object.entries(record?.logThetas ?? {}));
    this.#outcomeAtMs = record?.outcomeAtMs ?? 0;
    this.#held = record?.held ?? false;
    this.#slew = record?.slew ?? { fromMs: Number.MIN_SAFE_INTEGER, calls: 0 };
  }

  /** Changes the policy, the mode included, from the next choice on. What was learned stays. */
  follow(policy: PacingPolicy): void {
    this.#policy = policy;
    this.#knowledge.forgetTables();
  }

  /** The pacer as data. One that is made of it goes on exactly as this one does. */
  record(): PacerRecord {
    this.#knowledge.forgetTables();
    return {
      version: 1,
      policy: this.#policy,
      knowledge: this.#knowledge.record(),
      board: boardRecord(this.#board),
      logTheta: this.#logTheta,
      logThetas: Object.fromEntries(this.#logThetas),
      outcomeAtMs: this.#outcomeAtMs,
      held: this.#held,
      slew: this.#slew,
    };
  }

  observe(event: PacingEvent): void {
    this.#knowledge.learn(event, this.#board);
    const person = event.kind === "connected" || event.kind === "abandoned" ? this.#board.waiting.get(event.call) : undefined;
    see(this.#board, event);
    // Who was never classified is no person answering, unless abandoned.
    if (person && (person.classified || event.kind === "abandoned")) this.#adjust(event.atMs, event.kind === "abandoned");
  }

  #adjust(atMs: number, abandoned: boolean): void {
    const hour = String(Math.floor(atMs / 3_600_000) % 24);
    if (atMs - this.#outcomeAtMs > pauseMs) this.#logTheta = this.#logThetas.get(hour) ?? this.#logTheta;
    this.#outcomeAtMs = atMs;
    this.#logTheta = adjusted(this.#logTheta, abandoned, this.#held, thresholdFor(this.#policy.target));
    this.#logThetas.set(hour, this.#logTheta);
  }

  decide(facts: PacingFacts): PacingChoice {
    const board = this.#board;
    const seen = { free: readyAgents(board, facts.atMs + drainMs), underWay: board.calls.size, waiting: board.waiting.size };
    const choice = decideWithoutForecast(this.#policy, facts, seen) ?? this.#predict(facts, seen);
    this.#held = choice.heldBy !== "risk";
    if (choice.calls > 0) this.#slew = slewed(this.#slew, facts.atMs, choice.calls);
    return { ...choice, ...seen };
  }

  #predict(facts: PacingFacts, seen: Seen): Omit<PacingChoice, keyof Seen> {
    const board = this.#board;
    const policy = this.#policy;
    const { atMs } = facts;
    const agents = board.agents.size;
    if (agents === 0) return { calls: 0, heldBy: "no-agents" };
    if (isStale(policy, facts)) return { calls: 0, heldBy: "stale" };
    // One call for each agent who is free costs nobody anything, whatever the forecast says.
    const safe = Math.max(0, seen.free - seen.waiting - seen.underWay);
    const limits: { readonly heldBy: HeldBy; readonly calls: number }[] = [
      { heldBy: "room", calls: facts.room },
      { heldBy: "lines", calls: Math.ceil(policy.maxLinesPerAgent * agents) - seen.underWay },
      { heldBy: "slew", calls: slewRoom(this.#slew, atMs, agents) },
    ];
    if (policy.mode === "progressive") limits.push({ heldBy: "free-agents", calls: progressiveCalls(policy, seen) });
    const limit = limits.reduce((least, other) => (other.calls < least.calls ? other : least));
    const most = Math.max(0, limit.calls);
    if (this.#knowledge.resolved < coldCalls) return most < safe ? { calls: most, heldBy: limit.heldBy } : { calls: safe, heldBy: "cold-start" };
    const forecaster = this.#knowledge.forecaster(atMs, board, policy);
    const balance = forecast(atMs, board, forecaster);
    const hitRate = this.#knowledge.hitRate(facts.list, facts.attempt, atMs);
    return { ...this.#fill(facts, balance, forecaster.ring, hitRate, safe, most, limit.heldBy), hitRate };
  }

  /** Adds calls to the forecast until one more is too much. */
  #fill(facts: PacingFacts, balance: Balance, ring: RingTable, hitRate: number, safe: number, most: number, heldBy: HeldBy): Filled {
    // Several lines for each agent are what somebody wants, whatever the risk: only the budgets hold them back.
    const theta = this.#policy.mode === "progressive" ? 1 : Math.exp(this.#logTheta);
    const horizons = ring.horizonsMs.length;
    const scale = ringScale(ring, ringRow(0), hitRate);
    let calls = 0;
    for (;;) {
      const risk = riskOfOneMore(balance, horizons);
      const figures = { calls, theta, risk, expectedLoss: balance.expectedLoss() };
      if (calls >= most) return { ...figures, heldBy };
      if (calls >= safe && risk > theta) return { ...figures, heldBy: "risk" };
      balance.addCall(ring.within, 0, scale);
      if (calls >= safe && overBudget(facts.ledger, balance, this.#policy.cap)) return { ...figures, heldBy: "budget" };
      calls += 1;
    }
  }
}

type Seen = Pick<PacingChoice, "free" | "underWay" | "waiting">;
type Filled = Omit<PacingChoice, keyof Seen>;
