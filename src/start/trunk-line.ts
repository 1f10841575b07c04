import { type Clock, pause } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { LineSharing } from "../voice/line-sharing-engine.ts";
import type { Trunk } from "../voice/trunk.ts";
import { Trunks } from "../voice/trunk-engine.ts";
import type { TrunkLedger } from "../voice/trunk-ports.ts";

/** Others give up a line they do not use within a second. */
const lineWaitMs = 3000;
const lineLookMs = 50;

/** A line of a trunk for one call, counted among those of all nodes. */
export interface TrunkLine {
  /** Resolves when the call may leave: its moment among the calls of all nodes. */
  turn(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Takes a line of a trunk, as a node of its own.
 * @param ledger that of a node which is registered, and stays so
 * @returns undefined when there is none within a few seconds
 */
export async function takeTrunkLine(ledger: TrunkLedger, trunk: Trunk, clock: Clock, log: Log): Promise<TrunkLine | undefined> {
  const trunks = new Trunks([trunk], [], clock, ledger);
  const sharing = new LineSharing({ trunks, ledger, clock, log });
  const [use] = trunks.all;
  const share = use?.share;
  if (!use || !share) throw new Error("a trunk with a ledger has a share");
  share.waiting = 1;
  let giveBack: (() => void) | undefined;
  for (const until = clock.now() + lineWaitMs; !giveBack && clock.now() < until; ) {
    await pause(clock, lineLookMs);
    if (share.lines > 0) giveBack = use.takeLine();
  }
  share.waiting = 0;
  if (!giveBack) {
    await sharing.close();
    return undefined;
  }
  return {
    async turn() {
      const leaves = await use.reserve();
      await leaves();
    },
    async close() {
      giveBack();
      await sharing.close();
    },
  };
}
