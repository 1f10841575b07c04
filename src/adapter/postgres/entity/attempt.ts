import { defineEntity, p } from "@mikro-orm/core";
import { attemptStates } from "../../../attempt/attempt.ts";
import { channelNames, resultNames } from "../../../attempt/result.ts";
import type { Follows } from "../../../strategy/follows.ts";
import { identity } from "./identity.ts";
import { attemptCounted } from "./report.ts";
import { attemptTold } from "./webhook.ts";

/**
 * One try on one address. No foreign keys: it is evidence and outlives the contact, and each would lock the campaign's
 * row at every insert.
 */
export const AttemptEntity = defineEntity({
  name: "Attempt",
  tableName: "attempt",
  properties: {
    id: identity(),
    /** Null for a call from outside: those count under no limit of a campaign. */
    campaignId: p.bigint("string").nullable(),
    /** Null for a caller nobody knows. */
    contactId: p.bigint("string").nullable(),
    addressId: p.bigint("string").nullable(),
    /** Of a call from outside: the number of ours that was called (E.164). */
    calledNumber: p.text().nullable(),
    /** The campaign whose caller it was taken for, if any. */
    inboundCampaignId: p.bigint("string").nullable(),
    /** What the person hears; null in attempts from before it was kept. */
    scriptVersionId: p.bigint("string").nullable(),
    /** What a message is made of. */
    templateVersionId: p.bigint("string").nullable(),
    channel: p.enum(channelNames),
    address: p.text(),
    state: p.enum(attemptStates),
    result: p.enum(resultNames).nullable(),
    outcome: p.text().nullable(),
    reason: p.text().nullable(),
    sipStatus: p.smallint().nullable(),
    q850: p.smallint().nullable(),
    /** The node that makes it. */
    node: p.text(),
    /** Its process is dead, or counted as dead: nothing may leave for it any more. */
    orphaned: p.boolean().default(false),
    /** Orphaned, and a living process clears it up. */
    taken: p.boolean().default(false),
    /** Its person opted out while it was on its way: whoever rings must stop. */
    withdrawn: p.boolean().default(false),
    /** Its contact waited for its turn, and does so again when nothing has left. False for those whom an agent chose though they were done with. */
    waited: p.boolean().default(true),
    /** The person asked for it, so the campaign need not run. */
    promised: p.boolean().default(false),
    permitUntil: p.datetime(3),
    reservedAt: p.datetime(3),
    sendingAt: p.datetime(3).nullable(),
    ringingAt: p.datetime(3).nullable(),
    answeredAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    /**
     * Whether it is unfinished, for indexes; null of messages of campaigns, which no index lists: see `unfinishedAttemptsSql`. By `state`, which nearly every update sets: of one that sets nothing a
     * generated column is made of, PostgreSQL 18 reads all their expressions anew for each row.
     */
    listedUnfinished: p
      .boolean()
      .nullable()
      .generated("(case when channel = 'voice' or campaign_id is null then state <> 'ended' else null end) stored"),
    /** Its result, for the index of those: without that of nearly every message, so that to end one writes into no index. */
    listedResult: p.text().nullable().generated("(nullif(result, 'delivered')) stored"),
    /** When its person was abandoned. */
    abandonedAt: p.datetime(3).nullable().generated("(case when result = 'abandoned' then ended_at else null end) stored"),
    /** When its contact was put back among those waiting: since when it is due again. */
    againAt: p.datetime(3).nullable(),
    /** Of a pass: what follows each ending it may have; see `Follows`. Null in campaigns by themselves. */
    follows: p.json<Follows>().nullable(),
    /** The campaign in which its contact is due again, where that is another one. */
    nextCampaignId: p.bigint("string").nullable(),
    callId: p.text().nullable(),
    transactionId: p.text().nullable(),
    dialogId: p.text().nullable(),
    mediaServer: p.text().nullable(),
    endpointId: p.text().nullable(),
    /** Whose it is: the agent who talked last, or else was held for it last; of a message, who wrote it or had it sent. Settled when a call has ended. */
    agentId: p.bigint("string").nullable(),
  },
  checks: [
    { name: "attempt_inbound_check", expression: "(campaign_id is null) = (called_number is not null) or channel <> 'voice'" },
    { name: "attempt_ended_check", expression: "(state = 'ended') = (result is not null) and (state = 'ended') = (ended_at is not null)" },
  ],
  indexes: [
    { name: "attempt_campaign_id_id_index", properties: ["campaignId", "id"], fillFactor: 45 },
    {
      name: "attempt_campaign_id_result_index",
      expression: "create index attempt_campaign_id_result_index on attempt (campaign_id, listed_result, id) where listed_result is not null",
    },
    // What frequency caps count: of a person whose attempts are many only those of the window are read.
    { name: "attempt_contact_id_reserved_at_index", properties: ["contactId", "reservedAt"], fillFactor: 45 },
    { name: "attempt_address_reserved_at_index", properties: ["address", "reservedAt"], fillFactor: 45 },
    {
      name: "attempt_inbound_campaign_id_id_index",
      expression: "create index attempt_inbound_campaign_id_id_index on attempt (inbound_campaign_id, id) where called_number is not null",
    },
    {
      name: "attempt_inbound_unfinished_address_index",
      expression:
        "create index attempt_inbound_unfinished_address_index on attempt (address) where address is not null and called_number is not null and listed_unfinished",
    },
    {
      name: "attempt_inbound_unfinished_contact_id_index",
      expression:
        "create index attempt_inbound_unfinished_contact_id_index on attempt (contact_id) where contact_id is not null and called_number is not null and listed_unfinished",
    },
    // None on state, ended_at or result: so that each change of a message stays a HOT update.
    // One for who asks by campaign and who asks by node. What stands behind the "and" is true for both, and goes without saying; without it the index would serve every question about
    // unfinished attempts, and be read as a whole for it.
    {
      name: "attempt_unfinished_index",
      expression:
        "create index attempt_unfinished_index on attempt (campaign_id, id, node) where listed_unfinished and (campaign_id is not null or node is not null)",
    },
    {
      name: "attempt_abandoned_address_index",
      expression: "create index attempt_abandoned_address_index on attempt (address, abandoned_at) where abandoned_at is not null",
    },
    {
      name: "attempt_abandoned_contact_id_index",
      expression: "create index attempt_abandoned_contact_id_index on attempt (contact_id, abandoned_at) where abandoned_at is not null",
    },
    {
      name: "attempt_again_campaign_id_contact_id_index",
      expression: "create index attempt_again_campaign_id_contact_id_index on attempt (campaign_id, contact_id) where again_at is not null",
    },
  ],
  triggers: [attemptCounted, attemptTold],
});

/** What happened to an attempt, in order. Append-only. */
export const AttemptEventEntity = defineEntity({
  name: "AttemptEvent",
  tableName: "attempt_event",
  properties: {
    id: identity(),
    attemptId: p.bigint("string"),
    at: p.datetime(3),
    kind: p.enum([
      "sent",
      "ringing",
      "early-media",
      "answered",
      "step",
      "transfer",
      "guard",
      "ladder",
      "suppress",
      "send",
      "callback",
      "report",
      "ended",
    ]),
    detail: p.json<Record<string, unknown>>().nullable(),
  },
  indexes: [{ name: "attempt_event_attempt_id_index", properties: ["attemptId"] }],
});

/** A Carillon process that makes attempts, by its name. `incarnation` is another with each start. */
export const NodeEntity = defineEntity({
  name: "Node",
  tableName: "node",
  properties: {
    name: p.text().primary(),
    incarnation: p.bigint("string"),
    leaseUntil: p.datetime(3),
    startedAt: p.datetime(3),
  },
});
