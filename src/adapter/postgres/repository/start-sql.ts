/** Nothing is heard of a start while one statement of it goes on, nor while it waits for a connection: after so long it is looked whether anybody is at it. */
const silentMs = 60_000;

/** SQL: what whoever starts a campaign locks for the time of their transaction. @param campaign its id, as text */
export const startKeySql = (campaign: string) => `hashtextextended('start of campaign ' || ${campaign}, 0)`;

/** SQL: whether somebody is at the start that a row of `campaign_start` is about. Their lock goes with their connection, whatever becomes of them. */
export const underWaySql = (row: string) => `exists (select from pg_locks k where k.locktype = 'advisory' and k.granted and k.objsubid = 1
  and k.database = (select d.oid from pg_database d where d.datname = current_database())
  and (k.classid::bigint << 32 | k.objid::bigint) = ${startKeySql(`${row}.campaign_id::text`)})`;

/** SQL: whether it was left. */
export const leftSql = (row: string) => `${row}.seen_at < clock_timestamp() - interval '${silentMs} ms' and not ${underWaySql(row)}`;

const listKeySql = (list: string) => `hashtextextended('people of list ' || ${list}, 0)`;

/**
 * Whoever brings people to list $1, or takes some off it, locks it so before what they do to campaigns is committed; whoever starts a campaign on it locks it before the last
 * look at it. So nobody falls between a campaign that is a draft still and a list that has them not yet.
 */
export const moveOnListSql = `select pg_advisory_xact_lock_shared(${listKeySql("$1::text")})`;
export const listStillSql = `select pg_advisory_xact_lock(${listKeySql("$1::text")})`;
