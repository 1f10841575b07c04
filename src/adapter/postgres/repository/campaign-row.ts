import type { Answering } from "../../../attempt/answering.ts";
import type { CallingMode, PacingWishes } from "../../../attempt/calling-mode.ts";
import type { MessageChannel } from "../../../attempt/message-ports.ts";
import type { Retries } from "../../../attempt/treatment.ts";
import type { Campaign, CampaignState } from "../../../strategy/campaign.ts";
import type { PassOf } from "../../../strategy/pass-of.ts";
import type { ContactOrder } from "../../../strategy/strategy.ts";

/** Rows of `CampaignRow`; what follows is the rest of the statement. Whoever follows a script or a template has the version that is current. */
export const campaignsWhere = (rest: string) => `
select c.id::text as id, c.name, c.list_id::text as "listId", c.channel, case when c.state = 'draft' and h.starts then 'ready' else c.state end as state, h.stays_open as "staysOpen", c.max_cps as "maxCps",
  c.window_start_minute as "windowStartMinute", c.window_end_minute as "windowEndMinute", c.window_weekdays as "windowWeekdays", c.window_holidays as "windowHolidays",
  c.default_time_zone as "defaultTimeZone", (select array_agg(distinct n order by n) from unnest(coalesce(c.laws, '{}') || coalesce((select g.laws from campaign_safeguard g where g.campaign_id = c.id), '{}')) n) as laws, c.retries, c.pass, c.strategy_campaign_id::text as "strategyCampaignId", c.contact_order as "order",
  (select strategy_version_id from strategy_campaign where id = c.strategy_campaign_id)::text as "strategyVersionId",
  s.name as script, c.script_version_id is not null as "scriptPinned",
  coalesce(c.script_version_id, (select r.version_id from script_release r where r.script_id = c.script_id order by r.id desc limit 1))::text
    as "scriptVersionId",
  c.mode, c.pacing, c.trunk, c.caller_id as "callerId", c.max_lines as "maxLines", c.ring_timeout_ms as "ringTimeoutMs", c.amd,
  t.name as template, c.template_version_id is not null as "templatePinned",
  coalesce(c.template_version_id, (select v.id from template_version v where v.template_id = c.template_id order by v.id desc limit 1))::text
    as "templateVersionId",
  c.sender
from campaign c left join script s on s.id = c.script_id left join template t on t.id = c.template_id
left join lateral (select e.stays_open, e.next_step is not null as starts from campaign_schedule e where e.campaign_id = c.id or e.strategy_campaign_id = c.strategy_campaign_id) h on true ${rest}`;

interface AnyRow {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  readonly state: CampaignState;
  readonly maxCps: number;
  readonly windowStartMinute: number;
  readonly windowEndMinute: number;
  readonly windowWeekdays: readonly number[];
  readonly windowHolidays: readonly string[] | null;
  readonly laws: readonly string[] | null;
  readonly defaultTimeZone: string;
  readonly retries: Retries | null;
  /** Null where it has no schedule. */
  readonly staysOpen: boolean | null;
  /** Null of a campaign by itself, as what follows. */
  readonly pass: string | null;
  readonly strategyCampaignId: string | null;
  readonly strategyVersionId: string | null;
  readonly order: ContactOrder | null;
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
  const { id, name, listId, state, maxCps, defaultTimeZone, retries, staysOpen, laws } = row;
  const { windowHolidays: holidays } = row;
  const window = { startMinute: row.windowStartMinute, endMinute: row.windowEndMinute, weekdays: row.windowWeekdays, ...(holidays && { holidays }) };
  const pass = passOf(row);
  const any = {
    id,
    name,
    listId,
    state,
    maxCps,
    window,
    defaultTimeZone,
    ...(retries && { retries }),
    ...(laws && { laws }),
    ...(pass && { pass }),
    ...(staysOpen && { staysOpen }),
  };
  if (row.channel !== "voice") {
    const { channel, template, templateVersionId, templatePinned, sender } = row;
    return { ...any, channel, template, templateVersionId, templatePinned, sender };
  }
  const { channel, script, scriptVersionId, scriptPinned, mode, pacing, trunk, callerId, maxLines, ringTimeoutMs, amd } = row;
  const voice = { channel, script, scriptVersionId, scriptPinned, mode, trunk, callerId, maxLines, ringTimeoutMs };
  return { ...any, ...voice, ...(pacing && { pacing }), ...(amd && { amd }) };
}

function passOf({ pass, strategyCampaignId, strategyVersionId, order }: CampaignRow): PassOf | undefined {
  if (pass === null || strategyCampaignId === null || strategyVersionId === null) return undefined;
  return { strategyCampaignId, name: pass, strategyVersionId, order: order ?? { by: "list" } };
}
