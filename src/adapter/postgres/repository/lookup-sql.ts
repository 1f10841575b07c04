import { subjectSql } from "./consented.ts";

/** Where somebody stands in a statement. `number` absent: on e-mail, where only those are asked that know people by the client id. */
export interface LookedUp {
  readonly number?: string;
  readonly clientId: string;
  readonly fields: string;
}

/**
 * SQL: the questions of these look-ups about somebody, as rows (name, subject, dated, place). The day since when a number is somebody's stands in a field of theirs, or is that of the last
 * consent to calls on it. A look-up that no server has made known has no subject: nobody can be asked. Each row is looked up by itself (`limit 1`): a join would be planned, while the tables
 * are small, as reading them whole.
 */
export function questionsSql(names: string, { number, clientId, fields }: LookedUp): string {
  const consented =
    number === undefined
      ? "null"
      : `(select to_char(cw.obtained_at at time zone 'UTC', 'YYYY-MM-DD') from consent cw where cw.subject = ${subjectSql("number", number)} and cw.kind = 'consent'
          order by cw.obtained_at desc, cw.id desc limit 1)`;
  return `select n.name, n.place, case l.by_subject when 'number' then ${number ?? "null::text"} when 'client-id' then ${clientId} end as subject,
      case when l.kind = 'reassigned' then left(coalesce(nullif(btrim(${fields} ->> l.date_field), ''), ${consented}, ''), 40) else '' end as dated
    from unnest(${names}) with ordinality n(name, place)
    left join lateral (select * from lookup where name = n.name limit 1) l on true${number === undefined ? " where l.by_subject is distinct from 'number'" : ""}`;
}

/** SQL: the look-ups that a campaign wants: of a pass its own first, then those of the campaign's safeguards. */
const wantedSql = (
  campaignId: string,
) => `(select coalesce(gk.lookups, '{}') || array(select gn from unnest(gl.lookups) with ordinality gu(gn, gp) where gn <> all(coalesce(gk.lookups, '{}')) order by gp)
    from campaign gk left join campaign_safeguard gl on gl.campaign_id = gk.id where gk.id = ${campaignId})`;

/** SQL: how the look-ups stand that a campaign wants; null where it wants none, for the price of one look for all rows. */
export function lookupFactsSql({ campaignId, ...of }: LookedUp & { readonly campaignId: string }): string {
  const names = wantedSql(campaignId);
  return `case when ${names} <> '{}' then (
    select coalesce(jsonb_agg(jsonb_build_object('name', q.name, 'subject', q.subject, 'dated', q.dated, 'state', r.state, 'word', r.word, 'reason', r.reason,
      'until', (extract(epoch from r.until) * 1000)::float8) order by q.place), '[]')
    from (${questionsSql(names, of)}) q
    left join lateral (select * from lookup_answer where lookup = q.name and subject = q.subject and dated = q.dated limit 1) r on true) end`;
}

/**
 * Wants answers: $1 look-ups, $2 subjects, $3 days, $4 whether a campaign waits. What was answered or has failed, and is too old, is wanted anew; what is good stays. Gives those that are
 * good or have just failed: nobody need wait for them. The rows are locked until the commit, so that no answer comes in between.
 */
export const wantSql = `
with wanted as (
  select distinct on (lookup, subject, dated) lookup, subject, dated from unnest($1::text[], $2::text[], $3::text[]) w(lookup, subject, dated) order by lookup, subject, dated
), kept as (
  insert into lookup_answer as r (lookup, subject, dated, state, at, until, urgent)
  select lookup, subject, dated, 'wanted', clock_timestamp(), clock_timestamp(), $4 from wanted
  on conflict (lookup, subject, dated) do update set
    state = case when r.state <> 'wanted' and r.until <= clock_timestamp() then 'wanted' else r.state end,
    word = case when r.state <> 'wanted' and r.until <= clock_timestamp() then null else r.word end,
    tries = case when r.state <> 'wanted' and r.until <= clock_timestamp() then 0 else r.tries end,
    urgent = r.urgent or excluded.urgent
  returning lookup, subject, dated, state
)
select lookup, subject, dated from kept where state <> 'wanted'`;

/** Who waits for them: $1 contacts, $2 campaign, $3 look-ups, $4 subjects, $5 days, $6 when their turn was (epoch ms). */
export const waitSql = `
insert into lookup_wait (contact_id, campaign_id, lookup, subject, dated, due_at)
select contact_id, $2, lookup, subject, dated, to_timestamp(due / 1000)
from unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::float8[]) w(contact_id, lookup, subject, dated, due)
on conflict (contact_id, campaign_id, lookup) do update set subject = excluded.subject, dated = excluded.dated, due_at = least(lookup_wait.due_at, excluded.due_at)`;

/** Calls back whoever waits for an answer, to where they had stood: $1 look-up, $2 subject, $3 day. Locks as claims do: those who wait for their turn, then for what. */
export const callBackSql = `
with held as materialized (
  select w.contact_id, w.campaign_id, x.due_at from lookup_wait x join work w on w.contact_id = x.contact_id and w.campaign_id = x.campaign_id
  where x.lookup = $1 and x.subject = $2 and x.dated = $3 order by w.contact_id, w.campaign_id for update of w
), back as (
  update work w set due_at = least(w.due_at, held.due_at) from held where w.contact_id = held.contact_id and w.campaign_id = held.campaign_id returning 1
)
delete from lookup_wait where lookup = $1 and subject = $2 and dated = $3 and (select count(*) from back) >= 0`;

/**
 * Takes questions that are due: $1 look-up, $2 how many at most, $3 questions per second, $4 for how long nobody else takes them (ms). The pace of all nodes together is a token bucket that
 * holds what one second gives, at least one question.
 */
export const takeSql = `
with paced as materialized (
  select name, greatest(free_at, clock_timestamp() - interval '1 s' * greatest(1, 1 / $3::float8)) as free_at from lookup where name = $1 for no key update
), room as materialized (
  select least($2::int, floor(extract(epoch from clock_timestamp() - free_at) * $3::float8 + 1e-6))::int as questions from paced
), picked as materialized (
  select subject, dated from lookup_answer where lookup = $1 and state = 'wanted' and until <= clock_timestamp()
  order by urgent desc, until limit greatest(0, (select questions from room)) for update skip locked
), taken as (
  update lookup_answer r set until = clock_timestamp() + interval '1 ms' * $4::float8, tries = r.tries + 1 from picked
  where r.lookup = $1 and r.subject = picked.subject and r.dated = picked.dated returning r.subject, r.dated, r.tries - 1 as tries
), counted as (
  update lookup l set free_at = paced.free_at + interval '1 s' * ((select count(*) from taken) / $3::float8) from paced where l.name = paced.name and exists (select from taken)
)
select subject, dated, tries from taken`;

/** What a contact learns by an answer: $1 what it is about (number, client id), $2 fields. */
const fieldsOf = `update contact c set fields = c.fields::jsonb || $2::jsonb where not c.fields::jsonb @> $2::jsonb and `;
export const fieldsSql = {
  number: `${fieldsOf} c.id in (select contact_id from address where number = $1)`,
  "client-id": `${fieldsOf} c.client_id = $1`,
} as const;

/** What a number is: $1 number, $2 kind. */
export const kindSql = "update address set kind = $2 where number = $1 and kind <> $2";
