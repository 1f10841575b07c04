import type pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import type { Campaign } from "../../../strategy/campaign.ts";
import type { Asked, CandidateReader, Waiting } from "../../../strategy/candidate-ports.ts";
import { databaseFault } from "../faults.ts";
import { type CandidateRow, candidateOf } from "./claim.ts";
import { isId } from "./id.ts";
import { readPast } from "./past-sql.ts";
import { timeSql } from "./suppressed.ts";
import { claimMessagesSql } from "./work-message-sql.ts";
import { claimSql, pickedSql } from "./work-sql.ts";

/** What claims ask of those who are due, asked of other people: $1 campaign, $2 epoch ms; who they are comes from `picked`, with parameters from $3 on. */
function factsSql(channel: ChannelName, picked: string): string {
  return (channel === "voice" ? claimSql : claimMessagesSql(channel)).replace(pickedSql, () => picked);
}

/** $3 contact. */
const oneSql = `
with picked as materialized (
  select p.id as contact_id, ${timeSql("$2")} as due_at, (select address_id from work where contact_id = p.id and campaign_id = $1) as address_id, null::tid as place
  from contact p where p.id = $3 and p.list_id = (select list_id from campaign where id = $1)
)`;

/** $3 the last due (epoch ms) and $4 contact of the page before, $5 how many. A draft's people are all due at once, when it is started. */
const draftSql = `
with picked as materialized (
  select p.id as contact_id, ${timeSql("$2")} as due_at, null::bigint as address_id, null::tid as place from contact p
  where p.list_id = (select list_id from campaign where id = $1) and p.id > $4 and $3::float8 is not null order by p.id limit $5
)`;
const waitingSql = `
with picked as materialized (
  select w.contact_id, w.due_at, w.address_id, null::tid as place from work w
  where w.campaign_id = $1 and (w.due_at, w.contact_id) > (${timeSql("$3")}, $4) order by w.due_at, w.contact_id limit $5
)`;

/** The facts of people as claims read them. */
export class PostgresCandidateReader implements CandidateReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async candidate(campaign: Campaign, contactId: string, at: number): Promise<Asked | undefined> {
    if (!isId(contactId)) return undefined;
    const [found] = await this.#asked(campaign, oneSql, [campaign.id, at, contactId]);
    return found?.asked;
  }

  async page(campaign: Campaign, at: number, after: Waiting | undefined, limit: number): Promise<readonly Waiting[]> {
    const values = [campaign.id, at, after?.dueAt ?? 0, after?.contactId ?? "0", limit];
    return await this.#asked(campaign, campaign.state === "draft" || campaign.state === "ready" ? draftSql : waitingSql, values);
  }

  /** As claims read them: in a pass of a strategy with what was before. */
  async #asked({ id, channel, pass }: Campaign, picked: string, values: unknown[]): Promise<readonly Waiting[]> {
    try {
      const { rows } = await this.#pool.query<CandidateRow>(factsSql(channel, picked), values);
      const ids = rows.map((row) => row.contact_id);
      const before = pass === undefined ? undefined : await readPast(this.#pool, id, ids);
      return rows.map((row) => {
        const asked = candidateOf(channel, row);
        const past = before?.get(row.contact_id);
        return { contactId: row.contact_id, dueAt: row.due_at.getTime(), asked: past && typeof asked !== "string" ? { ...asked, past } : asked };
      });
    } catch (error) {
      throw databaseFault(error, "read what a claim would know of somebody");
    }
  }
}
