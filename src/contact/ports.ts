import type { NewContact, Reach } from "./contact.ts";

/** Why a row did not go in. Rows count from 1 for the first data row; `line` is its line in the file. */
export interface Rejection {
  readonly row: number;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
  /** The row as it stood in the file. */
  readonly raw: readonly string[];
  /** Of a file whose rows name their columns themselves (NDJSON): those of this row. */
  readonly names?: readonly string[];
}

export interface ImportCounts {
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Rejected because the client id or the first address stands on the list already; included in `rejected`. */
  readonly duplicates: number;
  /** Rejected because they name somebody who was erased; included in `rejected`. */
  readonly erased: number;
}

/** What becomes of people who are on the list already, where a file holds them by their client id: `update`, they get its fields and addresses; `replace`, that too, and whoever is not in the file leaves the list. */
export const existingModes = ["update", "replace"] as const;
export type ExistingMode = (typeof existingModes)[number];

export interface ListLoad {
  readonly name: string;
  /** Adds to a list that exists; who is on it already is a duplicate. Otherwise there must be no list of that name. */
  readonly append: boolean;
  /** Instead of `append`, for a list that exists or not. */
  readonly existing?: ExistingMode;
  /** Nothing is written: only what would become of it is found out. */
  readonly dry?: boolean;
  /** Who is new on the list comes into the campaigns that run on it. */
  readonly enter?: boolean;
  /** Further lists, by name, which are filled in the same way with it, or not at all. */
  readonly others?: readonly string[];
  /** Names of look-ups that the people who come in by it are asked about, when they are in. Faults: `lookup-unknown`, `lookup-invalid`. */
  readonly lookups?: readonly string[];
  /** The run of a feed that brings it: it is `loaded` by the same commit, or nothing goes in (Fault `feed-lost`). */
  readonly feedRun?: string;
}

export interface LoadSummary {
  /** Of the accepted, those who were on the list and got new fields or addresses, or would have. */
  readonly updated: number;
  /** Who left the list, not being in the file. */
  readonly left: number;
  /** Accepted contacts whom a suppression for all campaigns keeps from that channel now: all their addresses on it, or their client id. */
  readonly suppressed: Readonly<Record<Reach, number>>;
}

/** What has become of one list. */
export interface LoadEnd extends LoadSummary {
  /** Empty where the list is not there: of a dry load, or when nobody came onto one that was new. */
  readonly listId: string;
  /** Who is new on it. */
  readonly contacts: number;
  /** The run by which they are looked up. */
  readonly lookupRun?: string;
}

/** Somebody of a batch who does not come onto the list. */
export interface LeftOut {
  readonly position: number;
  readonly column: string;
  readonly reason: string;
  /** They were erased; otherwise they stand on the list already. */
  readonly erased?: true;
}

/** People on their way onto one list. */
export interface ListEntry {
  /** Adds a batch in file order. Returns the positions (in this batch) that are left out: duplicates, by client id or by first address, and people who were `erased`. */
  add(batch: readonly NewContact[]): Promise<readonly LeftOut[]>;
}

/** One import into one list, and such as belong to it: everything goes in at `commit`, or nothing. */
export interface ContactLoad extends ListEntry {
  /** Rows that it is best given together, of all lists. */
  readonly rowsAtOnce?: number;
  /** Of `ListLoad.others`, by name. */
  readonly others?: ReadonlyMap<string, ListEntry>;
  /** A list that nobody came onto stays as it is: none is made, and nobody leaves it. */
  commit(): Promise<LoadEnd & { readonly others?: ReadonlyMap<string, LoadEnd> }>;
  abort(): Promise<void>;
}

export interface ContactStore {
  /** Opens (and, at commit, creates) the list of that name. A Fault `list-exists` if it exists already and neither `append` nor `existing` is set. */
  openLoad(list: ListLoad): Promise<ContactLoad>;
}
