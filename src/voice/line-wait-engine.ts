import { type Clock, pause } from "../kernel/clock.ts";
import type { Trunk } from "./trunk.ts";
import type { TrunkShare } from "./trunk-share-engine.ts";

/** A trunk's lines, as a TrunkUse has them. */
interface Lines {
  readonly trunk: Trunk;
  readonly share: TrunkShare | undefined;
  readonly lines: number;
  readonly clock: Clock;
}

/** Nobody waits longer than that for a line that other nodes have. */
const lineWaitMs = 3000;
const lineLookMs = 50;

/**
 * A line for somebody who is on the line, or comes from outside. Where nodes share out the lines of a trunk and none is left for this one, the others
 * give up one that they do not use.
 * @param uses trunks on which there may be one
 * @param take takes it, if there is one
 * @returns what was taken; undefined when there was nothing for seconds, or all lines are this node's and in use
 */
export async function awaitLine<Line>(uses: readonly Lines[], take: () => Line | undefined): Promise<Line | undefined> {
  const atOnce = take();
  const shared = uses.filter(({ share, lines, trunk }) => share && lines < trunk.maxChannels);
  const [first] = shared;
  if (atOnce !== undefined || !first) return atOnce;
  const { clock } = first;
  const wait = (by: number) => {
    for (const { share } of shared) if (share) share.waiting += by;
  };
  wait(1);
  try {
    for (const until = clock.now() + lineWaitMs; clock.now() < until; ) {
      await pause(clock, lineLookMs);
      const line = take();
      if (line !== undefined) return line;
    }
    return undefined;
  } finally {
    wait(-1);
  }
}
