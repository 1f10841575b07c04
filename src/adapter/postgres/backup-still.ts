import type pg from "pg";
import { calledBackSql, dueSql, followSql, nextCampaignSql } from "./repository/follow-sql.ts";

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

/** What an agent had said of a conversation by then, or a script had come to, leads on as if it had been interrupted by a crash. */
const onwardSql = `case when a.waited then ${followSql("a", "'interrupted'", "a.outcome")} end`;

/** $1 why. Webhooks are told nothing: what there was to tell was told since. */
const interruptSql = `
with ended as (
  update attempt a set state = 'ended', result = 'interrupted', reason = $1, ended_at = statement_timestamp(),
    again_at = coalesce(a.again_at, ${dueSql(onwardSql, "statement_timestamp()")}), next_campaign_id = coalesce(a.next_campaign_id, ${nextCampaignSql(onwardSql, "a")})
  where ended_at is null returning a.id, a.contact_id, a.ended_at as from_at, ${onwardSql} as onward
), gone_on as (
  insert into work (contact_id, campaign_id, due_at, address_id)
  select m.contact_id, k.id, onward_due(o.value, m.from_at), (o.value->>'a')::bigint
  from ended m cross join lateral jsonb_array_elements(m.onward) o join campaign k on k.id = (o.value->>'c')::bigint and k.state = 'paused'
  on conflict do nothing
), ${calledBackSql("ended")}
insert into attempt_event (attempt_id, at, kind, detail)
select id, from_at, 'ended', jsonb_build_object('result', 'interrupted', 'reason', $1::text) from ended`;

/**
 * A backup is older than what was done since: whoever was contacted in between must not be contacted again because nothing here knows of it. So nothing goes out by itself any more: campaigns that ran
 * are paused, schedules have no next step, attempts that were reserved or under way are over and never repeated (what was known of them by then
 * says where their people go on to, once somebody resumes the campaigns), and messages that were due are not sent. Written for the schema of the
 * first release that could back up; within the transaction in which the rows came, so that no server ever sees them otherwise.
 */
export async function still(client: pg.Client): Promise<Stilled> {
  const { rows: campaigns } = await client.query<{ name: string }>("update campaign set state = 'paused' where state = 'running' returning name");
  // Reports on messages that were leaving may still come, and find them by their reference.
  await client.query(
    `insert into message_unresolved (via, reference, attempt_id) select m.via, m.reference, a.id from attempt a join message m on m.attempt_id = a.id
     where a.channel = 'sms' and a.state = 'sending' and m.reference is not null on conflict do nothing`,
  );
  const attempts = await client.query(interruptSql, [why]);
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
