import { defineEntity, p } from "@mikro-orm/core";
import { appendOnly } from "./append-only.ts";
import { identity } from "./identity.ts";

/** When a campaign, by itself or one that carries out a strategy, starts and stops by itself (strategy/schedule.ts). */
export const CampaignScheduleEntity = defineEntity({
  name: "CampaignSchedule",
  tableName: "campaign_schedule",
  properties: {
    id: identity(),
    campaignId: p.bigint("string").nullable().unique("campaign_schedule_campaign_id_unique"),
    strategyCampaignId: p.bigint("string").nullable().unique("campaign_schedule_strategy_campaign_id_unique"),
    startAt: p.datetime(3).nullable(),
    stopAt: p.datetime(3).nullable(),
    every: p.text().nullable(),
    runForS: p.integer().nullable(),
    staysOpen: p.boolean().default(false),
    nextStep: p.enum(["start", "stop", "run"]).nullable(),
    nextAt: p.datetime(3).nullable(),
    /** A process is about to do the step until then; behind it somebody else may. */
    takenUntil: p.datetime(3).nullable(),
    trouble: p.text().nullable(),
    changedAt: p.datetime(3),
    changedBy: p.text(),
  },
  checks: [{ name: "campaign_schedule_whose_check", expression: "num_nonnulls(campaign_id, strategy_campaign_id) = 1" }],
  indexes: [
    {
      name: "campaign_schedule_next_at_index",
      expression: "create index campaign_schedule_next_at_index on campaign_schedule (next_at) where next_at is not null",
    },
  ],
});

/** Each time that a campaign was to start again: the copy that was started, or why none was. Append-only. */
export const CampaignRunEntity = defineEntity({
  name: "CampaignRun",
  tableName: "campaign_run",
  properties: {
    id: identity(),
    scheduleId: p.bigint("string"),
    at: p.datetime(3),
    campaignId: p.bigint("string").nullable(),
    strategyCampaignId: p.bigint("string").nullable(),
    trouble: p.text().nullable(),
  },
  indexes: [{ name: "campaign_run_schedule_id_index", properties: ["scheduleId"] }],
  triggers: appendOnly("campaign_run"),
});
