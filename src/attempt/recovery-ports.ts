import type { AttemptState } from "./attempt.ts";
import type { LegIds } from "./ports.ts";

/** An attempt that was not ended when the process that made it died. */
export interface Orphan {
  readonly attemptId: string;
  readonly campaignId: string;
  readonly state: AttemptState;
  readonly legIds: LegIds;
  /** Who was called over what, and which number was shown, as far as it was written down. */
  readonly told: { readonly address?: string; readonly trunk?: string; readonly callerId?: string };
  /**
   * The second leg, when somebody had been called for this person: the detail of the last `transfer` mark. It may be over
   * long since. Without `mediaServer` it is on the one of the first leg. `transactionId` is there when it was not known to be answered: CANCEL with it.
   */
  readonly peer:
    | {
        readonly dialogId: string;
        readonly mediaServer?: string;
        readonly endpointId: string;
        readonly transactionId?: string;
        readonly ringsUntil?: number;
      }
    | undefined;
  /**
   * For a leg that may have left without its transaction being stored, and likewise for a peer: it cannot be canceled, and
   * stops ringing by itself at this time (epoch ms). Should it be answered before, BYE.
   */
  readonly ringsUntil?: number;
}

/** Which nodes live, and what dead ones left. A node's lease is renewed by its heartbeats. */
export interface NodeRegistry {
  /**
   * Takes the name for this process. A process of the same name that was there before is dead from now on: its `begin`
   * and `mark` calls are refused.
   */
  register(node: string, now: number): Promise<void>;
  /** Renews the lease. @returns false when another process has taken the name, or the node's attempts: this one must stop */
  heartbeat(node: string): Promise<boolean>;
  /** Gives the name back at a clean stop. */
  release(node: string): Promise<void>;
  /**
   * Takes over the unfinished attempts of this node's earlier life and of nodes whose lease ran out. Each is given to
   * one process only. Those that were `reserved` had not left: they are ended `canceled` and their contacts are due
   * again; they are not among the orphans returned. So are this node's own that were reserved a minute ago and never
   * begun. A lease counts as run out only for a node that has itself kept its own, without a break, for as long.
   */
  takeOrphans(node: string, now: number): Promise<readonly Orphan[]>;
}
