import { defineEntity, p } from "@mikro-orm/core";
import { channelNames } from "../../../attempt/result.ts";
import { loadModes } from "../../../compliance/suppression.ts";
import { appendOnly } from "./append-only.ts";
import { identity } from "./identity.ts";
import { counted } from "./report.ts";
import { told } from "./webhook.ts";

/**
 * Somebody who must not be contacted: by number, by mailbox, by client id, or, forgotten, by what the chain of consents calls them (exactly one of
 * these). Evidence: never changed but for its end and for whom it names, never deleted with the contact.
 */
export const SuppressionEntity = defineEntity({
  name: "Suppression",
  tableName: "suppression",
  properties: {
    id: identity(),
    /** Null: every campaign. */
    campaignId: p.bigint("string").nullable(),
    number: p.text().nullable(),
    /** As kernel/mailbox.ts writes it. */
    mailbox: p.text().nullable(),
    clientId: p.text().nullable(),
    /** Of somebody who has been erased: the hash of consented.ts, and what it is of. */
    subject: p.text().nullable(),
    subjectKind: p.text().nullable(),
    /** Null: every channel; of an entry of a list, those of its list. */
    channel: p.enum(channelNames).nullable(),
    /** Empty: that of its list. */
    reason: p.text(),
    /** Where it came from: `attempt`, `agent`, `mail`, `admin`, `list`, `erasure`; `moved`: an opt-out, to an address that the person got later. */
    source: p.text(),
    attemptId: p.bigint("string").nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    /** Null: of no list. */
    listId: p.bigint("string").nullable(),
    loadId: p.bigint("string").nullable(),
    recordedBy: p.text().nullable(),
    /** Who ended it before its time, and why. */
    endedBy: p.text().nullable(),
    endedReason: p.text().nullable(),
    /** Who was told of it, where that was an agent. */
    agentId: p.bigint("string").nullable(),
  },
  checks: [{ name: "suppression_whom_check", expression: "num_nonnulls(number, mailbox, client_id, subject) = 1" }],
  indexes: [
    { name: "suppression_number_index", expression: "create index suppression_number_index on suppression (number) where number is not null" },
    { name: "suppression_mailbox_index", expression: "create index suppression_mailbox_index on suppression (mailbox) where mailbox is not null" },
    {
      name: "suppression_client_id_index",
      expression: "create index suppression_client_id_index on suppression (client_id) where client_id is not null",
    },
    { name: "suppression_subject_index", expression: "create index suppression_subject_index on suppression (subject) where subject is not null" },
    // A START asks by it what a STOP has brought about. There are as many as opt-outs, however long the lists.
    {
      name: "suppression_attempt_id_index",
      expression: "create index suppression_attempt_id_index on suppression (attempt_id) where attempt_id is not null",
    },
    {
      name: "suppression_list_id_index",
      expression: "create index suppression_list_id_index on suppression (list_id, id) where list_id is not null",
    },
  ],
  triggers: [
    counted("suppression"),
    {
      name: "suppression_revokes",
      timing: "after",
      events: ["insert"],
      forEach: "row",
      expression: `create constraint trigger suppression_revokes after insert on suppression deferrable initially deferred for each row
        when (new.list_id is null and new.source in ('attempt', 'agent', 'admin')) execute function revoke_consent()`,
    },
    told("suppression", "insert", "new.list_id is null"),
  ],
});

/** A list of whom nobody may contact. `entries`: those that nobody has ended. */
export const SuppressionListEntity = defineEntity({
  name: "SuppressionList",
  tableName: "suppression_list",
  properties: {
    id: identity(),
    name: p.text().unique("suppression_list_name_unique"),
    /** Which national list it is (compliance/do-not-call.ts); null: one of the account's own. */
    kind: p.text().nullable(),
    /** Whether every campaign heeds it; otherwise those that name it. */
    mandatory: p.boolean(),
    /** Null: every channel. */
    channels: p.array().nullable(),
    reason: p.text(),
    entries: p.bigint("string").defaultRaw("0"),
    createdAt: p.datetime(3),
    createdBy: p.text(),
  },
});

/** A file that was loaded into a list. Append-only. */
export const SuppressionLoadEntity = defineEntity({
  name: "SuppressionLoad",
  tableName: "suppression_load",
  properties: {
    id: identity(),
    listId: p.bigint("string"),
    at: p.datetime(3),
    byWhom: p.text(),
    file: p.text().nullable(),
    mode: p.enum(loadModes),
    /** The day its data is of. */
    dated: p.date().nullable(),
    read: p.bigint("string"),
    rejected: p.bigint("string"),
    added: p.bigint("string"),
    ended: p.bigint("string"),
    /** Of the file's bytes, hex. */
    sha256: p.text(),
  },
  indexes: [{ name: "suppression_load_list_id_index", properties: ["listId"] }],
  triggers: appendOnly("suppression_load"),
});

/** Which lists that are not mandatory a campaign heeds. */
export const CampaignSuppressionListEntity = defineEntity({
  name: "CampaignSuppressionList",
  tableName: "campaign_suppression_list",
  properties: {
    campaignId: p.bigint("string").primary().autoincrement(false),
    listId: p.bigint("string").primary().autoincrement(false),
  },
});
