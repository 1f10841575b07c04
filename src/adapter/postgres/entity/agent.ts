import { defineEntity, p } from "@mikro-orm/core";
import { callbackStates } from "../../../agent/callback.ts";
import type { DeskRules } from "../../../agent/desk-rules.ts";
import type { Disposition } from "../../../agent/disposition.ts";
import { agentStates } from "../../../agent/state.ts";
import { channelNames } from "../../../attempt/result.ts";
import { appendOnly } from "./append-only.ts";
import { CampaignEntity } from "./campaign.ts";
import { belongsTo, identity } from "./identity.ts";
import { agentTimeCounted, counted } from "./report.ts";
import { told } from "./webhook.ts";

export const AgentEntity = defineEntity({
  name: "Agent",
  tableName: "agent",
  properties: {
    id: identity(),
    name: p.text().unique("agent_name_unique"),
    active: p.boolean().default(true),
    createdAt: p.datetime(3),
  },
});

export const AgentGroupEntity = defineEntity({
  name: "AgentGroup",
  tableName: "agent_group",
  properties: {
    id: identity(),
    name: p.text().unique("agent_group_name_unique"),
    /** Null: without limit. */
    wrapUpMs: p.integer().nullable(),
    extensionMs: p.integer(),
    maxExtensions: p.smallint(),
    createdAt: p.datetime(3),
  },
});

export const MembershipEntity = defineEntity({
  name: "Membership",
  tableName: "membership",
  properties: {
    agentId: belongsTo(AgentEntity, "agent_id").primary(),
    groupId: belongsTo(AgentGroupEntity, "group_id").primary(),
    priority: p.smallint(),
    skills: p.array(),
  },
  indexes: [{ name: "membership_group_id_index", properties: ["groupId"] }],
});

/** Which groups work for which campaigns. */
export const GroupCampaignEntity = defineEntity({
  name: "GroupCampaign",
  tableName: "group_campaign",
  properties: {
    groupId: belongsTo(AgentGroupEntity, "group_id").primary(),
    campaignId: belongsTo(CampaignEntity, "campaign_id").primary(),
  },
  indexes: [{ name: "group_campaign_campaign_id_index", properties: ["campaignId"] }],
});

export const ReasonCodeEntity = defineEntity({
  name: "ReasonCode",
  tableName: "reason_code",
  properties: { code: p.text().primary(), label: p.text(), position: p.smallint() },
});

/** The dispositions of a campaign that has a set of its own. */
export const DispositionSetEntity = defineEntity({
  name: "DispositionSet",
  tableName: "disposition_set",
  properties: { campaignId: p.bigint("string").primary().autoincrement(false), entries: p.json<readonly Disposition[]>(), changedAt: p.datetime(3) },
});

/** What the agents of a campaign see and may do; without a row the default rules hold. */
export const CampaignDeskEntity = defineEntity({
  name: "CampaignDesk",
  tableName: "campaign_desk",
  properties: { campaignId: p.bigint("string").primary().autoincrement(false), rules: p.json<DeskRules>(), changedAt: p.datetime(3) },
});

/** What an agent does at this moment: one row each, locked by whoever moves or reserves them. */
export const AgentDeskEntity = defineEntity({
  name: "AgentDesk",
  tableName: "agent_desk",
  properties: {
    agentId: p.bigint("string").primary().autoincrement(false),
    state: p.enum(agentStates),
    since: p.datetime(3),
    reason: p.text().nullable(),
    attemptId: p.bigint("string").nullable(),
    groupId: p.bigint("string").nullable(),
    /** Another agent has the attempt, and has brought this one in. */
    beside: p.boolean().default(false),
    until: p.datetime(3).nullable(),
    extensions: p.smallint().nullable(),
    nextState: p.text().nullable(),
    nextReason: p.text().nullable(),
    /** The agent's program, and the process that it is connected to. */
    session: p.text().nullable(),
    node: p.text().nullable(),
    incarnation: p.bigint("string").nullable(),
    /** Since when the program is gone. */
    lostAt: p.datetime(3).nullable(),
    /** The process that has the call. */
    holder: p.text().nullable(),
    holderIncarnation: p.bigint("string").nullable(),
  },
  checks: [{ name: "agent_desk_hold_check", expression: "(state in ('reserved', 'ringing', 'talking', 'wrap-up')) = (attempt_id is not null)" }],
  indexes: [
    {
      name: "agent_desk_attempt_unique",
      expression:
        "create unique index agent_desk_attempt_unique on agent_desk (attempt_id) where state in ('reserved', 'ringing', 'talking') and not beside",
    },
  ],
});

