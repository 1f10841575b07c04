import type pg from "pg";
import type { AnswerView, AttemptDetail, AttemptFilter, AttemptReader, AttemptView, EffectView, EventView, Page } from "../../../api/ports.ts";
import type { Ladder, LadderLeg, Rung } from "../../../attempt/ladder.ts";
import { databaseFault } from "../faults.ts";
import { idOr0, isId } from "./id.ts";

/** A script that goes in circles for an hour is not read to its end. */
const mostEvents = 5000;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const view = `a.id::text, coalesce(a.campaign_id, a.inbound_campaign_id)::text as "campaignId", a.contact_id::text as "contactId", a.address_id::text as "addressId",
  a.called_number as "calledNumber", a.channel, a.address, a.state, a.result, a.outcome, a.reason, a.sip_status as "sipStatus", a.q850, a.call_id as "callId",
  ${ms("a.reserved_at")} as "reservedAt", ${ms("a.answered_at")} as "answeredAt", ${ms("a.ended_at")} as "endedAt", ${ms("a.again_at")} as "againAt"`;

/** All that is known of one, in one statement. $1 its id, $2 how many events. */
const detailSql = `
select ${view},
  (select json_build_object('name', s.name, 'version', v.version) from script_version v join script s on s.id = v.script_id where v.id = a.script_version_id) as script,
  (select json_agg(json_build_object('at', ${ms("e.at")}, 'kind', e.kind, 'detail', e.detail) order by e.id)
    from (select * from attempt_event where attempt_id = a.id order by id limit $2) e) as events,
  (select json_agg(json_build_object('name', n.name, 'value', n.value, 'durationMs', n.duration_ms) order by n.name)
    from answer n where n.attempt_id = a.id) as answers,
  (select json_agg(json_build_object('kind', f.kind, 'state', f.state, 'body', f.body, 'at', ${ms("f.at")}, 'dueAt', ${ms("f.due_at")},
    'expiresAt', ${ms("f.expires_at")}) order by f.id) from effect f where f.attempt_id = a.id) as effects,
  case when a.channel = 'sms' then (
    select json_agg(json_build_object('part', p.part, 'state', p.state, 'result', p.result, 'error', p.error, 'reportedAt', ${ms("p.reported_at")}) order by p.part)
    from message_part p where p.attempt_id = a.id and p.result is not null) end as reports
from attempt a where a.id = $1`;

/** In plain SQL: a mapper's entities cost a page of attempts ten times as much processor time. */
export class PostgresAttemptReader implements AttemptReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async attempts(campaignId: string, { result, contactId, inbound }: AttemptFilter, { limit, afterId }: Page): Promise<readonly AttemptView[]> {
    if (!isId(campaignId) || (contactId !== undefined && !isId(contactId))) return [];
    const of = inbound ? "a.inbound_campaign_id = $1 and a.called_number is not null" : "a.campaign_id = $1";
    const values: unknown[] = [campaignId, idOr0(afterId), limit];
    const also = (condition: string, value: unknown) => (value === undefined ? "" : ` and ${condition} = $${values.push(value)}`);
    const where = `${of} and a.id > $2${also(result === "delivered" ? "a.result" : "a.listed_result", result)}${also("a.contact_id", contactId)}`;
    return (await this.#rows<Row>("read attempts", `select ${view} from attempt a where ${where} order by a.id limit $3`, values)).map(toView);
  }

