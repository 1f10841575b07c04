import { defineEntity, p } from "@mikro-orm/core";
import { writtenStates } from "../../../agent/written-ports.ts";
import { identity } from "./identity.ts";

/** What people wrote that no keyword answers, from the first message until an agent has closed it. */
export const ConversationEntity = defineEntity({
  name: "Conversation",
  tableName: "conversation",
  properties: {
    id: identity(),
    channel: p.text(),
    personAddress: p.text(),
    ownAddress: p.text(),
    contactId: p.bigint("string").nullable(),
    campaignId: p.bigint("string").nullable(),
    groupId: p.bigint("string"),
    state: p.enum(writtenStates),
    takenBy: p.bigint("string").nullable(),
    takenAt: p.datetime(3).nullable(),
    openedAt: p.datetime(3),
    /** Since when the person has no answer; null when they have. */
    waitsSince: p.datetime(3).nullable(),
    /** One more with whatever happens to it. */
    changes: p.integer().default(0),
    closedAt: p.datetime(3).nullable(),
    closedBy: p.bigint("string").nullable(),
    /** What the agent said of it. */
    code: p.text().nullable(),
    note: p.text().nullable(),
  },
  checks: [{ name: "conversation_taken_check", expression: "(state = 'taken') = (taken_by is not null)" }],
  indexes: [
    { name: "conversation_contact_id_index", properties: ["contactId"] },
    {
      name: "conversation_open_unique",
      expression: "create unique index conversation_open_unique on conversation (channel, person_address, own_address) where state <> 'closed'",
    },
    {
      name: "conversation_waiting_index",
      expression: "create index conversation_waiting_index on conversation (group_id, id) where state = 'waiting'",
    },
    { name: "conversation_taken_by_index", expression: "create index conversation_taken_by_index on conversation (taken_by) where state = 'taken'" },
  ],
});

/** What agents answered in one. */
export const ConversationReplyEntity = defineEntity({
  name: "ConversationReply",
  tableName: "conversation_reply",
  properties: {
    attemptId: p.bigint("string").primary().autoincrement(false),
    conversationId: p.bigint("string"),
    agentId: p.bigint("string"),
    at: p.datetime(3),
    text: p.text(),
  },
  indexes: [{ name: "conversation_reply_conversation_id_index", properties: ["conversationId"] }],
});
