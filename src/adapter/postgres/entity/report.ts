import { defineEntity, p } from "@mikro-orm/core";
import { identity } from "./identity.ts";

/*
 * Counters for the reports: what they mean is in docs/reports.md, how they come to be in migration/reports.ts. `at` is the beginning of a quarter of an hour; campaign 0 is none.
 */

/** Of calls that were answered. */
const charges = () => ({
  answered: p.bigint("number").defaultRaw("0"),
  talkMs: p.bigint("number").defaultRaw("0"),
  charged_1_1: p.bigint("number").defaultRaw("0"),
  charged_6_6: p.bigint("number").defaultRaw("0"),
  charged_30_6: p.bigint("number").defaultRaw("0"),
  charged_60_1: p.bigint("number").defaultRaw("0"),
  charged_60_60: p.bigint("number").defaultRaw("0"),
});

/**
 * Of calls that were answered: how many, for how long, and for how long they are charged by carriers of five habits; of messages: in how many parts they were taken; of both: how many people they
 * reached for the first time in their campaign.
 */
const measured = () => ({
  ...charges(),
  parts: p.bigint("number").defaultRaw("0"),
  people: p.bigint("number").defaultRaw("0"),
});

/** How many attempts ended how. */
const byResult = () => ({
  human: p.bigint("number").defaultRaw("0"),
  machine: p.bigint("number").defaultRaw("0"),
  machineMessage: p.bigint("number").defaultRaw("0"),
  noAnswer: p.bigint("number").defaultRaw("0"),
  busy: p.bigint("number").defaultRaw("0"),
  badNumber: p.bigint("number").defaultRaw("0"),
  rejected: p.bigint("number").defaultRaw("0"),
  fax: p.bigint("number").defaultRaw("0"),
  sit: p.bigint("number").defaultRaw("0"),
  silence: p.bigint("number").defaultRaw("0"),
  congestion: p.bigint("number").defaultRaw("0"),
  carrierFault: p.bigint("number").defaultRaw("0"),
  abandoned: p.bigint("number").defaultRaw("0"),
  dropped: p.bigint("number").defaultRaw("0"),
  canceled: p.bigint("number").defaultRaw("0"),
  interrupted: p.bigint("number").defaultRaw("0"),
  sent: p.bigint("number").defaultRaw("0"),
  delivered: p.bigint("number").defaultRaw("0"),
  undelivered: p.bigint("number").defaultRaw("0"),
  expired: p.bigint("number").defaultRaw("0"),
  bouncedHard: p.bigint("number").defaultRaw("0"),
  bouncedSoft: p.bigint("number").defaultRaw("0"),
  complained: p.bigint("number").defaultRaw("0"),
});

/** Attempts by result. */
export const ReportCountEntity = defineEntity({
  name: "ReportCount",
  tableName: "report_count",
  properties: {
    at: p.datetime(3).primary(),
    campaignId: p.bigint("string").primary().autoincrement(false),
    channel: p.text().primary(),
    inbound: p.boolean().primary(),
    /** Trunk, bind or mail pool; empty when nothing left. */
    via: p.text().primary(),
    ...byResult(),
    ...measured(),
  },
});

/** The same of those that were an agent's, once more. */
export const ReportAgentCountEntity = defineEntity({
  name: "ReportAgentCount",
  tableName: "report_agent_count",
  properties: {
    at: p.datetime(3).primary(),
    agentId: p.bigint("string").primary().autoincrement(false),
    campaignId: p.bigint("string").primary().autoincrement(false),
    channel: p.text().primary(),
    inbound: p.boolean().primary(),
    via: p.text().primary(),
    ...byResult(),
    ...measured(),
  },
});

/** What is not in `report_count` and `report_agent_count` yet. */
export const ReportDeltaEntity = defineEntity({
  name: "ReportDelta",
  tableName: "report_delta",
  properties: {
    id: identity(),
    campaignId: p.bigint("string"),
    inbound: p.boolean(),
    channel: p.text(),
    via: p.text(),
    at: p.datetime(3),
    result: p.text(),
    n: p.integer(),
    answered: p.bigint("number").nullable(),
    talkMs: p.bigint("number").nullable(),
    charged_1_1: p.bigint("number").nullable(),
    charged_6_6: p.bigint("number").nullable(),
    charged_30_6: p.bigint("number").nullable(),
    charged_60_1: p.bigint("number").nullable(),
    charged_60_60: p.bigint("number").nullable(),
    parts: p.bigint("number").nullable(),
    people: p.bigint("number").nullable(),
    /** Null: nobody's. */
    agentId: p.bigint("string").nullable(),
  },
});

