import type { CapStore } from "../compliance/frequency-ports.ts";
import type { PlacePolicy } from "../compliance/gate.ts";
import { legalCaps } from "../compliance/legal-caps.ts";
import { legalConsents } from "../compliance/legal-consents.ts";
import { legalHours } from "../compliance/legal-hours.ts";
import type { Config } from "../config/schema.ts";

/** How the account learns where people are, and which law it keeps there. */
export function whereaboutsOf({ legalHours: { kept, stateField, postalField } }: Pick<Config, "legalHours">): PlacePolicy {
  return { stateField, postalField, ...(kept && { hours: legalHours }) };
}

/** Has the caps of the law hold, and consent be wanted where it says so; nothing of either where they are waived. */
export async function keepLaws(caps: CapStore, { legalHours: { kept, stateField, postalField } }: Pick<Config, "legalHours">): Promise<void> {
  await (kept ? caps.keepLaw(legalCaps({ stateField, postalField }), legalConsents()) : caps.keepLaw([]));
}
