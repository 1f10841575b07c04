import { defineEntity, p } from "@mikro-orm/core";
import { webhookMessageStates } from "../../../webhook/message.ts";
import { identity } from "./identity.ts";

/** Somebody else's system that is told what happens here. */
export const WebhookEntity = defineEntity({
  name: "Webhook",
  tableName: "webhook",
  properties: {
    id: identity(),
    name: p.text().unique("webhook_name_unique"),
    url: p.text(),
    /** Types of src/webhook/event.ts. */
    events: p.array(),
    active: p.boolean(),
    /** What requests are signed with: src/access/seal.ts. */
    sealedSecret: p.text(),
    /** The one before: signed with too, until then. */
    sealedPrevious: p.text().nullable(),
    previousUntil: p.datetime(3).nullable(),
    /** Since when nothing was taken; null while all is well. */
    failingSince: p.datetime(3).nullable(),
    disabledReason: p.text().nullable(),
    createdAt: p.datetime(3),
    changedAt: p.datetime(3),
  },
  indexes: [{ name: "webhook_active_index", expression: "create index webhook_active_index on webhook (id) where active" }],
  triggers: [
    {
      name: "webhook_listening",
      timing: "after",
      events: ["insert", "update", "delete"],
      forEach: "statement",
      expression: "create trigger webhook_listening after insert or update or delete on webhook for each statement execute function note_listening()",
    },
  ],
});

/** What a webhook is to be told: written in the transaction that made it happen, and kept until it has been taken or is given up. */
export const WebhookMessageEntity = defineEntity({
  name: "WebhookMessage",
  tableName: "webhook_message",
  properties: {
    id: identity(),
    webhookId: p.bigint("string"),
    event: p.text(),
    body: p.json<Readonly<Record<string, unknown>>>(),
    createdAt: p.datetime(3),
    /** Not before it. Put off by whoever sends it, so that nobody else does at the same time. */
    dueAt: p.datetime(3),
    tries: p.smallint().default(0),
    state: p.enum(webhookMessageStates).default("waiting"),
    /** What the last try came to. */
    answer: p.json<Readonly<Record<string, unknown>>>().nullable(),
    endedAt: p.datetime(3).nullable(),
  },
  checks: [{ name: "webhook_message_ended_check", expression: "(state = 'waiting') = (ended_at is null)" }],
  indexes: [
    {
      name: "webhook_message_waiting_index",
      expression: "create index webhook_message_waiting_index on webhook_message (webhook_id, due_at) where state = 'waiting'",
    },
    { name: "webhook_message_webhook_id_id_index", properties: ["webhookId", "id"] },
    { name: "webhook_message_webhook_id_state_id_index", properties: ["webhookId", "state", "id"] },
    {
      name: "webhook_message_ended_at_index",
      expression: "create index webhook_message_ended_at_index on webhook_message (ended_at) where ended_at is not null",
    },
  ],
});

/** What happened, for those who listen to the stream. Whoever reads it goes by `xid`: ids are given before their transactions are committed. */
export const StreamEventEntity = defineEntity({
  name: "StreamEvent",
  tableName: "stream_event",
  properties: {
    id: identity(),
    xid: p.string().columnType("xid8").defaultRaw("pg_current_xact_id()"),
    at: p.datetime(3),
    type: p.text(),
    body: p.json<Readonly<Record<string, unknown>>>(),
  },
  indexes: [
    { name: "stream_event_xid_id_index", properties: ["xid", "id"] },
    { name: "stream_event_at_index", properties: ["at"] },
  ],
});

/** One row: what active webhooks want to be told (kept by a trigger of theirs), until when the stream is written down, and up to when missed callbacks have been told of. */
export const ListeningEntity = defineEntity({
  name: "Listening",
  tableName: "listening",
  properties: {
    id: p.smallint().primary().autoincrement(false),
    events: p.array(),
    until: p.datetime(3),
    missedUntil: p.datetime(3).nullable(),
    since: p.datetime(3).defaultRaw("'infinity'"),
  },
});

/** The trigger of a table whose changes are told; its function is in the migration. */
export function told(table: string, event: "insert" | "update", when?: string) {
  const name = `${table}_told`;
  const expression = `create trigger ${name} after ${event} on ${table} for each row ${when === undefined ? "" : `when (${when}) `}execute function tell_${table}()`;
  return { name, timing: "after" as const, events: [event], forEach: "row" as const, expression };
}

/** The same for attempts, which end by the hundred: once for each statement. */
export const attemptTold = {
  name: "attempt_told",
  timing: "after" as const,
  events: ["update" as const],
  forEach: "statement" as const,
  expression:
    "create trigger attempt_told after update on attempt referencing old table as ended_old new table as ended_new for each statement execute function tell_attempt()",
};
