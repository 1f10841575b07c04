import { defineEntity, p } from "@mikro-orm/core";
import type { Answering } from "../../../attempt/answering.ts";
import { type CallingMode, callingModeNames, type PacingWishes } from "../../../attempt/calling-mode.ts";
import { channelNames } from "../../../attempt/result.ts";
import type { Retries } from "../../../attempt/treatment.ts";
import { keptStates } from "../../../strategy/campaign.ts";
import type { ContactOrder } from "../../../strategy/strategy.ts";
import { appendOnly } from "./append-only.ts";
import { ListEntity } from "./contact.ts";
import { belongsTo, identity } from "./identity.ts";
import { ScriptEntity, ScriptVersionEntity } from "./script.ts";
import { StrategyCampaignEntity } from "./strategy-campaign.ts";
import { TemplateEntity, TemplateVersionEntity } from "./template.ts";
import { told } from "./webhook.ts";

export const CampaignEntity = defineEntity({
  name: "Campaign",
  tableName: "campaign",
  properties: {
    id: identity(),
    name: p.text().unique("campaign_name_unique"),
    listId: belongsTo(ListEntity, "list_id"),
    channel: p.enum(channelNames).default("voice"),
    /** What a campaign that calls has, and no other: script, mode, trunk, caller id, lines and ring time-out. */
    scriptId: belongsTo(ScriptEntity, "script_id").nullable().deleteRule("no action"),
    /** The version it stays on; null when it follows the releases of its script. */
    scriptVersionId: belongsTo(ScriptVersionEntity, "script_version_id").nullable().deleteRule("no action"),
    /** Who calls back hears this one, unless the number called has its own; null when nothing but the number's message. */
    inboundScriptId: belongsTo(ScriptEntity, "inbound_script_id").nullable().deleteRule("set null"),
    state: p.enum(keptStates),
    mode: p.enum(callingModeNames).$type<CallingMode>().nullable().default("ivr"),
    /** Options of the mode; null when all are the defaults. */
    pacing: p.json<PacingWishes>().nullable(),
    trunk: p.text().nullable(),
    callerId: p.text().nullable(),
    maxCps: p.double().$type<number>(),
    maxLines: p.integer().nullable(),
    ringTimeoutMs: p.integer().nullable(),
    /** What a campaign that writes has, and no other. */
    templateId: belongsTo(TemplateEntity, "template_id").nullable().deleteRule("no action"),
    /** The version it stays on; null when it follows its template. */
    templateVersionId: belongsTo(TemplateVersionEntity, "template_version_id").nullable().deleteRule("no action"),
    sender: p.text().nullable(),
    windowStartMinute: p.smallint(),
    windowEndMinute: p.smallint(),
    /** ISO weekdays, 1 is Monday. */
    windowWeekdays: p.json<readonly number[]>(),
    /** Calendars, and days (compliance/holiday-calendar.ts); null for none. */
    windowHolidays: p.array().nullable(),
    defaultTimeZone: p.text(),
    /** Answering-machine detection; null when there is none. */
    amd: p.json<Answering>().nullable(),
    /** After which results its contacts are called again; null when after none. */
    retries: p.json<Retries>().nullable(),
    /** How many contacts it was started with; null before the start. */
    contacts: p.integer().nullable(),
    /** The strategy campaign that it is a pass of, and under what name there; null for a campaign by itself. */
    strategyCampaignId: belongsTo(StrategyCampaignEntity, "strategy_campaign_id").nullable().deleteRule("no action"),
    pass: p.text().nullable(),
    /** Kinds of addresses that it uses, the first kind first; null for the first that its channel can use. */
    addressKinds: p.array().nullable(),
    /** Null for that of the list. */
    contactOrder: p.json<ContactOrder>().nullable(),
    /** Look-ups that this pass wants besides what the campaign wants. */
    lookups: p.array().nullable(),
    /** Places whose hours this pass keeps for everybody, besides those that the campaign names. */
    laws: p.array().nullable(),
    createdAt: p.datetime(3),
  },
  indexes: [
    { name: "campaign_state_index", properties: ["state"] },
    { name: "campaign_script_id_index", properties: ["scriptId"] },
    { name: "campaign_caller_id_index", properties: ["callerId"] },
    { name: "campaign_template_id_index", properties: ["templateId"] },
  ],
  uniques: [{ name: "campaign_strategy_campaign_id_pass_unique", properties: ["strategyCampaignId", "pass"] }],
  checks: [
    { name: "campaign_pass_check", expression: "(strategy_campaign_id is null) = (pass is null)" },
    {
      name: "campaign_parts_check",
      expression:
        "case when channel = 'voice' then num_nulls(script_id, mode, trunk, caller_id, max_lines, ring_timeout_ms) = 0 and num_nonnulls(template_id, template_version_id, sender) = 0 else num_nulls(template_id, sender) = 0 and num_nonnulls(script_id, script_version_id, inbound_script_id, mode, pacing, trunk, caller_id, max_lines, ring_timeout_ms, amd) = 0 end",
    },
  ],
  triggers: [told("campaign", "update", "new.state is distinct from old.state")],
});

