import type { ChannelName } from "../../../attempt/result.ts";
import type { LoadMode, Suppression, SuppressionList, Whom } from "../../../compliance/suppression.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** Rows of `ListRow`. @param rest what follows */
export const listsWhere = (rest: string) => `
select l.id::text, l.name, l.kind, l.mandatory, l.channels, l.reason, l.entries::float8 as entries, ${ms("l.created_at")} as created_at, l.created_by,
  ${ms("o.at")} as loaded_at, o.dated::text, o.file, o.mode
from suppression_list l
left join lateral (select at, dated, file, mode from suppression_load where list_id = l.id order by id desc limit 1) o on true ${rest}`;

export interface ListRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string | null;
  readonly mandatory: boolean;
  readonly channels: readonly ChannelName[] | null;
  readonly reason: string;
  readonly entries: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly loaded_at: number | null;
  readonly dated: string | null;
  readonly file: string | null;
  readonly mode: LoadMode | null;
}

export function toList(row: ListRow): SuppressionList {
  const { id, name, kind, mandatory, channels, reason, entries, loaded_at: at, dated, file, mode } = row;
  const loaded = at === null || mode === null ? undefined : { at, mode, ...(dated !== null && { dated }), ...(file !== null && { file }) };
  const base = { id, name, mandatory, channels: channels ?? [], reason, entries, createdAt: row.created_at, createdBy: row.created_by };
  return { ...base, ...(kind !== null && { kind }), ...(loaded && { loaded }) };
}

/** Rows of `SuppressionRow`. @param rest what follows */
export const suppressionsWhere = (rest: string) => `
select s.id::text, s.number, s.mailbox, s.client_id, s.subject, s.subject_kind, s.campaign_id::text, s.channel, l.channels, coalesce(nullif(s.reason, ''), l.reason, '') as reason, s.source,
  s.attempt_id::text, l.name as list, l.mandatory, ${ms("s.created_at")} as created_at, s.recorded_by, ${ms("s.expires_at")} as expires_at, s.ended_by, s.ended_reason
from suppression s left join suppression_list l on l.id = s.list_id ${rest}`;

export interface SuppressionRow {
  readonly id: string;
  readonly number: string | null;
  readonly mailbox: string | null;
  readonly client_id: string | null;
  readonly subject: string | null;
  readonly subject_kind: Whom["kind"] | null;
  readonly campaign_id: string | null;
  readonly channel: ChannelName | null;
  readonly channels: readonly ChannelName[] | null;
  readonly reason: string;
  readonly source: string;
  readonly attempt_id: string | null;
  readonly list: string | null;
  readonly mandatory: boolean | null;
  readonly created_at: number;
  readonly recorded_by: string | null;
  readonly expires_at: number | null;
  readonly ended_by: string | null;
  readonly ended_reason: string | null;
}

export function toSuppression(row: SuppressionRow): Suppression {
  const { id, campaign_id: campaignId, channel, channels, reason, source, attempt_id: attemptId, list, mandatory } = row;
  const { recorded_by: recordedBy, expires_at: expiresAt, ended_by: endedBy, ended_reason: endedReason } = row;
  return {
    ...{ id, whom: whomOf(row), channels: channel === null ? (channels ?? []) : [channel], reason, source, createdAt: row.created_at },
    ...(campaignId !== null && { campaignId }),
    ...(attemptId !== null && { attemptId }),
    ...(list !== null && { list }),
    ...(mandatory !== null && { mandatory }),
    ...(recordedBy !== null && { recordedBy }),
    ...(expiresAt !== null && { expiresAt }),
    ...(endedBy !== null && { endedBy }),
    ...(endedReason !== null && { endedReason }),
  };
}

function whomOf({ number, mailbox, client_id: clientId, subject, subject_kind: kind }: SuppressionRow): Whom {
  if (subject !== null) return { kind: kind ?? "client-id", value: `${erasedMark}${subject}` };
  if (number !== null) return { kind: "number", value: number };
  return mailbox === null ? { kind: "client-id", value: clientId ?? "" } : { kind: "mailbox", value: mailbox };
}

/** What stands before the hash of somebody who was erased, where others have a number, a mailbox or a client id. */
const erasedMark = "erased:";

/** The column in which somebody is named. */
export const whomColumns = { number: "number", mailbox: "mailbox", "client-id": "client_id" } as const;
