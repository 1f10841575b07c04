import type { FrequencyCap, NewCap } from "./frequency.ts";
import type { CapLaw } from "./legal-caps.ts";
import type { ConsentLaws } from "./legal-consents.ts";

/** The caps of the account and of its campaigns. They hold from the moment they are made, also for what is reserved already. */
export interface CapStore {
  /** All at once or none. @throws Fault `cap-exists` when a name is taken, `campaign-unknown` */
  add(caps: readonly NewCap[]): Promise<readonly FrequencyCap[]>;
  /** Oldest first. */
  list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly FrequencyCap[]>;
  find(id: string): Promise<FrequencyCap | undefined>;
  /** Has exactly these caps by law hold from now on, and consent to calls be wanted just there; by default nowhere. */
  keepLaw(caps: readonly (NewCap & { readonly law: CapLaw })[], consents?: ConsentLaws): Promise<void>;
  /** @returns false when there is none of that id. @throws Fault `cap-invalid` for one by law */
  remove(id: string): Promise<boolean>;
}