/** Every state an agent was in. Append-only. */
export const AgentLogEntity = defineEntity({
  name: "AgentLog",
  tableName: "agent_log",
  properties: {
    id: identity(),
    agentId: p.bigint("string"),
    at: p.datetime(3),
    state: p.text(),
    reason: p.text().nullable(),
    cause: p.text(),
    byWhom: p.text().nullable(),
    attemptId: p.bigint("string").nullable(),
  },
  indexes: [{ name: "agent_log_agent_id_at_id_index", properties: ["agentId", "at", "id"] }],
  triggers: [...appendOnly("agent_log"), agentTimeCounted],
});

/** What agents said of conversations. Append-only. */
export const DispositionEntity = defineEntity({
  name: "Disposition",
  tableName: "disposition",
  properties: {
    id: identity(),
    contactId: p.bigint("string"),
    campaignId: p.bigint("string"),
    attemptId: p.bigint("string").nullable(),
    callbackId: p.bigint("string").nullable(),
    agentId: p.bigint("string"),
    /** Of a written conversation that of its messages; null: on the telephone. */
    channel: p.enum(channelNames).nullable(),
    code: p.text(),
    category: p.text(),
    /** Whom the agent had on the line: `person`, `machine` or `unclear`; null where that was not kept yet. */
    answeredBy: p.text().nullable(),
    amount: p.double().$type<number>().nullable(),
    day: p.text().nullable(),
    note: p.text().nullable(),
    at: p.datetime(3),
  },
  indexes: [
    { name: "disposition_contact_id_index", properties: ["contactId"] },
    { name: "disposition_campaign_id_code_index", properties: ["campaignId", "code"] },
  ],
  triggers: [counted("disposition"), ...appendOnly("disposition", "erasure"), told("disposition", "insert")],
});

export const NoteEntity = defineEntity({
  name: "Note",
  tableName: "note",
  properties: { id: identity(), contactId: p.bigint("string"), agentId: p.bigint("string"), text: p.text(), at: p.datetime(3) },
  indexes: [{ name: "note_contact_id_index", properties: ["contactId"] }],
});

export const CallbackEntity = defineEntity({
  name: "Callback",
  tableName: "callback",
  properties: {
    id: identity(),
    campaignId: p.bigint("string"),
    contactId: p.bigint("string"),
    attemptId: p.bigint("string").nullable(),
    /** The wish of a script from which it came. */
    effectId: p.bigint("string").nullable(),
    state: p.enum(callbackStates),
    dueAt: p.datetime(3),
    agentId: p.bigint("string").nullable(),
    fallbackAt: p.datetime(3).nullable(),
    takenBy: p.bigint("string").nullable(),
    note: p.text().nullable(),
    source: p.text(),
    createdAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
  },
  checks: [{ name: "callback_taken_check", expression: "(state = 'taken') <= (taken_by is not null)" }],
  uniques: [{ name: "callback_effect_id_unique", properties: ["effectId"] }],
  indexes: [
    { name: "callback_campaign_id_due_at_index", properties: ["campaignId", "dueAt"] },
    { name: "callback_taken_by_index", expression: "create index callback_taken_by_index on callback (taken_by) where state = 'taken'" },
    { name: "callback_contact_id_index", properties: ["contactId"] },
  ],
});
