import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import { importContacts } from "../contact/import-engine.ts";
import { readCountry } from "../contact/normalise.ts";
import { StagedImports } from "../contact/staged-engine.ts";

/** What the API needs to bring people onto lists. @param defaultCountry of numbers that are written without one */
export function listParts(
  stores: Pick<Stores, "contacts" | "people" | "staged" | "feeds">,
  defaultCountry: string,
  feeds: ApiParts["feeds"]["options"] = [],
): Pick<ApiParts, "feeds" | "imports" | "people" | "defaultCountry" | "staged" | "stagedImports"> {
  const { contacts, people, staged } = stores;
  return {
    feeds: { options: feeds, store: stores.feeds },
    imports: { run: (request) => importContacts({ store: contacts, defaultCountry, ...request }) },
    people,
    defaultCountry: readCountry(defaultCountry),
    staged,
    stagedImports: new StagedImports({ contacts, staged, defaultCountry }),
  };
}
