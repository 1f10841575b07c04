import type { Test } from "tap";
import type { ApiParts } from "../../src/api/parts.ts";
import { openTestDatabase } from "../harness/database.ts";
import { type World, worldOn } from "./world-on.ts";

export { type Answer, asCsv, asYaml, csv, script, type World } from "./world-on.ts";

/** The API on a database of its own, with a key. `settings` are those of a configuration, by their path. */
export async function world(t: Test, more: Partial<ApiParts> = {}, settings: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const database = await openTestDatabase(t);
  return await worldOn(database.url, t, more, settings);
}
