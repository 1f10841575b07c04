import type pg from "pg";
import { checkSafeguards, noSafeguards, type Safeguards } from "../../../compliance/safeguard.ts";
import type { SafeguardStore } from "../../../compliance/safeguard-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { releaseHeld } from "./release-sql.ts";
import { timeSql } from "./suppressed.ts";
import { sweepInFlight } from "./suppression-sweep.ts";
import { inTransaction } from "./transaction.ts";

const findSql = `
select g.purpose, g.subject, coalesce(g.require_consent, false) as require_consent, g.do_not_call_exempt, g.lookups, g.laws,
  coalesce((select json_agg(l.name order by l.name) from campaign_suppression_list n join suppression_list l on l.id = n.list_id where n.campaign_id = c.id), '[]') as lists
from campaign c left join campaign_safeguard g on g.campaign_id = c.id where c.id = $1`;

/** Passes of one strategy campaign have theirs in common: who may not be contacted in one may not be in the next. Locked, so that two who set them leave the whole of one. */
const togetherSql = `
select c.id::text as id from campaign c
where c.id = $1 or c.strategy_campaign_id = (select strategy_campaign_id from campaign where id = $1)
order by c.id for no key update`;

/** $1 list, $2 prefix, $3 contact of the page before, $4 how many contacts. */
const numbersSql = `
select c.id::text as id, array(select a.number from address a where a.contact_id = c.id and a.number like $2 || '%') as numbers
from contact c where c.list_id = $1 and c.id > $3 order by c.id limit $4`;

interface Row {
  readonly purpose: string | null;
  readonly subject: string | null;
  readonly require_consent: boolean;
  readonly do_not_call_exempt: string | null;
  readonly lists: readonly string[];
  readonly lookups: readonly string[] | null;
  readonly laws: readonly string[] | null;
}

/** In the tables `campaign_safeguard` and `campaign_suppression_list`. */
export class PostgresSafeguardStore implements SafeguardStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async find(campaignId: string): Promise<Safeguards> {
    if (!isId(campaignId)) return noSafeguards;
    const [row] = await this.#rows<Row>(findSql, [campaignId]);
    if (!row) return noSafeguards;
    const { purpose, subject, require_consent: requireConsent, do_not_call_exempt: doNotCallExempt, lists: suppressionLists, lookups, laws } = row;
    const said = {
      ...(purpose !== null && { purpose }),
      ...(subject !== null && { subject }),
      ...(doNotCallExempt !== null && { doNotCallExempt }),
      ...(lookups?.length && { lookups }),
      ...(laws?.length && { laws }),
    };
    return { requireConsent, suppressionLists, ...said };
  }

  async set(campaignId: string, safeguards: Safeguards, by: string): Promise<Safeguards> {
    checkSafeguards(safeguards);
    const { purpose = null, subject = null, requireConsent, doNotCallExempt = null, suppressionLists, lookups = [], laws = [] } = safeguards;
    const now = this.#clock.now();
    await inTransaction(this.#pool, "set the safeguards of a campaign", async (client) => {
      const { rows: known } = await client.query<{ id: string }>(togetherSql, [idOr0(campaignId)]);
      if (known.length === 0) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
      const campaigns = known.map(({ id }) => id);
      const { rows: lists } = await client.query<{ id: string; name: string }>("select id::text, name from suppression_list where name = any($1)", [
        suppressionLists,
      ]);
      const missing = suppressionLists.find((name) => !lists.some((list) => list.name === name));
      if (missing !== undefined) throw new Fault("suppression-list-unknown", `There is no suppression list ${missing}.`);
      await refuseUnknown(client, lookups);
      await client.query(
        `insert into campaign_safeguard (campaign_id, purpose, require_consent, do_not_call_exempt, changed_at, changed_by, lookups, laws, subject)
         select unnest($1::bigint[]), $2, $3, $4, ${timeSql("$5")}, $6, nullif($7::text[], '{}'), nullif($8::text[], '{}'), $9
         on conflict (campaign_id) do update set purpose = excluded.purpose, require_consent = excluded.require_consent,
           do_not_call_exempt = excluded.do_not_call_exempt, changed_at = excluded.changed_at, changed_by = excluded.changed_by, lookups = excluded.lookups, laws = excluded.laws, subject = excluded.subject`,
        [campaigns, purpose, requireConsent, doNotCallExempt, now, by, lookups, laws, subject],
      );
      // Fewer laws may leave more hours.
      for (const campaign of campaigns) await releaseHeld(client, { campaign }, now);
      const ids = lists.map(({ id }) => id);
      await client.query("delete from campaign_suppression_list where campaign_id = any($1::bigint[]) and list_id <> all($2::bigint[])", [
        campaigns,
        ids,
      ]);
      await client.query(
        "insert into campaign_suppression_list (campaign_id, list_id) select c, l from unnest($1::bigint[]) c cross join unnest($2::bigint[]) l on conflict do nothing",
        [campaigns, ids],
      );
    });
    await keepNow(this.#pool, safeguards);
    try {
      await sweepInFlight(this.#pool, now);
    } catch (error) {
      throw databaseFault(error, "take back what is on its way");
    }
    return await this.find(campaignId);
  }

  async numbers(
    listId: string,
    prefix: string,
    limit: number,
    after = "0",
  ): Promise<{ readonly numbers: readonly string[]; readonly next?: string }> {
    const rows = await this.#rows<{ id: string; numbers: readonly string[] }>(numbersSql, [idOr0(listId), prefix, idOr0(after), limit]);
    const last = rows.at(-1);
    return { numbers: rows.flatMap(({ numbers }) => numbers), ...(rows.length === limit && last && { next: last.id }) };
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read the safeguards of a campaign");
    }
  }
}

async function refuseUnknown(client: Pick<pg.PoolClient, "query">, lookups: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>("select name from lookup where name = any($1)", [lookups]);
  const missing = lookups.find((name) => !rows.some((row) => row.name === name));
  if (missing !== undefined)
    throw new Fault(
      "lookup-unknown",
      `No server has had a look-up ${missing} yet: it must stand under lookups: in the configuration of one that runs.`,
    );
}
