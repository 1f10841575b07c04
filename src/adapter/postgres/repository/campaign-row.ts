import type { Answering } from "../../../attempt/answering.ts";
import type { CallingMode, PacingWishes } from "../../../attempt/calling-mode.ts";
import type { MessageChannel } from "../../../attempt/message-ports.ts";
import type { Retries } from "../../../attempt/treatment.ts";
import type { Campaign, CampaignState } from "../../../strategy/campaign.ts";

/** Rows of `CampaignRow`; what follows is the rest of the statement. Whoever follows a script or a template has the version that is current. */
export const campaignsWhere = (rest: string) => `
select c.id::text as id, c.name, c.list_id::text as "listId", c.channel, c.state, c.max_cps as "maxCps",
  c.window_start_minute as "windowStartMinute", c.window_end_minute as "windowEndMinute", c.window_weekdays as "windowWeekdays",
  c.default_time_zone as "defaultTimeZone", c.retries,
  s.name as script, c.script_version_id is not null as "scriptPinned",
  coalesce(c.script_version_id, (select r.version_id from script_release r where r.script_id = c.script_id order by r.id desc limit 1))::text
    as "scriptVersionId",
  c.mode, c.pacing, c.trunk, c.caller_id as "callerId", c.max_lines as "maxLines", c.ring_timeout_ms as "ringTimeoutMs", c.amd,
  t.name as template, c.template_version_id is not null as "templatePinned",
  coalesce(c.template_version_id, (select v.id from template_version v where v.template_id = c.template_id order by v.id desc limit 1))::text
    as "templateVersionId",
  c.sender
from campaign c left join script s on s.id = c.script_id left join template t on t.id = c.template_id ${rest}`;

interface AnyRow {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  readonly state: CampaignState;
  readonly maxCps: number;
  readonly windowStartMinute: number;
  readonly windowEndMinute: number;
  readonly windowWeekdays: readonly number[];
  readonly defaultTimeZone: string;
  readonly retries: Retries | null;
}

interface VoiceRow extends AnyRow {
  readonly channel: "voice";
  readonly script: string;
  readonly scriptVersionId: string;
  readonly scriptPinned: boolean;
  readonly mode: CallingMode;
  readonly pacing: PacingWishes | null;
  readonly trunk: string;
  readonly callerId: string;
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
  readonly amd: Answering | null;
}

interface MessageRow extends AnyRow {
  readonly channel: MessageChannel;
  readonly template: string;
  readonly templateVersionId: string;
  readonly templatePinned: boolean;
  readonly sender: string;
}

/** What a campaign's columns hold, by its channel: a check of the table says so. */
export type CampaignRow = VoiceRow | MessageRow;

export function toCampaign(row: CampaignRow): Campaign {
  const { id, name, listId, state, maxCps, defaultTimeZone, retries } = row;
  const window = { startMinute: row.windowStartMinute, endMinute: row.windowEndMinute, weekdays: row.windowWeekdays };
  const any = { id, name, listId, state, maxCps, window, defaultTimeZone, ...(retries && { retries }) };
  if (row.channel !== "voice") {
    const { channel, template, templateVersionId, templatePinned, sender } = row;
    return { ...any, channel, template, templateVersionId, templatePinned, sender };
  }
  const { channel, script, scriptVersionId, scriptPinned, mode, pacing, trunk, callerId, maxLines, ringTimeoutMs, amd } = row;
  const voice = { channel, script, scriptVersionId, scriptPinned, mode, trunk, callerId, maxLines, ringTimeoutMs };
  return { ...any, ...voice, ...(pacing && { pacing }), ...(amd && { amd }) };
}
