import { defineEntity, p } from "@mikro-orm/core";
import { identity } from "./identity.ts";
import { counted } from "./report.ts";
import { told } from "./webhook.ts";

/*
 * Messages. An attempt of a message channel has a row in `message` from the moment before it leaves. Address, contact, campaign and result are its attempt's.
 */

/** What was sent, or was about to be. */
export const MessageEntity = defineEntity({
  name: "Message",
  tableName: "message",
  properties: {
    attemptId: p.bigint("string").primary().autoincrement(false),
    /** The bind or mail pool. */
    via: p.text(),
    /** What the person sees as its sender. */
    fromAddress: p.text(),
    /** SMS: user_message_reference. */
    reference: p.integer().nullable(),
    /** What the person reads; of an e-mail the subject. */
    text: p.text(),
    /** SMS: in how many PDUs it leaves. */
    parts: p.smallint().nullable(),
    submittedAt: p.datetime(3),
  },
});

/**
 * References of messages of which nobody knows whether the SMSC has taken them: its answer never came, or their process died over them. No other message over the same bind gets one of these.
 * Deleted with a late answer, with the first report, or when no report is to be expected any more.
 */
export const MessageUnresolvedEntity = defineEntity({
  name: "MessageUnresolved",
  tableName: "message_unresolved",
  properties: {
    via: p.text().primary(),
    reference: p.integer().primary(),
    attemptId: p.bigint("string"),
  },
});

/** A part of a message that the next server has taken, under the id it gave it. */
export const MessagePartEntity = defineEntity({
  name: "MessagePart",
  tableName: "message_part",
  properties: {
    attemptId: p.bigint("string").primary(),
    /** From 1. */
    part: p.smallint().primary(),
    via: p.text(),
    /** In the form in which ids are compared. */
    remoteId: p.text(),
    /** The last state that was reported. */
    state: p.text().nullable(),
    /** What the final one comes to. */
    result: p.text().nullable(),
    error: p.text().nullable(),
    reportedAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: "message_part_via_remote_id_index", properties: ["via", "remoteId"] }],
});

/** Reports of delivery that fitted no message when they came. */
export const MessageReceiptEntity = defineEntity({
  name: "MessageReceipt",
  tableName: "message_receipt",
  properties: {
    id: identity(),
    via: p.text(),
    /** As written. */
    remoteId: p.text().nullable(),
    reference: p.integer().nullable(),
    state: p.text(),
    error: p.text().nullable(),
    toAddress: p.text(),
    fromAddress: p.text(),
    at: p.datetime(3),
    doneAt: p.datetime(3).nullable(),
    /** Found later. */
    attemptId: p.bigint("string").nullable(),
  },
  indexes: [
    {
      name: "message_receipt_unmatched_index",
      expression: "create index message_receipt_unmatched_index on message_receipt (at, id) where attempt_id is null",
    },
  ],
});

export const incomingStates = ["waiting", "kept", "stop", "help", "start", "keyword", "conversation"] as const;

/** What people wrote to us, as it came in. Evidence: it is never deleted. */
export const IncomingMessageEntity = defineEntity({
  name: "IncomingMessage",
  tableName: "incoming_message",
  properties: {
    id: identity(),
    via: p.text(),
    fromAddress: p.text(),
    /** The number of ours. */
    toAddress: p.text(),
    at: p.datetime(3),
    text: p.text(),
    /** False when parts of it never came. */
    complete: p.boolean().default(true),
    /** data_coding, esm_class, TLVs. */
    details: p.json<Record<string, unknown>>(),
    contactId: p.bigint("string").nullable(),
    campaignId: p.bigint("string").nullable(),
    /** The message of ours it came after. */
    afterAttemptId: p.bigint("string").nullable(),
    state: p.enum(incomingStates),
    /** The keyword it was taken for. */
    keyword: p.text().nullable(),
    /** What we answered. */
    answerAttemptId: p.bigint("string").nullable(),
  },
  indexes: [
    { name: "incoming_message_from_address_id_index", properties: ["fromAddress", "id"] },
    { name: "incoming_message_campaign_id_id_index", properties: ["campaignId", "id"] },
    { name: "incoming_message_contact_id_id_index", properties: ["contactId", "id"] },
    {
      name: "incoming_message_waiting_id_index",
      expression: "create index incoming_message_waiting_id_index on incoming_message (id) where state = 'waiting'",
    },
  ],
  triggers: [counted("incoming_message"), told("incoming_message", "update", "old.state = 'waiting' and new.state <> 'waiting'")],
});

/** What came in and the SMSC was not told that it has: brought again, as after a crash, it is known by its key, and not stored twice. */
export const IncomingUnconfirmedEntity = defineEntity({
  name: "IncomingUnconfirmed",
  tableName: "incoming_unconfirmed",
  properties: {
    /** A hash of what came, from whom and to whom. */
    key: p.text().primary(),
    at: p.datetime(3),
    /** Null of a part whose others are not there. */
    incomingId: p.bigint("string").nullable(),
  },
});

/** Parts of a long message until the others are there. */
export const IncomingPartEntity = defineEntity({
  name: "IncomingPart",
  tableName: "incoming_part",
  properties: {
    via: p.text().primary(),
    fromAddress: p.text().primary(),
    toAddress: p.text().primary(),
    reference: p.integer().primary(),
    total: p.smallint().primary(),
    number: p.smallint().primary(),
    /** Octets, as they came. */
    text: p.blob(),
    dataCoding: p.smallint(),
    at: p.datetime(3),
    details: p.json<Record<string, unknown>>(),
  },
  indexes: [{ name: "incoming_part_at_index", properties: ["at"] }],
});
