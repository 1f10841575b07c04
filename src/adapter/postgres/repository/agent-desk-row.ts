import { defaultWrapUp } from "../../../agent/group.ts";
import type { Decision, Moment } from "../../../agent/ports.ts";
import type { AgentState, Desk, NextState } from "../../../agent/state.ts";
import { timeSql } from "./suppressed.ts";

const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::float8`;

/** All columns of a desk with times in epoch ms, and the wrap-up rules of its group. The time is asked for outside, when the row is locked. */
export const deskSql = `
select d.agent_id::text, d.state, ${ms("d.since")} as since, d.reason, d.attempt_id::text, d.group_id::text, d.beside, ${ms("d.until")} as until, d.extensions,
  d.next_state, d.next_reason, d.session, d.node, d.incarnation::text, ${ms("d.lost_at")} as lost_at, d.holder, d.holder_incarnation::text,
  g.id is not null as grouped, g.wrap_up_ms, g.extension_ms, g.max_extensions
from agent_desk d left join agent_group g on g.id = d.group_id`;

/** The database's time, in epoch ms. */
export const nowSql = `select ${ms("clock_timestamp()")} as now`;

/** A row of the table of desks. */
export interface DeskRow {
  readonly agent_id: string;
  readonly state: AgentState;
  readonly since: number;
  readonly reason: string | null;
  readonly attempt_id: string | null;
  readonly group_id: string | null;
  readonly beside: boolean;
  readonly until: number | null;
  readonly extensions: number | null;
  readonly next_state: NextState["state"] | null;
  readonly next_reason: string | null;
  readonly session: string | null;
  readonly node: string | null;
  readonly incarnation: string | null;
  readonly lost_at: number | null;
  readonly holder: string | null;
  readonly holder_incarnation: string | null;
}

export interface RuledRow extends DeskRow {
  readonly grouped: boolean;
  readonly wrap_up_ms: number | null;
  readonly extension_ms: number;
  readonly max_extensions: number;
}

export function deskOf(row: DeskRow): Desk {
  const { attempt_id: attemptId, group_id: groupId } = row;
  return {
    state: row.state,
    since: row.since,
    ...(row.reason !== null && { reason: row.reason }),
    ...(attemptId !== null && groupId !== null && { hold: { attemptId, groupId, ...(row.beside && { beside: true }) } }),
    ...(row.until !== null && { until: row.until }),
    ...(row.extensions !== null && { extensions: row.extensions }),
    ...(row.next_state !== null && { next: { state: row.next_state, ...(row.next_reason !== null && { reason: row.next_reason }) } }),
  };
}

/** @param now epoch ms; clocks that were set back do not let anything begin before what came before it */
export function momentOf(row: RuledRow, now: number): Moment {
  const wrapUp = row.grouped
    ? { wrapUpMs: row.wrap_up_ms ?? undefined, extensionMs: row.extension_ms, maxExtensions: row.max_extensions }
    : defaultWrapUp;
  return { agentId: row.agent_id, desk: deskOf(row), at: Math.max(now, row.since), wrapUp };
}

/** A row that is to be written, and what the log is to say of it. */
export interface WrittenRow extends DeskRow {
  readonly logged: boolean;
  readonly log_attempt: string | null;
  readonly cause: string;
  readonly by_whom: string | null;
}

export type Seat = Pick<DeskRow, "session" | "node" | "incarnation" | "lost_at" | "holder" | "holder_incarnation">;

/** @param seat what is otherwise of the agent's program and of who has the call */
export function writtenRow(row: DeskRow, { desk, cause, by }: Decision, seat: Partial<Seat> = {}): WrittenRow {
  const before = deskOf(row);
  const { hold, next } = desk;
  const merged = { session: row.session, node: row.node, incarnation: row.incarnation, lost_at: row.lost_at, ...pickHolder(row), ...seat };
  const gone = { session: null, node: null, incarnation: null, lost_at: null };
  return {
    agent_id: row.agent_id,
    state: desk.state,
    since: desk.since,
    reason: desk.reason ?? null,
    attempt_id: hold?.attemptId ?? null,
    group_id: hold?.groupId ?? null,
    beside: hold?.beside ?? false,
    until: desk.until ?? null,
    extensions: desk.extensions ?? null,
    next_state: next?.state ?? null,
    next_reason: next?.reason ?? null,
    ...merged,
    ...(desk.state === "logged-out" && gone),
    // Nobody has the call of somebody who is not on one.
    ...((!hold || desk.state === "wrap-up") && { holder: null, holder_incarnation: null }),
    logged: before.state !== desk.state || before.reason !== desk.reason,
    log_attempt: (hold ?? before.hold)?.attemptId ?? null,
    cause,
    by_whom: by ?? null,
  };
}

function pickHolder({ holder, holder_incarnation }: DeskRow): Pick<DeskRow, "holder" | "holder_incarnation"> {
  return { holder, holder_incarnation };
}

/**
 * Whose an attempt is: the agent who talks to its person, or is held for them while nobody has; whoever is brought in beside them is not. What has ended stays whose it was. The last change of a
 * transaction, and of one attempt: nobody who ends attempts waits for a desk.
 */
const ownedSql = `
  update attempt a set agent_id = r.agent_id from r
  where a.id = r.attempt_id and a.state <> 'ended' and a.agent_id is distinct from r.agent_id and not r.beside and (r.state = 'talking' or r.state in ('reserved', 'ringing') and not exists (
    select from agent_log l where l.agent_id = a.agent_id and l.attempt_id = a.id and l.state = 'talking' and l.at >= a.reserved_at))`;

/** $1 written rows, as JSON. */
export const writeSql = `
with r as materialized (
  select * from json_to_recordset($1::json) as r(
    agent_id bigint, state text, since float8, reason text, attempt_id bigint, group_id bigint, beside boolean, until float8, extensions smallint, next_state text,
    next_reason text, session text, node text, incarnation bigint, lost_at float8, holder text, holder_incarnation bigint,
    logged boolean, log_attempt bigint, cause text, by_whom text)
), written as (
  update agent_desk d set
    state = r.state, since = ${timeSql("r.since")}, reason = r.reason, attempt_id = r.attempt_id, group_id = r.group_id, beside = r.beside, until = ${timeSql("r.until")},
    extensions = r.extensions, next_state = r.next_state, next_reason = r.next_reason, session = r.session, node = r.node, incarnation = r.incarnation,
    lost_at = ${timeSql("r.lost_at")}, holder = r.holder, holder_incarnation = r.holder_incarnation
  from r where d.agent_id = r.agent_id
), owned as (${ownedSql}
)
insert into agent_log (agent_id, at, state, reason, cause, by_whom, attempt_id)
select agent_id, ${timeSql("since")}, state, reason, cause, by_whom, log_attempt from r where logged`;
