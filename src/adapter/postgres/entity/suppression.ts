import { defineEntity, p } from "@mikro-orm/core";
import { channelNames } from "../../../attempt/result.ts";
import { identity } from "./identity.ts";

/**
 * Somebody who must not be contacted: by number, by mailbox or by client id (exactly one of them). Evidence: never changed, never
 * deleted with the contact.
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
    /** Null: every channel. */
    channel: p.enum(channelNames).nullable(),
    reason: p.text(),
    /** Where it came from: `attempt`, `import`, `admin`. */
    source: p.text(),
    attemptId: p.bigint("string").nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
  },
  checks: [{ name: "suppression_whom_check", expression: "num_nonnulls(number, mailbox, client_id) = 1" }],
  indexes: [
    { name: "suppression_number_index", properties: ["number"] },
    { name: "suppression_mailbox_index", properties: ["mailbox"] },
    { name: "suppression_client_id_index", properties: ["clientId"] },
  ],
});
