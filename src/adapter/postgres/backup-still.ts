import type pg from "pg";

/** What a restored database was kept from doing by itself. */
export interface Stilled {
  /** Names of campaigns that ran. */
  readonly campaigns: readonly string[];
  /** Attempts that were under way. */
  readonly attempts: number;
  /** Messages that scripts and agents had asked for. */
  readonly messages: number;
  /** Schedules of campaigns that had a next step. */
  readonly schedules: number;
}

/** Why, as it stands with what it concerns. */
const why = "the database was restored from a backup";

/**
 * A backup is older than what was done since: whoever was contacted in between must not be contacted again because nothing here knows of it. So nothing goes out by itself any more: campaigns that ran
 * are paused, schedules have no next step, attempts that were reserved or under way are over and never repeated, and messages that were due are not sent. Written for the schema of the
 * first release that could back up; within the transaction in which the rows came, so that no server ever sees them otherwise.
 */
export async function still(client: pg.Client): Promise<Stilled> {
  const { rows: campaigns } = await client.query<{ name: string }>("update campaign set state = 'paused' where state = 'running' returning name");
  // Reports on messages that were leaving may still come, and find them by their reference.
  await client.query(
    `insert into message_unresolved (via, reference, attempt_id) select m.via, m.reference, a.id from attempt a join message m on m.attempt_id = a.id
     where a.channel = 'sms' and a.state = 'sending' and m.reference is not null on conflict do nothing`,
  );
  const attempts = await client.query(
    `with ended as (
       update attempt set state = 'ended', result = 'interrupted', reason = $1, ended_at = clock_timestamp() where ended_at is null returning id, ended_at
     ) insert into attempt_event (attempt_id, at, kind, detail) select id, ended_at, 'ended', jsonb_build_object('result', 'interrupted', 'reason', $1::text) from ended`,
    [why],
  );
  const messages = await client.query(
    "update effect set state = 'expired' where kind = 'send' and state = 'pending' and due_at <= clock_timestamp()",
  );
  const schedules = await client.query(
    "update campaign_schedule set next_step = null, next_at = null, taken_until = null, trouble = $1 where next_at is not null",
    [`${why}: set it again`],
  );
  // No process of then holds them any more, and none that starts now has such a number.
  await client.query(
    "update agent_desk set incarnation = case when incarnation is not null then 0 end, holder_incarnation = case when holder_incarnation is not null then 0 end",
  );
  // Whoever reads the stream of events is told that they missed something.
  await client.query("update listening set until = '-infinity', since = 'infinity'");
  return {
    campaigns: campaigns.map(({ name }) => name).sort(),
    attempts: attempts.rowCount ?? 0,
    messages: messages.rowCount ?? 0,
    schedules: schedules.rowCount ?? 0,
  };
}
