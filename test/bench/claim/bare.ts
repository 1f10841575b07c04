import { Pool, type PoolClient } from "pg";

/*
 * The comparator: the cycle of a contact as whoever knows PostgreSQL writes it with `pg` alone, on the same tables. Claim with the facts the gate needs, reserve,
 * let go, end, and put back whom nobody answered; batches of a hundred, prepared statements, a commit for each step that must be durable.
 */

const batch = 100;

const pickSql = `
select w.contact_id, c.time_zone, c.fields, a.id as address_id, a.number as address,
  exists (select from suppression s where s.number = a.number and (s.channel is null or s.channel = 'voice') and (s.campaign_id is null or s.campaign_id = $1))
  or exists (select from suppression s where s.client_id = c.client_id and (s.channel is null or s.channel = 'voice') and (s.campaign_id is null or s.campaign_id = $1)) as suppressed
from (
  select contact_id, due_at from work where campaign_id = $1 and due_at <= now() order by due_at, contact_id limit ${batch} for update skip locked
) w
join contact c on c.id = w.contact_id
join lateral (select id, number from address where contact_id = w.contact_id and number is not null order by position limit 1) a on true
order by w.due_at, w.contact_id`;

const reserveSql = `
with gone as (
  delete from work where campaign_id = $1 and contact_id = any($2::bigint[])
)
insert into attempt (campaign_id, contact_id, address_id, script_version_id, channel, address, state, node, permit_until, reserved_at)
select $1, contact_id, address_id, $5, 'voice', address, 'reserved', 'bench', now() + interval '10 min', now()
from unnest($2::bigint[], $3::bigint[], $4::text[]) as p(contact_id, address_id, address)
returning id`;

const beginSql = "update attempt set state = 'sending', sending_at = now() where id = any($1::bigint[]) and state = 'reserved' returning id";

const endSql = `
with ended as (
  update attempt a set state = 'ended', result = r.result, reason = 'bench', ended_at = now(),
    again_at = case when r.result = 'no-answer' then now() + interval '1 hour' end
  from unnest($1::bigint[], $2::text[]) as r(id, result) where a.id = r.id and a.state <> 'ended'
  returning a.id, a.campaign_id, a.contact_id, a.result, a.ended_at, a.again_at
), event as (
  insert into attempt_event (attempt_id, at, kind, detail) select id, ended_at, 'ended', jsonb_build_object('result', result, 'reason', 'bench') from ended
)
insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, again_at from ended where again_at is not null`;

interface Picked {
  readonly contact_id: string;
  readonly address_id: string;
  readonly address: string;
  readonly suppressed: boolean;
}

/** What somebody comes to: three of ten do not answer, and are put back. */
export function resultOf(place: number): "no-answer" | "human" {
  return place % 10 < 3 ? "no-answer" : "human";
}

/** Bare loops on connections of their own. */
export class Bare {
  readonly #pool: Pool;
  readonly #clients: number;

  constructor(url: string, clients: number) {
    this.#pool = new Pool({ connectionString: url, max: clients });
    this.#clients = clients;
  }

  /** Takes that many contacts of a campaign through the cycle. @returns how many there were */
  async run(campaignId: string, scriptVersionId: string, count: number): Promise<number> {
    let left = count;
    let done = 0;
    const loop = async () => {
      const client = await this.#pool.connect();
      try {
        while (left > 0) {
          left -= batch;
          const taken = await cycle(client, campaignId, scriptVersionId);
          done += taken;
          if (taken === 0) return;
        }
      } finally {
        client.release();
      }
    };
    await Promise.all(Array.from({ length: this.#clients }, loop));
    return done;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

async function cycle(client: PoolClient, campaignId: string, scriptVersionId: string): Promise<number> {
  await client.query("begin");
  const picked = await client.query<Picked>({ name: "pick", text: pickSql, values: [campaignId] });
  const people = picked.rows.filter(({ suppressed }) => !suppressed);
  const columns = [people.map((row) => row.contact_id), people.map((row) => row.address_id), people.map((row) => row.address)];
  const reserved = await client.query<{ id: string }>({ name: "reserve", text: reserveSql, values: [campaignId, ...columns, scriptVersionId] });
  await client.query("commit");
  const ids = reserved.rows.map(({ id }) => id);
  await client.query({ name: "begin", text: beginSql, values: [ids] });
  await client.query({ name: "end", text: endSql, values: [ids, ids.map((_, place) => resultOf(place))] });
  return ids.length;
}
