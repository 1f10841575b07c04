import type { PlacePolicy } from "../compliance/gate.ts";
import { legalHours } from "../compliance/legal-hours.ts";
import type { Config } from "../config/schema.ts";

/** How the account learns where people are, and which law it keeps there. */
export function whereaboutsOf({ legalHours: { kept, stateField, postalField } }: Pick<Config, "legalHours">): PlacePolicy {
  return { stateField, postalField, ...(kept && { hours: legalHours }) };
}
