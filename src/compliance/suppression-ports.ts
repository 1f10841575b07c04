import type { ListedWhom, LoadMode, NewSuppression, NewSuppressionList, Suppression, SuppressionList, Whom } from "./suppression.ts";

/** What is kept of a file once it is in. */
export interface LoadFacts {
  readonly by: string;
  readonly file?: string;
  /** The day its data is of, YYYY-MM-DD. */
  readonly dated?: string;
  /** Rows. */
  readonly read: number;
  readonly rejected: number;
  /** Of its bytes, hex. */
  readonly sha256: string;
}

export interface LoadResult {
  /** Entries that were not there before. */
  readonly added: number;
  /** Entries that the file has no more; only when it replaces. */
  readonly ended: number;
  /** What the list holds now. */
  readonly entries: number;
}

/** One file on its way into one list: everything goes in at `commit`, or nothing. */
export interface SuppressionLoad {
  add(entries: readonly ListedWhom[]): Promise<void>;
  commit(facts: LoadFacts): Promise<LoadResult>;
  abort(): Promise<void>;
}

/** What a page begins behind: the last id of the one before. */
export interface AfterId {
  readonly limit: number;
  readonly afterId?: string;
}

/** Who must not be contacted. */
export interface SuppressionStore {
  /** Faults: `suppression-list-exists`, `suppression-invalid`. */
  createList(list: NewSuppressionList, by: string): Promise<SuppressionList>;
  lists(): Promise<readonly SuppressionList[]>;
  /** By name or id. */
  list(nameOrId: string): Promise<SuppressionList | undefined>;
  /** Faults: `suppression-list-unknown`. One load of a list at a time: a second one waits. */
  openLoad(listId: string, mode: LoadMode): Promise<SuppressionLoad>;
  /**
   * Adds one, and takes back what is on its way to those it covers: nothing of it rings on for 5 s. One that is there already is not written again.
   * Faults: `suppression-invalid`, `suppression-list-unknown`, `campaign-unknown`.
   */
  add(suppression: NewSuppression, by: string): Promise<Suppression>;
  /** Ends one before its time; it stays as evidence. @returns undefined when there is none of that id that holds */
  end(id: string, reason: string, by: string): Promise<Suppression | undefined>;
  /** All that there is about somebody, also what has ended; the newest first, 500 at most. */
  about(whom: Whom): Promise<readonly Suppression[]>;
  /** What a list holds, in the order in which it came in. */
  entries(listId: string, page: AfterId): Promise<readonly Suppression[]>;
}
