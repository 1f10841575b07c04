import type { Result } from "./result.ts";

/** As with calls: fewer say nothing of a whole campaign. Those that are under way at once come on top. */
const mostInARow = 25;
/** What may pass by itself, a server that is ill, is waited for so long: whom it refuses is tried again by the retries of the campaign. */
const passesWithinMs = 60_000;

/** They say nothing of whether messages of this campaign are taken there. */
const neither: ReadonlySet<Result> = new Set(["canceled", "congestion", "interrupted", "bad-number"]);

/** What the next server said of one message. */
export interface Said {
  readonly result: Result;
  /** It would say so of every one: it is about our sender, or how we are set up. */
  readonly standing: boolean;
  /** Epoch ms. */
  readonly at: number;
}

interface Run {
  readonly since: number;
  refused: number;
  standing: number;
}

/**
 * How often in a row messages of a campaign were refused, by campaign and way, through no fault of those they were for. A sender that is not allowed would run through a whole list, and cost
 * each contact its tries.
 */
export class RefusalRuns {
  readonly #runs = new Map<string, Map<string, Run>>();

  /** @returns true when the campaign had better stop; each time from then on */
  add(campaignId: string, via: string, { result, standing, at }: Said): boolean {
    if (neither.has(result)) return false;
    const runs = this.#runs.get(campaignId) ?? new Map<string, Run>();
    this.#runs.set(campaignId, runs);
    if (result !== "carrier-fault") {
      runs.delete(via);
      return false;
    }
    const run = runs.get(via) ?? { since: at, refused: 0, standing: 0 };
    runs.set(via, run);
    run.refused += 1;
    if (standing) run.standing += 1;
    return run.standing >= mostInARow || (run.refused >= mostInARow && at - run.since >= passesWithinMs);
  }

  /** It is stopped, or starts anew. */
  forget(campaignId: string): void {
    this.#runs.delete(campaignId);
  }
}

/** Messages of a campaign that were refused over one way, the last ones there. */
export interface LastRefused {
  readonly via: string;
  readonly reason: string;
  readonly messages: number;
}

/** Why a campaign was paused, as the end of a sentence; undefined when it was for something else. */
export function refusedText(refused: LastRefused | undefined): string | undefined {
  if (refused === undefined || refused.messages < mostInARow) return undefined;
  return `the last ${refused.messages} messages over ${refused.via} were all refused, through no fault of those they were for: ${refused.reason}`;
}
