import pg from "pg";
import { PostgresPrompts } from "../adapter/postgres/repository/prompt-store.ts";
import { PostgresScriptStore } from "../adapter/postgres/repository/script-store.ts";
import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { PromptUsers } from "../ivr/prompt-users-engine.ts";
import { openPrompts } from "../start/prompts.ts";
import { ownThread } from "../start/publishing.ts";
import { type Finding, fault, ok, warning } from "./doctor-finding.ts";

const what = "recordings";
/** More of them are not told one by one. */
const mostTold = 5;

/** Whether the recordings of scripts that calls may run are there: uploaded, or in this machine's folder. Nothing where there are neither recordings nor uploads. */
export async function examineRecordings(url: string, config: Pick<Config, "prompts">): Promise<readonly Finding[]> {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 5000 });
  // What is wrong with it is told by the query.
  pool.on("error", () => undefined);
  const prompts = openPrompts(config, systemClock);
  try {
    const uploaded = await new PostgresPrompts(pool, systemClock).current();
    const users = await new PromptUsers(new PostgresScriptStore(pool, systemClock), ownThread).all();
    const named = new Set(users.flatMap(({ recordings }) => recordings));
    if (uploaded.size + named.size === 0) return [];
    const isFile = async (name: string) => [name, await prompts.store.hasFile(name)] as const;
    const files = new Map(await Promise.all([...new Set([...uploaded.keys(), ...named])].map(isFile)));
    const missing = [...named].filter((name) => !uploaded.has(name) && !files.get(name));
    const hidden = [...uploaded.keys()].filter((name) => files.get(name));
    const found: Finding[] = [];
    if (missing.length > 0) {
      const whose = users.filter(({ recordings }) => recordings.some((name) => missing.includes(name)));
      const scripts = listed(whose.map(({ name, version }) => `${name} version ${version}`));
      const advice = `Upload each with carillon prompt add, or publish the scripts without them: their calls are not placed.`;
      found.push(fault(what, `${listed(missing)} of ${scripts} neither uploaded nor in prompts.recordingsDir`, advice));
    }
    if (hidden.length > 0) {
      const seen = `${listed(hidden)} of the folder not heard: what was uploaded is heard instead`;
      found.push(warning(what, seen, "Remove the files, so that nobody takes them for what is heard."));
    }
    return found.length > 0 ? found : [ok(what, `${uploaded.size} uploaded; all ${named.size} that scripts play are there`)];
  } finally {
    await prompts.close();
    await pool.end();
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - mostTold;
  return more > 0 ? `${names.slice(0, mostTold).join(", ")} and ${more} more` : names.join(", ");
}
