import { type Balance, newBalance } from "./balance.ts";
import type { AgentAtWork, Board, CallUnderWay } from "./board.ts";
import { type BusyTable, busyRow } from "./busy-table.ts";
import { type RingTable, ringRow, ringScale } from "./ring-table.ts";

/** What the next half minute is forecast from. */
export interface Forecaster {
  readonly ring: RingTable;
  /** @param agent some finish sooner than others */
  busy(agent: string): BusyTable;
  /** P(a person answers | dialled), of a call that was dialled. */
  hitRate(call: CallUnderWay): number;
  readonly graceMs: number;
}

/** Agents and people who answer at each horizon, as forecast at `nowMs`. */
export function forecast(nowMs: number, board: Board, by: Forecaster): Balance {
  const { ring, graceMs } = by;
  const count = ring.horizonsMs.length;
  let ready = 0;
  for (const agent of board.agents.values()) if (agent.state === "ready" && !leavesWithin(agent, nowMs, ring, graceMs)) ready += 1;
  const balance = newBalance(count, ready - board.waiting.size, board.agents.size);
  for (const [name, agent] of board.agents) {
    if (agent.state === "ready" || leavesWithin(agent, nowMs, ring, graceMs)) continue;
    const table = by.busy(name);
    balance.addAgent(agent.state === "talking" ? table.talking : table.wrapping, busyRow(nowMs - agent.sinceMs) * count);
  }
  for (const call of board.calls.values()) {
    const row = ringRow(nowMs - call.atMs);
    const scale = ringScale(ring, row, by.hitRate(call));
    if (scale > 0) balance.addCall(ring.within, row * count, scale);
  }
  return balance;
}

/** Whoever goes before the last horizon takes no call that is dialled now. */
function leavesWithin({ leavesAtMs }: AgentAtWork, nowMs: number, ring: RingTable, graceMs: number): boolean {
  return leavesAtMs !== undefined && leavesAtMs < nowMs + (ring.horizonsMs.at(-1) ?? 0) + graceMs;
}

/**
 * The risk that somebody has nobody to talk to, if one more call is dialled now and a person answers it: at each moment at which that may be, the worst that holds from then
 * on, since the answer takes an agent from all that come after it. 0..1.
 */
export function riskOfOneMore(balance: Balance, horizons: number): number {
  let worst = 0;
  let sum = 0;
  for (let j = horizons - 1; j >= 0; j--) {
    worst = Math.max(worst, balance.shortAt(j));
    sum += worst;
  }
  return sum / horizons;
}
