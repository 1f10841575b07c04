import type { ConsentFile, ConsentReport } from "../compliance/consent-import-engine.ts";
import type { ConsentStore } from "../compliance/consent-ports.ts";
import type { Hindrances } from "../compliance/hindrance-engine.ts";
import type { SafeguardStore } from "../compliance/safeguard-ports.ts";
import type { SuppressionFile, SuppressionReport } from "../compliance/suppression-import-engine.ts";
import type { SuppressionStore } from "../compliance/suppression-ports.ts";

/** Who must not be contacted, and who agreed to be. */
export interface SafeguardParts {
  readonly suppressions: SuppressionStore;
  readonly consents: ConsentStore;
  readonly safeguards: SafeguardStore;
  /** What keeps campaigns from running. */
  readonly hindrances: Pick<Hindrances, "hindrance" | "mayStart">;
  /** Loads a file into a list. As `loadSuppressions`. */
  load(file: Omit<SuppressionFile, "store" | "clock" | "defaultCountry"> & { readonly defaultCountry?: string }): Promise<SuppressionReport>;
  /** As `loadConsents`. */
  loadConsents(file: Omit<ConsentFile, "store" | "clock" | "defaultCountry"> & { readonly defaultCountry?: string }): Promise<ConsentReport>;
}
