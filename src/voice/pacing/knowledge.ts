import type { Board } from "./board.ts";
import { type BusyTable, busyTable } from "./busy-table.ts";
import { type Cohort, type CohortCall, endInCohort, joinCohort, newCohort, takeResolved } from "./cohort.ts";
import type { PacingEvent } from "./event.ts";
import { countEnd, countPace, cumulativeHazard, type Hazard, hazardSurvival, newHazard, type Pace, speedOf } from "./hazard.ts";
import { countCall, type HitRates, hitRate, newHitRates } from "./hit-rate.ts";
import type { PacingPolicy } from "./policy.ts";
import { type RingTable, ringTable } from "./ring-table.ts";
import { countRing, newRingTimes, type RingTimes, ringSurvival } from "./ring-times.ts";
import type { Forecaster } from "./risk.ts";

/** All that was learned, as plain data. */
export interface KnowledgeRecord {
  readonly rates: HitRates;
  readonly live: RingTimes;
  readonly dead: RingTimes;
  readonly talk: Hazard;
  readonly wrap: Hazard;
  readonly paces: Readonly<Record<string, Pace>>;
  readonly cohort: readonly CohortCall[];
  /** Ends of calls, conversations and wrap-ups so far. */
  readonly seen: number;
}

/** Moments at which somebody may answer, that are looked at. */
const horizonCount = 8;
/** Tables are made anew when so much more is known: at least, as a share of what was, at most. */
const newly = { least: 10, share: 0.05, most: 300 };

/** What a campaign has taught: hit rates, ringing, conversations, and the tables that forecasts are made with. */
export class Knowledge {
  readonly #rates: HitRates;
  readonly #live: RingTimes;
  readonly #dead: RingTimes;
  readonly #talk: Hazard;
  readonly #wrap: Hazard;
  readonly #paces: Map<string, Pace>;
  readonly #cohort: Cohort;
  #news = 0;
  #seen: number;
  #ring: RingTable | undefined;
  #cumulative: { readonly talk: (ageMs: number) => number; readonly wrap: (ageMs: number) => number } | undefined;
  readonly #busyBySpeed = new Map<number, BusyTable>();
  readonly #busyByAgent = new Map<string, BusyTable>();
  #hour = -1;
  readonly #hitRates = new Map<string, number[]>();

  constructor(record?: KnowledgeRecord) {
    // The record stays as it is: what is counted from here on must not change it.
    const own = structuredClone(record);
    this.#rates = own?.rates ?? newHitRates();
    this.#live = own?.live ?? newRingTimes();
    this.#dead = own?.dead ?? newRingTimes();
    this.#talk = own?.talk ?? newHazard();
    this.#wrap = own?.wrap ?? newHazard();
    this.#paces = new Map(Object.entries(own?.paces ?? {}));
    this.#cohort = newCohort(own?.cohort);
    this.#seen = own?.seen ?? 0;
  }

  /** Calls whose end is known, in whole cohorts. */
  get resolved(): number {
    return this.#rates.resolved;
  }

  record(): KnowledgeRecord {
    return structuredClone({
      rates: this.#rates,
      live: this.#live,
      dead: this.#dead,
      talk: this.#talk,
      wrap: this.#wrap,
      paces: Object.fromEntries(this.#paces),
      cohort: this.#cohort.calls,
      seen: this.#seen + this.#news,
    });
  }

  /** Tables made from here on are made of what is known now. */
  forgetTables(): void {
    this.#seen += this.#news;
    this.#news = 0;
    this.#ring = undefined;
    this.#cumulative = undefined;
  }