/** What else happened, in a word: an outcome, a disposition, an event, an opt-out, a reply, a click, a number that was answered. */
export const ReportWordEntity = defineEntity({
  name: "ReportWord",
  tableName: "report_word",
  properties: {
    kind: p.text().primary(),
    at: p.datetime(3).primary(),
    campaignId: p.bigint("string").primary().autoincrement(false),
    channel: p.text().primary(),
    /** Of dispositions; 0: of all others, which `report_agent_word` has by agent. */
    agentId: p.bigint("string").primary().autoincrement(false),
    word: p.text().primary(),
    /** Of an event with an amount its currency, of a disposition its category, of an answer its value. */
    unit: p.text().primary(),
    n: p.bigint("number"),
    amount: p.double().$type<number>(),
  },
});

/** What else happened to the attempts of agents, once more; without dispositions. */
export const ReportAgentWordEntity = defineEntity({
  name: "ReportAgentWord",
  tableName: "report_agent_word",
  properties: {
    kind: p.text().primary(),
    at: p.datetime(3).primary(),
    agentId: p.bigint("string").primary().autoincrement(false),
    campaignId: p.bigint("string").primary().autoincrement(false),
    channel: p.text().primary(),
    word: p.text().primary(),
    unit: p.text().primary(),
    n: p.bigint("number"),
    amount: p.double().$type<number>(),
  },
});

/** What is not in `report_word` and `report_agent_word` yet. */
export const ReportWordDeltaEntity = defineEntity({
  name: "ReportWordDelta",
  tableName: "report_word_delta",
  properties: {
    id: identity(),
    kind: p.text(),
    campaignId: p.bigint("string"),
    channel: p.text(),
    agentId: p.bigint("string"),
    word: p.text(),
    unit: p.text(),
    at: p.datetime(3),
    n: p.integer(),
    amount: p.double().$type<number>(),
    /** A call that goes on: whose it is will be settled when it has ended. */
    attemptId: p.bigint("string").nullable(),
  },
});

/** How long agents were in a state, and how often it began, by the campaign of the person they had. Without what goes on. */
export const ReportAgentEntity = defineEntity({
  name: "ReportAgent",
  tableName: "report_agent",
  properties: {
    at: p.datetime(3).primary(),
    agentId: p.bigint("string").primary().autoincrement(false),
    state: p.text().primary(),
    campaignId: p.bigint("string").primary().autoincrement(false),
    ms: p.bigint("number"),
    n: p.bigint("number"),
  },
});

/** Second legs that were answered, for how long, and for how long they are charged. */
export const ReportSecondLegEntity = defineEntity({
  name: "ReportSecondLeg",
  tableName: "report_second_leg",
  properties: {
    at: p.datetime(3).primary(),
    agentId: p.bigint("string").primary().autoincrement(false).defaultRaw("0"),
    campaignId: p.bigint("string").primary().autoincrement(false),
    trunk: p.text().primary(),
    kind: p.text().primary(),
    ...charges(),
  },
});

/** The trigger by which what is put into a table is counted. */
export function counted(table: string) {
  const name = `${table}_counted`;
  return {
    name,
    timing: "after" as const,
    events: ["insert" as const],
    forEach: "statement" as const,
    expression: `create trigger ${name} after insert on ${table} referencing new table as rows_now for each statement execute function count_${table}()`,
  };
}

/** The one by which attempts are counted that end, or whose end becomes another. */
export const attemptCounted = {
  name: "attempt_ended_counted",
  timing: "after" as const,
  events: ["update" as const],
  forEach: "statement" as const,
  expression:
    "create trigger attempt_ended_counted after update on attempt referencing old table as rows_before new table as rows_now for each statement execute function count_ended_attempts()",
};

/** The one by which the time of agents is counted. */
export const agentTimeCounted = {
  name: "agent_log_counted",
  timing: "after" as const,
  events: ["insert" as const],
  forEach: "row" as const,
  expression: "create trigger agent_log_counted after insert on agent_log for each row execute function count_agent_time()",
};

/** The one by which second legs are counted that end. */
export const secondLegCounted = {
  name: "second_leg_ended_counted",
  timing: "after" as const,
  events: ["update" as const],
  forEach: "statement" as const,
  expression:
    "create trigger second_leg_ended_counted after update on second_leg referencing old table as rows_before new table as rows_now for each statement execute function count_second_leg()",
};
