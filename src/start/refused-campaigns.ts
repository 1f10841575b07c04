import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";

/** The next server refuses what a campaign sends, one message after the other. */
export type OnRefused = (campaignId: string, via: string, reason: string) => void;

/** Pauses campaigns whose messages are refused through no fault of those they are for: the rest of their lists waits until that is mended. */
export function pausing(pass: Pick<PassEngine, "order">, log: Log): OnRefused {
  const under = new Set<string>();
  return (campaign, via, reason) => {
    if (under.has(campaign)) return;
    under.add(campaign);
    pass
      .order(campaign, "pause")
      .then(
        () => log.error({ campaign, via, reason }, "the campaign is paused: its messages are refused one after the other"),
        (error: unknown) => {
          // Another node, or somebody, was quicker.
          if (!(error instanceof Fault && error.code === "campaign-state"))
            log.error(
              { err: error, campaign, via, reason },
              "a campaign whose messages are refused could not be paused; trying again with the next one",
            );
        },
      )
      .finally(() => under.delete(campaign));
  };
}
