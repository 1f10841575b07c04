import { defineEntity, p } from "@mikro-orm/core";
import type { MailAttachment } from "../../../email/inbox-ports.ts";
import { identity } from "./identity.ts";
import { counted } from "./report.ts";
import { told } from "./webhook.ts";

/** In the order of src/email/inbox-ports.ts. */
const mailKinds = ["bounce", "complaint", "automatic", "reply", "opt-out", "other"] as const;

/** An e-mail that came in. Kept once, however often it was handed to us. */
export const IncomingMailEntity = defineEntity({
  name: "IncomingMail",
  tableName: "incoming_mail",
  properties: {
    id: identity(),
    inbox: p.text(),
    /** The same mail has the same one: src/email/mail-key.ts. */
    mailKey: p.text(),
    at: p.datetime(3),
    kind: p.enum(mailKinds),
    fromAddress: p.text().nullable(),
    /** The mailbox of ours that a person wrote to; null of what no person wrote. */
    ownAddress: p.text().nullable(),
    recipients: p.json<readonly string[]>(),
    messageId: p.text().nullable(),
    /** Message-IDs of the mails that it goes back to, the oldest first, and its own. */
    thread: p.json<readonly string[]>().default("[]"),
    attachments: p.json<readonly MailAttachment[]>().default("[]"),
    subject: p.text(),
    text: p.text(),
    /** RFC 3463. */
    enhanced: p.text().nullable(),
    /** Why it was taken for what it is. */
    reason: p.text(),
    attemptId: p.bigint("string").nullable(),
    campaignId: p.bigint("string").nullable(),
    contactId: p.bigint("string").nullable(),
    /** Octets in all. */
    size: p.bigint("number"),
    /** The beginning of it: all of it, when it is not longer than a MiB. */
    raw: p.blob(),
  },
  uniques: [{ name: "incoming_mail_inbox_mail_key_unique", properties: ["inbox", "mailKey"] }],
  indexes: [
    { name: "incoming_mail_campaign_id_id_index", properties: ["campaignId", "id"] },
    { name: "incoming_mail_contact_id_id_index", properties: ["contactId", "id"] },
    { name: "incoming_mail_attempt_id_index", properties: ["attemptId"] },
    {
      name: "incoming_mail_correspondence_index",
      expression: "create index incoming_mail_correspondence_index on incoming_mail (from_address, own_address, id) where own_address is not null",
    },
  ],
  triggers: [counted("incoming_mail"), told("incoming_mail", "insert", "new.kind in ('reply', 'opt-out', 'other')")],
});

/** How far a mailbox was read (RFC 3501 §2.3.1.1). */
export const InboxProgressEntity = defineEntity({
  name: "InboxProgress",
  tableName: "inbox_progress",
  properties: {
    inbox: p.text().primary(),
    uidValidity: p.text(),
    uid: p.bigint("number"),
  },
});
