import type { NewContact } from "./contact.ts";

/** Why a row did not go in. Rows count from 1 for the first data row; `line` is its line in the file. */
export interface Rejection {
  readonly row: number;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
  /** The row as it stood in the file. */
  readonly raw: readonly string[];
}

export interface ImportCounts {
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Rejected because the client id or the first address stands on the list already; included in `rejected`. */
  readonly duplicates: number;
}

/** One import into one list: everything goes in at `commit`, or nothing. */
export interface ContactLoad {
  /** Adds a batch in file order. Returns the positions (in this batch) that are duplicates, by client id or by first address. */
  add(batch: readonly NewContact[]): Promise<readonly { readonly position: number; readonly column: string; readonly reason: string }[]>;
  commit(): Promise<{ readonly listId: string; readonly contacts: number }>;
  abort(): Promise<void>;
}

export interface ContactStore {
  /** Opens (and, at commit, creates) the list of that name. A Fault `list-exists` if it exists already and `append` is not set. */
  openLoad(list: { readonly name: string; readonly append: boolean }): Promise<ContactLoad>;
}
