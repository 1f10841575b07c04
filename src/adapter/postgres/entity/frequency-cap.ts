import { defineEntity, p } from "@mikro-orm/core";
import { channelNames } from "../../../attempt/result.ts";
import { capKinds } from "../../../compliance/frequency.ts";
import type { CapLaw } from "../../../compliance/legal-caps.ts";
import type { ConsentLaws } from "../../../compliance/legal-consents.ts";
import { CampaignEntity } from "./campaign.ts";
import { belongsTo, identity } from "./identity.ts";

/** How often somebody may be contacted; see compliance/frequency.ts. */
export const FrequencyCapEntity = defineEntity({
  name: "FrequencyCap",
  tableName: "frequency_cap",
  properties: {
    id: identity(),
    name: p.text().unique("frequency_cap_name_unique"),
    kind: p.enum(capKinds),
    per: p.enum(["person", "address"]),
    most: p.integer(),
    windowS: p.integer(),
    /** Null: over all channels. */
    channel: p.enum(channelNames).nullable(),
    /** Null: in every campaign. */
    campaignId: belongsTo(CampaignEntity, "campaign_id").nullable().deleteRule("cascade"),
    field: p.text().nullable(),
    /** Of a cap by law: where it holds and what it counts. */
    law: p.json<CapLaw>().nullable(),
    createdAt: p.datetime(3),
  },
  indexes: [{ name: "frequency_cap_campaign_id_index", properties: ["campaignId"] }],
});

/** One row: by what those are known whom a cap of the law may mean, of all such caps together, and where the law wants consent to calls. */
export const LegalReachEntity = defineEntity({
  name: "LegalReach",
  tableName: "legal_reach",
  properties: {
    id: p.smallint().primary().autoincrement(false),
    /** Names are a channel and, right behind it, the beginning of a number, a state, or the beginning of a ZIP code. */
    signs: p.json<Readonly<Record<string, true>>>(),
    /** Fields of contacts. */
    stateField: p.text(),
    postalField: p.text(),
    /** Null: nowhere. */
    consents: p.json<ConsentLaws>().nullable(),
  },
});
