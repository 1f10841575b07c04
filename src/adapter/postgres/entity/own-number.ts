import { defineEntity, p } from "@mikro-orm/core";
import { CampaignEntity } from "./campaign.ts";
import { belongsTo } from "./identity.ts";
import { ScriptEntity } from "./script.ts";

/** A number of ours that may be called. */
export const OwnNumberEntity = defineEntity({
  name: "OwnNumber",
  tableName: "own_number",
  properties: {
    /** E.164. */
    number: p.text().primary(),
    name: p.text(),
    /** Whose callers these are, when nothing better is known of the caller. */
    campaignId: belongsTo(CampaignEntity, "campaign_id").nullable().deleteRule("set null"),
    /** Runs instead of the campaign's inbound script. */
    scriptId: belongsTo(ScriptEntity, "script_id").nullable().deleteRule("set null"),
    /** What is said when there is no script to be run. */
    message: p.text().nullable(),
    createdAt: p.datetime(3),
  },
  indexes: [{ name: "own_number_campaign_id_index", properties: ["campaignId"] }],
});
