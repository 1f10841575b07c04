import { defineEntity, p } from "@mikro-orm/core";
import type { MessageRules } from "../../../attempt/message-rules-ports.ts";
import { identity } from "./identity.ts";
import { counted } from "./report.ts";

/** What a campaign that writes has of its own. */
export const CampaignMessageEntity = defineEntity({
  name: "CampaignMessage",
  tableName: "campaign_message",
  properties: { campaignId: p.bigint("string").primary().autoincrement(false), rules: p.json<MessageRules>(), changedAt: p.datetime(3) },
});

/** Which links of which e-mails were followed; the first time. Where each leads is in the event of its attempt. */
export const MessageClickEntity = defineEntity({
  name: "MessageClick",
  tableName: "message_click",
  properties: { attemptId: p.bigint("string").primary(), targetHash: p.text().primary(), at: p.datetime(3) },
  triggers: [counted("message_click")],
});

export const keywordCallStates = ["pending", "done", "expired"] as const;

/** A webhook that is to be told that somebody wrote a keyword: until it has answered, or it is too late. */
export const KeywordCallEntity = defineEntity({
  name: "KeywordCall",
  tableName: "keyword_call",
  properties: {
    id: identity(),
    incomingId: p.bigint("string"),
    webhook: p.text(),
    body: p.json<Readonly<Record<string, string>>>(),
    state: p.enum(keywordCallStates),
    at: p.datetime(3),
    /** Not before it. Put off by whoever calls, so that nobody else does at the same time. */
    dueAt: p.datetime(3),
    tries: p.smallint().default(0),
  },
  uniques: [{ name: "keyword_call_incoming_id_unique", properties: ["incomingId"] }],
  indexes: [
    { name: "keyword_call_pending_index", expression: "create index keyword_call_pending_index on keyword_call (due_at) where state = 'pending'" },
  ],
});
