import type { HeldBy, PacingFacts } from "./choice.ts";
import type { PacingPolicy } from "./policy.ts";

/** What there is: agents who are free, calls under way, people who wait. */
interface Seen {
  readonly free: number;
  readonly underWay: number;
  readonly waiting: number;
}

/** The modes in which nothing is predicted; nothing for predictive, and for progressive with several lines, by which people may be abandoned too. */
export function decideWithoutForecast(
  policy: PacingPolicy,
  facts: PacingFacts,
  seen: Seen,
): { readonly calls: number; readonly heldBy: HeldBy } | undefined {
  const { room, asked, freePorts } = facts;
  const within = (wanted: number, heldBy: HeldBy) =>
    room < wanted ? { calls: Math.max(0, room), heldBy: "room" as const } : { calls: Math.max(0, wanted), heldBy };
  switch (policy.mode) {
    case "manual":
      return { calls: 0, heldBy: "mode" };
    case "preview":
      return within(asked, "asked");
    case "progressive":
      if (policy.linesPerAgent > 1) return undefined;
      return isStale(policy, facts) ? { calls: 0, heldBy: "stale" } : within(progressiveCalls(policy, seen), "free-agents");
    case "ivr-power":
      return within(Math.floor(policy.linesPerPort * freePorts) - seen.underWay, "free-ports");
    case "ivr-progressive":
      return within(freePorts - seen.underWay, "free-ports");
    case "predictive":
      return undefined;
  }
}

/** So many lines for each agent who is free, less those under way. */
export function progressiveCalls({ linesPerAgent }: PacingPolicy, { free, underWay, waiting }: Seen): number {
  return Math.floor(linesPerAgent * Math.max(0, free - waiting)) - underWay;
}

/** Whether agents may have gone without anybody having told. A clock that went back says nothing of how long ago it was, either. */
export function isStale({ staleMs }: PacingPolicy, { atMs, fedAtMs }: PacingFacts): boolean {
  return Math.abs(atMs - fedAtMs) > staleMs;
}
