import { defineEntity, p } from "@mikro-orm/core";
import type { PacerRecord } from "../../../voice/pacing/pacer.ts";

/**
 * People who answered calls that were placed for agents, those of them who were abandoned, and machines: written with the end of each attempt. In
 * stretches of five minutes for 24 hours (`day`) and of an hour for 30 days (`month`), so that what is read once a second is short.
 */
export const LiveAnswerEntity = defineEntity({
  name: "LiveAnswer",
  tableName: "live_answer",
  properties: {
    campaignId: p.bigint("string").primary(),
    span: p.enum(["day", "month"]).primary(),
    fromAt: p.datetime(3).primary(),
    answers: p.integer(),
    abandoned: p.integer(),
    /** Calls that were taken for machines, for which no agent was asked. */
    machines: p.integer().default(0),
  },
});

/** Machines that were given to agents all the same, to learn how many are people: written with the end of each attempt. What they were is said by their disposition. */
export const HeldOutEntity = defineEntity({
  name: "HeldOut",
  tableName: "held_out",
  properties: {
    attemptId: p.bigint("string").primary().autoincrement(false),
    campaignId: p.bigint("string"),
    contactId: p.bigint("string"),
    at: p.datetime(3),
    /** They pressed a key or spoke when they were asked to. */
    responded: p.boolean(),
  },
  indexes: [{ name: "held_out_campaign_id_at_index", properties: ["campaignId", "at"] }],
});

/** Which part of a campaign's headroom a node may use up: people whom it may yet abandon. */
export const AbandonmentShareEntity = defineEntity({
  name: "AbandonmentShare",
  tableName: "abandonment_share",
  properties: {
    campaignId: p.bigint("string").primary(),
    node: p.text().primary(),
    /** Agents who work for the campaign there. */
    agents: p.integer(),
    /** In calls. */
    allowed: p.double().$type<number>(),
  },
});

/** The pacer of a campaign on a node, as it left off. */
export const PacerEntity = defineEntity({
  name: "Pacer",
  tableName: "pacer",
  properties: {
    campaignId: p.bigint("string").primary(),
    node: p.text().primary(),
    record: p.json<PacerRecord>(),
    at: p.datetime(3),
  },
});
