import { type Board, emptyBoard, readyAgents, see } from "./pacing/board.ts";
import { type BusyTable, busyTable } from "./pacing/busy-table.ts";
import type { PacingEvent } from "./pacing/event.ts";
import { countOutcome, newRolling, shareOf } from "./pacing/ledger.ts";
import { LoggedPacer, type PacingLogEntry } from "./pacing/log.ts";
import { Pacer } from "./pacing/pacer.ts";
import type { PacingPolicy } from "./pacing/policy.ts";
import { type RingTable, ringRow, ringScale, ringTable } from "./pacing/ring-table.ts";
import { forecast, riskOfOneMore } from "./pacing/risk.ts";
import { adjusted, thresholdFor } from "./pacing/threshold.ts";
import type { DialPolicy } from "./simulation.ts";
import { truthOf, type Workload } from "./simulation-workload.ts";

/* What the pacer is compared with. */

/** The pacer itself, with a ledger. Nothing but its policy holds it back. @param write takes its log */
export function pacerPolicy(policy: PacingPolicy, write?: (entry: PacingLogEntry) => void): DialPolicy {
  const pacer = write ? new LoggedPacer(policy, write) : new Pacer(policy);
  const day = newRolling("day");
  const month = newRolling("month");
  return {
    observe(event) {
      pacer.observe(event);
      if (event.kind !== "connected" && event.kind !== "abandoned") return;
      countOutcome(day, event.atMs, event.kind === "abandoned");
      countOutcome(month, event.atMs, event.kind === "abandoned");
    },
    decide(atMs) {
      const ledger = { day: shareOf(day, atMs), month: shareOf(month, atMs) };
      return pacer.decide({ atMs, list: "list", attempt: 1, room: mostAtOnce, fedAtMs: atMs, ledger, asked: 0, freePorts: 0 }).calls;
    },
  };
}

/** Progressive: `lines` calls for each agent who is free, no more, and no budget. Nobody is ever abandoned with one. */
export function progressivePolicy(lines: number): DialPolicy {
  const board = emptyBoard();
  return {
    observe: (event) => see(board, event),
    decide: () => Math.max(0, Math.floor(readyAgents(board) * lines) - board.calls.size),
  };
}

/** Calls that may be dialled together while nothing is heard of those before them. */
const mostAtOnce = 5000;

/**
 * The reference policy: residual lives and integral control as in the pacer, but it knows the hit rate and every distribution, and nothing holds it back.
 */
export function idealPolicy(workload: Workload, target: number, graceMs: number, horizonCount = 8): DialPolicy {
  const truth = truthOf(workload);
  const ring = ringTable(truth.live, truth.dead, horizonCount);
  const busy = busyTable(truth.talk, truth.wrap, ring.horizonsMs, graceMs);
  return new IdealPolicy(workload, target, graceMs, ring, busy);
}

class IdealPolicy implements DialPolicy {
  readonly #board: Board = emptyBoard();
  readonly #workload: Workload;
  readonly #ring: RingTable;
  readonly #busy: BusyTable;
  readonly #graceMs: number;
  readonly #threshold: ReturnType<typeof thresholdFor>;
  #logTheta: number;

  constructor(workload: Workload, target: number, graceMs: number, ring: RingTable, busy: BusyTable) {
    this.#workload = workload;
    this.#ring = ring;
    this.#busy = busy;
    this.#graceMs = graceMs;
    this.#threshold = thresholdFor(target);
    this.#logTheta = Math.log(0.75 * target);
  }

  observe(event: PacingEvent): void {
    see(this.#board, event);
    if (event.kind === "connected" || event.kind === "abandoned") {
      this.#logTheta = adjusted(this.#logTheta, event.kind === "abandoned", false, this.#threshold);
    }
  }

  decide(nowMs: number): number {
    const ring = this.#ring;
    const balance = forecast(nowMs, this.#board, {
      ring,
      busy: () => this.#busy,
      hitRate: ({ atMs }) => this.#workload.hitRate(atMs),
      graceMs: this.#graceMs,
    });
    const theta = Math.exp(this.#logTheta);
    const scale = ringScale(ring, ringRow(0), this.#workload.hitRate(nowMs));
    let calls = 0;
    while (calls < mostAtOnce && riskOfOneMore(balance, ring.horizonsMs.length) <= theta) {
      balance.addCall(ring.within, 0, scale);
      calls += 1;
    }
    return calls;
  }
}
