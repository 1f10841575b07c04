import type { Whom } from "../compliance/suppression.ts";
import type { RecordingConsent } from "./consent.ts";
import type { Erasure, ErasureOrder, PersonExport } from "./person.ts";
import type { RetentionKind } from "./retention.ts";

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

/** The recordings there are, and the files whose row says that they are to go. */
export interface RecordingStore {
  /** Somebody's number, as an attempt has it; undefined where there is none. */
  addressOf(attemptId: string): Promise<string | undefined>;
  /** There will be one of that name, of a conversation. */
  talkBegins(recording: { readonly attemptId: string; readonly file: string; readonly consent: RecordingConsent }): Promise<void>;
  /** At most so many, the oldest first. */
  going(limit: number): Promise<readonly { readonly id: string; readonly file: string }[]>;
  gone(ids: readonly string[]): Promise<void>;
}

/** The directory of recordings. */
export interface RecordingFiles {
  /** Gone already is gone. Rejects when the file is still there. */
  remove(file: string): Promise<void>;
}

/** How far one kind has been looked through. */
export interface RetentionPass {
  readonly kind: RetentionKind;
  /** When the last pass ended, epoch ms. */
  readonly at: number;
  /** Altogether. */
  readonly removed: number;
}

/** What is kept for so many days. */
export interface RetentionStore {
  passes(): Promise<readonly RetentionPass[]>;
  /** Takes away what stays for a fixed time, also where nobody comes whose coming would: answers for an Idempotency-Key, a day. */
  sweep(): Promise<void>;
  /**
   * Takes away some of what is from before `before` (epoch ms; undefined: only what something else than the configuration says), in one transaction.
   * @returns undefined while another node does; `done` when nothing of it is left, which is noted as a pass
   */
  step(kind: RetentionKind, before: number | undefined, now: number): Promise<{ readonly removed: number; readonly done: boolean } | undefined>;
  /** How much there is that would be taken away now. Changes nothing. */
  due(kind: RetentionKind, before: number | undefined, now: number): Promise<number>;
}