/** What was changed of a campaign, and by whom. Append-only. */
export const CampaignChangeEntity = defineEntity({
  name: "CampaignChange",
  tableName: "campaign_change",
  properties: {
    id: identity(),
    campaignId: p.bigint("string"),
    at: p.datetime(3),
    byWhom: p.text(),
    before: p.json<Record<string, unknown>>(),
    after: p.json<Record<string, unknown>>(),
  },
  indexes: [{ name: "campaign_change_campaign_id_index", properties: ["campaignId"] }],
  triggers: appendOnly("campaign_change"),
});

/**
 * One row per contact that still has to be tried: narrow, deleted when claimed, put back when nothing had left. The only
 * table that claims lock, so it stays as small as what is left to do.
 */
export const WorkEntity = defineEntity({
  name: "Work",
  tableName: "work",
  properties: {
    contactId: p.bigint("string").primary(),
    campaignId: p.bigint("string").primary(),
    dueAt: p.datetime(3),
    /** The address whose turn it is; null for the first that the campaign can use. */
    addressId: p.bigint("string").nullable(),
    /** Whether they were tried before, or a time was named for them. */
    back: p.boolean().default(false),
  },
  indexes: [
    { name: "work_due_index", properties: ["campaignId", "dueAt", "contactId"] },
    { name: "work_back_index", expression: "create index work_back_index on work (campaign_id, due_at, contact_id) where back" },
  ],
});

/**
 * How fast a campaign goes, over all nodes: one row for each that was ever started. Locked by whoever reserves its attempts, so
 * that they come to be one after the other, in the order of their ids.
 */
export const PaceEntity = defineEntity({
  name: "Pace",
  tableName: "pace",
  properties: {
    campaignId: p.bigint("string").primary().autoincrement(false),
    /** When the next call may leave, by the database's clock. */
    nextAt: p.datetime(6),
    /** No attempt below this id is unfinished: counting those in flight begins here, behind the index entries of the ended. */
    oldestId: p.bigint("string"),
    /** No more are in flight; until they are counted for the first time, any number. */
    linesAtMost: p.integer().default(2_147_483_647),
  },
});

/** Why a contact was not called, each time that it was not. Append-only. */
export const RefusalEntity = defineEntity({
  name: "Refusal",
  tableName: "refusal",
  properties: {
    id: identity(),
    campaignId: p.bigint("string"),
    contactId: p.bigint("string"),
    at: p.datetime(3),
    rule: p.text(),
    /** When it is asked again; null when it is for good. */
    retryAt: p.datetime(3).nullable(),
  },
  indexes: [
    { name: "refusal_campaign_id_rule_index", properties: ["campaignId", "rule"] },
    { name: "refusal_contact_id_index", properties: ["contactId"] },
  ],
});
