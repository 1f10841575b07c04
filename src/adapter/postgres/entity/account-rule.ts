import { defineEntity, p } from "@mikro-orm/core";
import { appendOnly } from "./append-only.ts";
import { identity } from "./identity.ts";

/** A version of a rule of the account's own; the newest of a name holds. Append-only: what held at the time of an attempt can always be said. See compliance/rule.ts. */
export const AccountRuleEntity = defineEntity({
  name: "AccountRule",
  tableName: "account_rule",
  properties: {
    id: identity(),
    name: p.text(),
    version: p.integer(),
    expression: p.text(),
    meaning: p.text(),
    /** None: every one. */
    channels: p.array(),
    /** Null: every one. No foreign key: a name, of a campaign with all its passes or of one pass. */
    campaign: p.text().nullable(),
    /** Null: who is held back is so for good. */
    againAfterS: p.integer().nullable(),
    removed: p.boolean().default(false),
    changedAt: p.datetime(3),
    changedBy: p.text(),
  },
  uniques: [{ name: "account_rule_name_version_unique", properties: ["name", "version"] }],
  triggers: appendOnly("account_rule"),
});
