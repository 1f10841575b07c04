import { defineEntity, p } from "@mikro-orm/core";
import { CampaignEntity } from "./campaign.ts";
import { belongsTo } from "./identity.ts";

/** A campaign over a long list whose people are being made due: how many have been. It is a draft until all have; a row that nobody has written to for a minute is of a process that died over it. */
export const CampaignStartEntity = defineEntity({
  name: "CampaignStart",
  tableName: "campaign_start",
  properties: {
    campaignId: belongsTo(CampaignEntity, "campaign_id").primary().deleteRule("cascade"),
    done: p.integer(),
    total: p.integer(),
    seenAt: p.datetime(3),
  },
});
