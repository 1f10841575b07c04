import type { ConsentRecord, NewConsent } from "./consent.ts";
import type { Whom } from "./suppression.ts";

/** What is known of somebody's consent. */
export interface ConsentEvidence {
  /** The hashes under which the chain knows them. */
  readonly subjects: readonly { readonly kind: Whom["kind"]; readonly subject: string }[];
  /** In the order of the chain. */
  readonly records: readonly ConsentRecord[];
}

/** What came of a file. */
export interface ConsentLoadResult {
  /** New records. */
  readonly recorded: number;
  /** Those that the chain had already, word by word. */
  readonly known: number;
  /** The last of the new records; absent when there is none. */
  readonly last?: { readonly id: string; readonly hash: string };
}

/** One file on its way into the chain: nothing is recorded before `commit`. */
export interface ConsentLoad {
  /** What `checkConsent` has nothing against. */
  add(consents: readonly NewConsent[]): Promise<void>;
  commit(by: string): Promise<ConsentLoadResult>;
  abort(): Promise<void>;
}

/** The chain of consents and revocations. */
export interface ConsentStore {
  /**
   * Adds to the end of the chain. A revocation takes back what rings at the person in campaigns that need the consent.
   * Faults: `consent-invalid`, `suppression-invalid`.
   */
  record(consent: NewConsent, by: string): Promise<ConsentRecord>;
  openLoad(): Promise<ConsentLoad>;
  /** All that was recorded of somebody, by everything they are known by. Faults: `suppression-invalid`. */
  evidence(whom: readonly Whom[]): Promise<ConsentEvidence>;
  /** The chain from a place on, in its order. @param after id of the record before; 0 for the beginning */
  chain(after: string, limit: number): Promise<readonly ConsentRecord[]>;
}
