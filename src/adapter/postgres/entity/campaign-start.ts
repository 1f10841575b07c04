import { defineEntity, p } from "@mikro-orm/core";
import { CampaignEntity } from "./campaign.ts";
import { belongsTo } from "./identity.ts";

/** A campaign over a long list whose people are being made due: how many have been. It is a draft until all have. `promised`: somebody was told that it goes on, so it is taken up when its process dies. */
export const CampaignStartEntity = defineEntity({
  name: "CampaignStart",
  tableName: "campaign_start",
  properties: {
    campaignId: belongsTo(CampaignEntity, "campaign_id").primary().deleteRule("cascade"),
    done: p.integer(),
    total: p.integer(),
    seenAt: p.datetime(3),
    promised: p.boolean().default(false),
  },
});
