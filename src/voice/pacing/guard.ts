import type { Balance } from "./balance.ts";
import type { AbandonLedger, Share } from "./ledger.ts";

/** People are lost whole: there is room for one who was not expected, or the cap is passed when one comes. */
const nextOne = 1;

/**
 * Whether a budget is spent: those abandoned, with those who are expected to be among the calls under way and one more, would be more than the cap allows of those who answered
 * or will.
 * @param cap 0..1; 1 is none
 */
export function overBudget(ledger: AbandonLedger, balance: Balance, cap: number): boolean {
  if (cap >= 1) return false;
  const loss = balance.expectedLoss() + nextOne;
  const answers = balance.expectedAnswers();
  const over = (share: Share) => share.abandoned + loss > cap * (share.answers + answers);
  return over(ledger.day) || over(ledger.month);
}

/** New calls of the last second. */
export interface Slew {
  readonly fromMs: number;
  readonly calls: number;
}

const slewLeast = 10;
const slewPerAgent = 0.25;

/** How many more may start within this second: a forecast that is wrong is found out before it has called everybody. */
export function slewRoom(slew: Slew, nowMs: number, agents: number): number {
  const most = Math.max(slewLeast, Math.ceil(agents * slewPerAgent));
  return nowMs - slew.fromMs >= 1000 ? most : Math.max(0, most - slew.calls);
}

export function slewed(slew: Slew, nowMs: number, calls: number): Slew {
  return nowMs - slew.fromMs >= 1000 ? { fromMs: nowMs, calls } : { fromMs: slew.fromMs, calls: slew.calls + calls };
}
