import type { ReadPerson } from "./person.ts";

/** People one by one, on lists with which campaigns may be running. */
export interface PersonStore {
  /**
   * Puts somebody on a list, and into the campaigns that run on it if `enter`.
   * Faults: `list-unknown`; `contact-exists` when the client id or the first address stands on the list; `list-busy` (retryable) while an import has it;
   * `person-erased` when they, or an address of theirs, are those of somebody who was erased.
   * @returns the id of the contact
   */
  add(listId: string, person: ReadPerson & { readonly clientId: string | undefined }, enter: boolean): Promise<string>;
  /** Campaigns see it from their next claim on. Faults as `add`, `contact-unknown`; `contact-left` when they are on no list any more. */
  change(contactId: string, change: ReadPerson): Promise<void>;
  /** Takes somebody off their list and out of every campaign: nothing more is begun, what rings is hung up. May be said again. Fault `contact-unknown`; `list-busy`. */
  withdraw(contactId: string): Promise<void>;
}