  async attempt(id: string): Promise<AttemptDetail | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.#rows<DetailRow>("read an attempt", detailSql, [id, mostEvents]);
    if (!row) return undefined;
    const all = row.events ?? [];
    const events = all.filter(({ kind }) => kind !== "ladder").map(({ at, kind, detail }) => ({ at, kind, detail: detail ?? {} }));
    return {
      ...toView(row),
      script: row.script ?? undefined,
      path: events.filter(({ kind }) => kind === "step").map(({ detail }) => String(detail["step"] ?? "")),
      answers: (row.answers ?? []).map((answer) => ({ ...answer, durationMs: answer.durationMs ?? undefined })),
      effects: (row.effects ?? []).map((effect) => ({ ...effect, expiresAt: effect.expiresAt ?? undefined })),
      events: [...events, ...(row.reports ?? []).flatMap(reportOf)].sort(byTime),
      ladder: joined(all.filter(({ kind }) => kind === "ladder").map(({ detail }) => detail as unknown as Ladder)),
    };
  }

  async #rows<Found extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Found[]> {
    try {
      return (await this.#pool.query<Found>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

/** What was reported of a part of a message is kept with the part. */
function reportOf({ part, state, result, error, reportedAt }: ReportRow): AttemptDetail["events"] {
  if (reportedAt === null) return [];
  const reason = result === "delivered" ? result : [state, error].filter(Boolean).join(" ");
  return [{ at: reportedAt, kind: "report", detail: { result, reason, part } }];
}

function byTime(one: { readonly at: number }, other: { readonly at: number }): number {
  return one.at - other.at;
}

/**
 * Its parts in the order in which they were written: one for a call that was not answered, a few for one that was. The last may be of another process, which has
 * numbers and a beginning of its own.
 */
function joined(parts: readonly Ladder[]): Ladder | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const legs: LadderLeg[] = [];
  const rungs = parts.flatMap((part) => {
    const numbers = new Map<number, number>();
    for (const each of part.legs) {
      // Written again by a successor, who knows less of it.
      const known = legs.find(({ callId }) => callId === each.callId);
      const leg = known?.leg ?? (legs.some((other) => other.leg === each.leg) ? legs.length + 1 : each.leg);
      numbers.set(each.leg, leg);
      if (!known) legs.push({ ...each, leg });
    }
    return part.rungs.map((rung): Rung => ({ ...rung, ms: rung.ms + part.startedAt - first.startedAt, leg: numbers.get(rung.leg) ?? rung.leg }));
  });
  return { startedAt: first.startedAt, legs, rungs, leftOut: parts.reduce((sum, { leftOut }) => sum + leftOut, 0) };
}

interface ReportRow {
  readonly part: number;
  readonly state: string | null;
  readonly result: string;
  readonly error: string | null;
  readonly reportedAt: number | null;
}

/** A row has null where a view has nothing. */
type Nullable<View, Kept extends keyof View> = { readonly [Key in Exclude<keyof View, Kept>]: View[Key] | null } & Pick<View, Kept>;

type Row = Nullable<AttemptView, "id" | "channel" | "address" | "state" | "reservedAt">;

interface DetailRow extends Row {
  readonly script: NonNullable<AttemptDetail["script"]> | null;
  readonly events: readonly Nullable<EventView, "at" | "kind">[] | null;
  readonly answers: readonly Nullable<AnswerView, "name" | "value">[] | null;
  readonly effects: readonly Nullable<EffectView, "kind" | "state" | "body" | "at" | "dueAt">[] | null;
  readonly reports: readonly ReportRow[] | null;
}

function toView(row: Row): AttemptView {
  return {
    id: row.id,
    campaignId: row.campaignId ?? undefined,
    contactId: row.contactId ?? undefined,
    addressId: row.addressId ?? undefined,
    calledNumber: row.calledNumber ?? undefined,
    channel: row.channel,
    address: row.address,
    state: row.state,
    result: row.result ?? undefined,
    outcome: row.outcome ?? undefined,
    reason: row.reason ?? undefined,
    sipStatus: row.sipStatus ?? undefined,
    q850: row.q850 ?? undefined,
    callId: row.callId ?? undefined,
    reservedAt: row.reservedAt,
    answeredAt: row.answeredAt ?? undefined,
    endedAt: row.endedAt ?? undefined,
    againAt: row.againAt ?? undefined,
  };
}
