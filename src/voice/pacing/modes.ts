import type { HeldBy, PacingFacts } from "./choice.ts";
import type { PacingPolicy } from "./policy.ts";

/** The modes in which nothing is predicted; nothing of predictive. */
export function decideWithoutForecast(
  { mode, linesPerAgent, linesPerPort }: PacingPolicy,
  { room, asked, freePorts }: PacingFacts,
  { free, underWay, waiting }: { readonly free: number; readonly underWay: number; readonly waiting: number },
): { readonly calls: number; readonly heldBy: HeldBy } | undefined {
  const within = (wanted: number, heldBy: HeldBy) =>
    room < wanted ? { calls: Math.max(0, room), heldBy: "room" as const } : { calls: Math.max(0, wanted), heldBy };
  switch (mode) {
    case "manual":
      return { calls: 0, heldBy: "mode" };
    case "preview":
      return within(asked, "asked");
    case "progressive":
      return within(Math.floor(linesPerAgent * Math.max(0, free - waiting)) - underWay, "free-agents");
    case "ivr-power":
      return within(Math.floor(linesPerPort * freePorts) - underWay, "free-ports");
    case "ivr-progressive":
      return within(freePorts - underWay, "free-ports");
    case "predictive":
      return undefined;
  }
}
