import { defineEntity, p } from "@mikro-orm/core";
import { channelNames } from "../../../attempt/result.ts";
import { appendOnly } from "./append-only.ts";
import { ListEntity } from "./contact.ts";
import { belongsTo, identity } from "./identity.ts";
import { counted } from "./report.ts";
import { told } from "./webhook.ts";

/** A strategy that is carried out on a list. Its passes are campaigns, and their states are its state. */
export const StrategyCampaignEntity = defineEntity({
  name: "StrategyCampaign",
  tableName: "strategy_campaign",
  properties: {
    id: identity(),
    name: p.text().unique("strategy_campaign_name_unique"),
    listId: belongsTo(ListEntity, "list_id"),
    /** The version that is carried out now; versions are never deleted. */
    strategyVersionId: p.bigint("string"),
    /** In which everybody begins, by its name. */
    firstPass: p.text().default(""),
    defaultTimeZone: p.text(),
    createdAt: p.datetime(3),
  },
});

/** When it went over to another version of its strategy, and by whom. Append-only. */
export const StrategyCampaignChangeEntity = defineEntity({
  name: "StrategyCampaignChange",
  tableName: "strategy_campaign_change",
  properties: {
    id: identity(),
    strategyCampaignId: p.bigint("string"),
    at: p.datetime(3),
    byWhom: p.text(),
    beforeVersionId: p.bigint("string"),
    afterVersionId: p.bigint("string"),
  },
  indexes: [{ name: "strategy_campaign_change_strategy_campaign_id_index", properties: ["strategyCampaignId"] }],
  triggers: appendOnly("strategy_campaign_change"),
});

/** Something that happened outside: a payment, a confirmation. Append-only, but that an erasure takes out whom it was about. */
export const EventEntity = defineEntity({
  name: "Event",
  tableName: "event",
  properties: {
    id: identity(),
    name: p.text(),
    /** The sender's own: said again, it is the same event. */
    key: p.text().nullable().unique("event_key_unique"),
    clientId: p.text().nullable(),
    /** E.164, or a mailbox. */
    address: p.text().nullable(),
    amount: p.double().$type<number>().nullable(),
    /** ISO 4217. */
    currency: p.text().nullable(),
    /** By which channel of ours the sender thinks it came about. */
    channel: p.enum(channelNames).nullable(),
    occurredAt: p.datetime(3),
    receivedAt: p.datetime(3),
  },
  triggers: [...appendOnly("event", "erasure"), told("event", "insert")],
});

/** What an event did to a person: one row for each contact that it is about, and for each strategy campaign that it ended or moved them in. Append-only. */
export const EventContactEntity = defineEntity({
  name: "EventContact",
  tableName: "event_contact",
  properties: {
    id: identity(),
    eventId: p.bigint("string"),
    contactId: p.bigint("string"),
    /** Null when there was none that has a treatment for it. */
    strategyCampaignId: p.bigint("string").nullable(),
    /** The pass the person was moved to; null when it ended there. */
    campaignId: p.bigint("string").nullable(),
    /** The attempt that it is put down to. */
    attemptId: p.bigint("string").nullable(),
  },
  indexes: [
    { name: "event_contact_contact_id_index", properties: ["contactId"] },
    { name: "event_contact_event_id_index", properties: ["eventId"] },
    {
      name: "event_contact_attempt_id_index",
      expression: "create index event_contact_attempt_id_index on event_contact (attempt_id) where attempt_id is not null",
    },
  ],
  triggers: [...appendOnly("event_contact"), counted("event_contact")],
});
