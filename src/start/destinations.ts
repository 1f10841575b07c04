import type { DestinationPolicy } from "../compliance/destination.ts";
import type { Config } from "../config/schema.ts";

/** Where the account calls: its own country, when nothing was said. */
export function destinationsOf({ destinations: { countries, premium }, contact }: Pick<Config, "destinations" | "contact">): DestinationPolicy {
  return { countries: countries.length > 0 ? countries : [contact.defaultCountry], premium };
}
