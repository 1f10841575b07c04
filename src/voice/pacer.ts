import { nextAt, plan, type RateState } from "./rate.ts";

/** What a limit of calls a second remembers, and calls decided on under it that have no moment yet. */
export interface Started {
  readonly rate: RateState;
  readonly ahead: number;
}

/** How things stand when the pacer is asked. */
export interface PacingStats {
  /** Lines of this campaign dialling, ringing or talking. */
  readonly lines: number;
  /** Calls of all campaigns between the decision to place them and the first answer from the network. */
  readonly setups: number;
  /** Lines of all campaigns on the campaign's trunk. */
  readonly trunkLines: number;
  readonly campaign: Started;
  readonly trunk: Started;
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
  /** When the rates allow more, at the earliest (ms). */
  readonly againAt: number;
}

/**
 * How many calls an outbound-IVR campaign places now. Nobody waits at the other end of such a call, so there is nothing
 * to predict: it is the least of what the lines, the rates and the daemons allow.
 */
export function decide(now: number, stats: PacingStats, policy: PacingPolicy): PacingDecision {
  const campaign = { state: stats.campaign.rate, maxCps: policy.maxCps };
  const trunk = { state: stats.trunk.rate, maxCps: policy.trunkMaxCps };
  const room = Math.max(0, Math.min(policy.maxLines - stats.lines, policy.trunkMaxLines - stats.trunkLines, policy.maxSetups - stats.setups));
  const until = now + policy.leadMs;
  const byRate = plan([campaign], now, until, room + stats.campaign.ahead).length - stats.campaign.ahead;
  const limits = [
    { heldBy: "lines", free: policy.maxLines - stats.lines },
    { heldBy: "trunk-lines", free: policy.trunkMaxLines - stats.trunkLines },
    { heldBy: "setups", free: policy.maxSetups - stats.setups },
    { heldBy: "rate", free: byRate },
    // No further than the campaign goes: a trunk may allow hundreds.
    { heldBy: "trunk-rate", free: plan([trunk], now, until, Math.min(room, Math.max(0, byRate)) + stats.trunk.ahead).length - stats.trunk.ahead },
  ] as const;
  const tightest = limits.reduce((least, limit) => (limit.free < least.free ? limit : least));
  const calls = Math.max(0, tightest.free);
  const byClock = Math.max(nextAt(campaign.state, now, campaign.maxCps), nextAt(trunk.state, now, trunk.maxCps)) - policy.leadMs;
  return { calls, heldBy: tightest.heldBy, againAt: Math.max(now + 1, byClock) };
}

/** What one trunk of a route has in use, and what it allows. */
export interface TrunkRoom {
  readonly lines: number;
  readonly maxLines: number;
  readonly maxCps: number;
  readonly started: Started;
}

export interface RouteDecision extends PacingDecision {
  /** How many of them each trunk could take, in the order in which the trunks were given. */
  readonly free: readonly number[];
}

/** A trunk that holds nothing back. */
const boundless: TrunkRoom = { lines: 0, maxLines: 1e6, maxCps: 1e5, started: { rate: { recent: [] }, ahead: 0 } };

/** The same over several trunks: what the campaign may place, as far as the trunks together take it. */
export function decideOver(
  now: number,
  stats: Omit<PacingStats, "trunkLines" | "trunk">,
  trunks: readonly TrunkRoom[],
  policy: Omit<PacingPolicy, "trunkMaxLines" | "trunkMaxCps">,
): RouteDecision {
  const over = ({ lines, maxLines, maxCps, started }: TrunkRoom) =>
    decide(now, { ...stats, trunkLines: lines, trunk: started }, { ...policy, trunkMaxLines: maxLines, trunkMaxCps: maxCps });
  const each = trunks.map(over);
  const own = over(boundless);
  const free = each.map(({ calls }) => calls);
  const sum = free.reduce((total, calls) => total + calls, 0);
  if (own.calls === 0 || each.length === 0) return { ...own, calls: 0, free };
  const soonest = each.reduce((first, decision) => (decision.againAt < first.againAt ? decision : first));
  return { ...(sum < own.calls ? soonest : own), calls: Math.min(sum, own.calls), free };
}

/**
 * How long before their moment calls are decided on: it takes `tookMs` until they have sessions and orders, and the turns come every
 * `turnMs`, give or take as much. Else a slow database would cost pace.
 */
export function leadMs(turnMs: number, tookMs: number): number {
  return 2 * turnMs + tookMs;
}
