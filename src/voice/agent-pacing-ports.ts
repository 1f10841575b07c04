import type { Present } from "../agent/desk-engine.ts";
import type { Share } from "./pacing/ledger.ts";
import type { PacerRecord } from "./pacing/pacer.ts";

/** What a node wants of the headroom of a campaign. */
export interface ShareWish {
  readonly campaignId: string;
  /** 0..1 */
  readonly cap: number;
  /** Agents who work for the campaign on this node: the headroom is shared by them. */
  readonly agents: number;
  /** Already spent: people who were abandoned and are not in the ledger yet, and who is thought to be lost of those under way. In calls. */
  readonly kept: number;
}

/** How a campaign stands over all nodes, and what this one may do. */
export interface AbandonmentShare {
  readonly day: Share;
  readonly month: Share;
  /** Of the answers and the abandoned above: people who are thought to have been taken for machines. Undefined where that is not measured. */
  readonly missed?: { readonly day: number; readonly month: number };
  /** People whom this node may yet abandon, with those it keeps already; what the other nodes may is not in it. */
  readonly allowed: number;
}

/** The abandonment of campaigns over all nodes of a database: rolling 24 hours and 30 days. */
export interface AbandonmentLedger {
  /** Takes this node's share anew: what one node may do no other may. One exchange with the database, for all of them. */
  share(wishes: readonly ShareWish[]): Promise<ReadonlyMap<string, AbandonmentShare>>;
  /** Nothing is under way any more for these. */
  giveBack(campaignIds: readonly string[]): Promise<void>;
  /** Groups of agents by the campaigns they work for. */
  groupsOf(campaignIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Pacers as they left off. */
export interface PacerStore {
  /** The one of this node, else what another node has learned. */
  load(campaignId: string): Promise<PacerRecord | undefined>;
  keep(records: ReadonlyMap<string, PacerRecord>): Promise<void>;
}

/** The agents whose programs are connected to this node. */
export interface AgentsHere {
  readonly present: readonly Present[];
  onChange(heard: (present: Present) => void): () => void;
}

/** Where the lines of a pacing log go. */
export interface PacingLogFile {
  write(line: string): void;
  /** It is long enough for another to begin. */
  readonly full: boolean;
  /** What is written from here on goes into a new one. */
  rotate(): void;
  /** Resolves when nothing is left to write; never rejects. */
  close(): Promise<void>;
}
