import type { Failure } from "./ports.ts";
import { type Circumstances, resultOf } from "./sip-status.ts";

/** 47 CFR 64.1200(a)(6) and 16 CFR 310.4(b)(4)(ii): nobody is rung for less than 15 s, however long other trunks took to fail. */
const shortestRingMs = 15_000;

/** Responses of 4xx that say something about us and the trunk, and nothing about the person: it does not take our credentials (RFC 3261 §21.4.2, §21.4.8). */
const ourCredentials: readonly number[] = [401, 407];

/**
 * Whether the same attempt may go out once more over another trunk. Only where nobody can have noticed anything: it never rang, the far side is known to
 * have ended it, and neither its status nor its cause says anything about the person or the number. Never after 3xx and 6xx (RFC 3261 §21.6: nobody else will do
 * better), after a CANCEL of ours, or when it may have been answered.
 */
export function mayFailOver(failure: Failure, circumstances: Circumstances): boolean {
  const { status, lost, endpointSpent, madeUp } = failure;
  if (circumstances.rang || circumstances.canceled || lost || endpointSpent) return false;
  const result = resultOf(failure, circumstances);
  if (result !== "congestion" && result !== "carrier-fault") return false;
  if (status === 408) return madeUp === true;
  return (status >= 500 && status < 600) || ourCredentials.includes(status);
}

/**
 * How long the next try may ring, when all tries share one ring time-out.
 * @param until when the ring time-out of the first try would have ended (epoch ms)
 * @returns ms; undefined when there is no time left for another try
 */
export function ringLeftMs(now: number, until: number, ringTimeoutMs: number): number | undefined {
  if (now >= until) return undefined;
  return Math.min(ringTimeoutMs, Math.max(until - now, shortestRingMs));
}
