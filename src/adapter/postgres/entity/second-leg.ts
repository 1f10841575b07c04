import { defineEntity, p } from "@mikro-orm/core";
import { counted, secondLegCounted } from "./report.ts";

/** A leg over a trunk beside that to the person of an attempt, from before it leaves; what was never answered is not kept. No foreign keys, as of attempts. */
export const SecondLegEntity = defineEntity({
  name: "SecondLeg",
  tableName: "second_leg",
  properties: {
    dialogId: p.text().primary(),
    node: p.text(),
    incarnation: p.bigint("string"),
    trunk: p.text(),
    kind: p.enum(["transfer", "phone"]),
    attemptId: p.bigint("string").nullable(),
    /** That of the attempt; 0: none. */
    campaignId: p.bigint("string"),
    beganAt: p.datetime(3),
    answeredAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    /** Whose telephone it is, or who had the call of the one who is transferred; 0: nobody. */
    agentId: p.bigint("string").defaultRaw("0"),
  },
  checks: [{ name: "second_leg_ended_check", expression: "ended_at is null or answered_at is not null" }],
  indexes: [{ name: "second_leg_open_index", expression: "create index second_leg_open_index on second_leg (node) where ended_at is null" }],
  triggers: [counted("second_leg"), secondLegCounted],
});
