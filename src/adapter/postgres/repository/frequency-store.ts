import type pg from "pg";
import type { FrequencyCap, NewCap } from "../../../compliance/frequency.ts";
import type { CapStore } from "../../../compliance/frequency-ports.ts";
import type { CapLaw } from "../../../compliance/legal-caps.ts";
import type { ConsentLaws } from "../../../compliance/legal-consents.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const columns = `id::text, name, kind, per, most, window_s as "windowS", channel, campaign_id::text as "campaignId", field, law->>'place' as place, law->>'source' as source`;

type Row = { readonly [Key in keyof FrequencyCap]-?: FrequencyCap[Key] | null } & Pick<FrequencyCap, "id">;

/** Frequency caps, in the table `frequency_cap`. */
export class PostgresCapStore implements CapStore {
  readonly #pool: Database;
  readonly #query: Query;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep frequency caps");
    this.#clock = clock;
  }

  async add(caps: readonly NewCap[]): Promise<readonly FrequencyCap[]> {
    const now = this.#clock.now();
    return await inTransaction(this.#pool, "make a frequency cap", async (client) => {
      const made: FrequencyCap[] = [];
      for (const cap of caps) made.push(await insert(client, cap, now));
      return made;
    });
  }

  async list({ limit, afterId }: { readonly limit: number; readonly afterId?: string }): Promise<readonly FrequencyCap[]> {
    const text = `select ${columns} from frequency_cap where id > $1 order by frequency_cap.id limit $2`;
    const { rows } = await this.#query<Row>(text, [idOr0(afterId), limit]);
    return rows.map(toCap);
  }

  async find(id: string): Promise<FrequencyCap | undefined> {
    const { rows } = await this.#query<Row>(`select ${columns} from frequency_cap where id = $1`, [idOr0(id)]);
    return rows[0] && toCap(rows[0]);
  }

  async remove(id: string): Promise<boolean> {
    if (!isId(id)) return false;
    const { rows } = await this.#query<{ kind: string }>("delete from frequency_cap where id = $1 and kind <> 'law' returning kind", [id]);
    if (rows.length > 0) return true;
    const left = await this.#query<{ name: string }>("select name from frequency_cap where id = $1", [id]);
    for (const { name } of left.rows)
      throw new Fault(
        "cap-invalid",
        `The ${name} is no cap of yours: it goes with the hours of the law, that legalHours.kept and legalHours.waivedBecause waive.`,
      );
    return false;
  }

  async keepLaw(caps: readonly (NewCap & { readonly law: CapLaw })[], consents: ConsentLaws = {}): Promise<void> {
    const now = this.#clock.now();
    await inTransaction(this.#pool, "keep what the law says", async (client) => {
      // Of servers that start together one comes after the other.
      await client.query("select pg_advisory_xact_lock(hashtextextended('caps of the law', 0))");
      const names = caps.map(({ name }) => name);
      await client.query("delete from frequency_cap where kind = 'law' and name <> all($1)", [names]);
      for (const { name, kind, per, most, windowS, law } of caps)
        await client.query(keepLawSql, [name, kind, per, most, windowS, JSON.stringify(law), now]);
      await client.query("delete from legal_reach");
      await client.query(keepReachSql, [JSON.stringify(consents)]);
    });
  }
}

const keepLawSql = `
insert into frequency_cap (name, kind, per, most, window_s, law, created_at) values ($1, $2, $3, $4, $5, $6, ${timeSql("$7")})
on conflict (name) do update set most = excluded.most, window_s = excluded.window_s, law = excluded.law
where frequency_cap.kind = 'law' and (frequency_cap.most, frequency_cap.window_s, frequency_cap.law) is distinct from (excluded.most, excluded.window_s, excluded.law)`;

/** What the laws speak of, taken together: by it everybody is asked whether any of them may mean them. $1: where consent to calls is wanted. */
const keepReachSql = `
insert into legal_reach (id, signs, state_field, postal_field, consents)
select 1, coalesce(jsonb_object_agg(means || sign, true), '{}'), coalesce(max(law->>'stateField'), ''), coalesce(max(law->>'postalField'), ''), $1::jsonb
from frequency_cap cross join jsonb_array_elements_text(law->'channels') means
cross join jsonb_array_elements_text((law->'numbers') || (law->'states') || (law->'zips')) sign where law is not null having count(*) > 0 or $1::jsonb <> '{}'`;

async function insert(client: pg.PoolClient, cap: NewCap, now: number): Promise<FrequencyCap> {
  const { name, kind, per, most, windowS, channel = null, campaignId = null, field = null } = cap;
  try {
    const { rows } = await client.query<Row>(
      `insert into frequency_cap (name, kind, per, most, window_s, channel, campaign_id, field, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, ${timeSql("$9")}) returning ${columns}`,
      [name, kind, per, most, windowS, channel, campaignId === null ? null : idOr0(campaignId), field, now],
    );
    const [row] = rows;
    if (!row) throw new Fault("database-fault", "A frequency cap was written and is not there.");
    return toCap(row);
  } catch (error) {
    if (codeOf(error) === "23505") throw new Fault("cap-exists", `There is a frequency cap "${name}" already; carillon cap list shows them.`);
    if (codeOf(error) === "23503") throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
    throw error;
  }
}

function toCap(row: Row): FrequencyCap {
  // A row has null where a cap has nothing.
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as FrequencyCap;
}
