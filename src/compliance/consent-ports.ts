import type { ConsentRecord, NewConsent } from "./consent.ts";
import type { Whom } from "./suppression.ts";

/** What is known of somebody's consent. */
export interface ConsentEvidence {
  /** The hashes under which the chain knows them. */
  readonly subjects: readonly { readonly kind: Whom["kind"]; readonly subject: string }[];
  /** In the order of the chain. */
  readonly records: readonly ConsentRecord[];
}

/** The chain of consents and revocations. */
export interface ConsentStore {
  /**
   * Adds to the end of the chain. A revocation takes back what rings at the person in campaigns that need the consent.
   * Faults: `consent-invalid`, `suppression-invalid`.
   */
  record(consent: NewConsent, by: string): Promise<ConsentRecord>;
  /** All that was recorded of somebody, by everything they are known by. Faults: `suppression-invalid`. */
  evidence(whom: readonly Whom[]): Promise<ConsentEvidence>;
  /** The chain from a place on, in its order. @param after id of the record before; 0 for the beginning */
  chain(after: string, limit: number): Promise<readonly ConsentRecord[]>;
}
