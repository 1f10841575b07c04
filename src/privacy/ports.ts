import type { Whom } from "../compliance/suppression.ts";
import type { Erasure, ErasureOrder, PersonExport } from "./person.ts";

/** What is kept of people, as they may ask for it. */
export interface PrivacyStore {
  /** All that is known of whoever is known by that, over all lists. Faults: `person-invalid`, `suppression-invalid`. */
  collect(whom: readonly Whom[]): Promise<PersonExport>;
  /**
   * Forgets somebody. First nothing more is begun with them, for good: that stays even if the rest is refused. Then, in one transaction, everything that tells who
   * they are is taken out; what is counted stays. Suppressions and consents stay under hashes. Faults: `person-unknown`, `person-ambiguous`; `person-busy` (retryable)
   * while a call to them, a message or a conversation is under way, `list-busy` (retryable) while an import has one of their lists.
   */
  erase(order: ErasureOrder): Promise<Erasure>;
  /** The newest first. */
  erasures(page: { readonly limit: number; readonly beforeId?: string }): Promise<readonly Erasure[]>;
}

/** The files of recordings whose row says that they are to go. */
export interface RecordingStore {
  /** At most so many, the oldest first. */
  going(limit: number): Promise<readonly { readonly id: string; readonly file: string }[]>;
  gone(ids: readonly string[]): Promise<void>;
}

/** The directory of recordings. */
export interface RecordingFiles {
  /** Gone already is gone. Rejects when the file is still there. */
  remove(file: string): Promise<void>;
}
