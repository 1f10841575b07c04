import { nextAt, plan, type RateState } from "./rate.ts";

/** How things stand when the pacer is asked. */
export interface PacingStats {
  /** Lines of this campaign dialling, ringing or talking. */
  readonly lines: number;
  /** Calls of all campaigns between the decision to place them and the first answer from the network. */
  readonly setups: number;
  /** Lines of all campaigns on the campaign's trunk. */
  readonly trunkLines: number;
  readonly campaignRate: RateState;
  readonly trunkRate: RateState;
}

export interface PacingPolicy {
  readonly maxLines: number;
  readonly maxCps: number;
  readonly trunkMaxLines: number;
  readonly trunkMaxCps: number;
  /** Admission: beyond so many calls being set up at once, the daemons get slower and not faster. */
  readonly maxSetups: number;
  /** Calls are made ready so long before they may leave: it takes time to have a session and an order, and together they cost less. */
  readonly leadMs: number;
}

export interface PacingDecision {
  /** How many calls to make ready now: those that may leave within the lead. */
  readonly calls: number;
  /** What holds back more: the log and the progress line say it. */
  readonly heldBy: "lines" | "trunk-lines" | "setups" | "rate" | "trunk-rate";
  /** When it is worth asking again by the clock alone (ms); undefined when only an ended call can change things. */
  readonly againAt: number | undefined;
}

/**
 * How many calls an outbound-IVR campaign places now. Nobody waits at the other end of such a call, so there is nothing
 * to predict: it is the least of what the lines, the rates and the daemons allow.
 */
export function decide(now: number, stats: PacingStats, policy: PacingPolicy): PacingDecision {
  const campaign = { state: stats.campaignRate, maxCps: policy.maxCps };
  const trunk = { state: stats.trunkRate, maxCps: policy.trunkMaxCps };
  const room = Math.max(0, Math.min(policy.maxLines - stats.lines, policy.trunkMaxLines - stats.trunkLines, policy.maxSetups - stats.setups));
  const until = now + policy.leadMs;
  const limits = [
    { heldBy: "lines", free: policy.maxLines - stats.lines },
    { heldBy: "trunk-lines", free: policy.trunkMaxLines - stats.trunkLines },
    { heldBy: "setups", free: policy.maxSetups - stats.setups },
    { heldBy: "rate", free: plan([campaign], now, until, room).length },
    { heldBy: "trunk-rate", free: plan([trunk], now, until, room).length },
  ] as const;
  const tightest = limits.reduce((least, limit) => (limit.free < least.free ? limit : least));
  const calls = Math.max(0, tightest.free);
  const byClock = Math.max(nextAt(campaign.state, now, campaign.maxCps), nextAt(trunk.state, now, trunk.maxCps)) - policy.leadMs;
  const waitsForCall = calls === 0 && limits.slice(0, 3).some(({ free }) => free <= 0);
  return { calls, heldBy: tightest.heldBy, againAt: waitsForCall ? undefined : Math.max(now + 1, byClock) };
}

/**
 * How long before their moment calls are made ready, and how long before the last planned moment the next turn begins.
 * A turn takes `tookMs` to get sessions and orders, and turns do not overlap: each must bring as many calls as may leave
 * while the next one is at work, or a slow database would cost pace.
 */
export function horizon(turnMs: number, tookMs: number): { readonly leadMs: number; readonly aheadMs: number } {
  const aheadMs = turnMs + tookMs;
  return { leadMs: aheadMs + Math.max(turnMs, tookMs), aheadMs };
}