  /** Learns from an event. @param board as it was before it */
  learn(event: PacingEvent, board: Board): void {
    if (event.kind === "dialled") joinCohort(this.#cohort, { call: event.call, atMs: event.atMs, list: event.list, attempt: event.attempt });
    else if (event.kind === "ended") this.#learnCall(event, board.agents.size);
    else if (event.kind === "agent") this.#learnAgent(event, board);
  }

  #learnCall({ call, atMs, how }: PacingEvent & { readonly kind: "ended" }, agents: number): void {
    endInCohort(this.#cohort, call, atMs, how);
    for (const over of takeResolved(this.#cohort, atMs)) {
      const end = over.how ?? "carrier";
      countCall(this.#rates, over, end, agents);
      if (end !== "carrier" && over.lastedMs !== undefined) countRing(end === "unanswered" ? this.#dead : this.#live, over.lastedMs);
      this.#hitRates.clear();
      this.#news += 1;
    }
  }

  #learnAgent({ agent, state, atMs }: PacingEvent & { readonly kind: "agent" }, board: Board): void {
    const before = board.agents.get(agent);
    if (!before || before.state === state || before.state === "ready") return;
    const lastedMs = Math.max(0, atMs - before.sinceMs);
    this.#news += 1;
    if (before.state === "wrap-up") {
      countEnd(this.#wrap, lastedMs);
      return;
    }
    countEnd(this.#talk, lastedMs);
    // Who is ready again at once had no work afterwards.
    if (state === "ready") countEnd(this.#wrap, 0);
    if (!this.#cumulative) return;
    const pace = this.#paces.get(agent) ?? { ends: 0, expected: 0 };
    countPace(pace, this.#cumulative.talk(lastedMs));
    this.#paces.set(agent, pace);
  }

  /** What a forecast at `nowMs` is made of. */
  forecaster(nowMs: number, board: Board, policy: PacingPolicy): Forecaster {
    const ring = this.#tables(nowMs, board, policy);
    const hour = Math.floor(nowMs / 3_600_000);
    if (hour !== this.#hour) this.#hitRates.clear();
    this.#hour = hour;
    return {
      ring,
      graceMs: policy.graceMs,
      busy: (agent) => this.#busyOf(agent, ring, policy.graceMs),
      hitRate: ({ list, attempt }) => this.hitRate(list, attempt, nowMs),
    };
  }

  /** P(a person answers | dialled at `nowMs`). */
  hitRate(list: string, attempt: number, nowMs: number): number {
    let known = this.#hitRates.get(list);
    if (!known) {
      known = [];
      this.#hitRates.set(list, known);
    }
    const rate = known[attempt] ?? hitRate(this.#rates, list, nowMs, attempt);
    known[attempt] = rate;
    return rate;
  }

  #tables(nowMs: number, board: Board, policy: PacingPolicy): RingTable {
    const due = Math.max(newly.least, Math.min(newly.most, newly.share * this.#seen));
    if (this.#ring && this.#news < due) return this.#ring;
    this.#seen += this.#news;
    this.#news = 0;
    const ages = (state: string) =>
      [...board.agents.values()].flatMap((agent) => (agent.state === state ? [Math.max(0, nowMs - agent.sinceMs)] : []));
    this.#ring = ringTable(ringSurvival(this.#live), ringSurvival(this.#dead), horizonCount);
    this.#cumulative = {
      talk: cumulativeHazard(this.#talk, ages("talking"), policy.expectedTalkMs),
      wrap: cumulativeHazard(this.#wrap, ages("wrap-up"), policy.expectedWrapMs),
    };
    this.#busyBySpeed.clear();
    this.#busyByAgent.clear();
    return this.#ring;
  }

  #busyOf(agent: string, ring: RingTable, graceMs: number): BusyTable {
    const known = this.#busyByAgent.get(agent);
    if (known) return known;
    const speed = speedOf(this.#paces.get(agent));
    const table = this.#busyBySpeed.get(speed) ?? this.#makeBusy(speed, ring, graceMs);
    this.#busyBySpeed.set(speed, table);
    this.#busyByAgent.set(agent, table);
    return table;
  }

  #makeBusy(speed: number, ring: RingTable, graceMs: number): BusyTable {
    const cumulative = this.#cumulative ?? { talk: () => 0, wrap: () => 0 };
    return busyTable(hazardSurvival(cumulative.talk, speed), hazardSurvival(cumulative.wrap, 1), ring.horizonsMs, graceMs);
  }
}
