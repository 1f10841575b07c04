import { defineEntity, p } from "@mikro-orm/core";

/** A number of ours that is shown to people. */
export const NumberUseEntity = defineEntity({
  name: "NumberUse",
  tableName: "number_use",
  properties: {
    /** E.164. */
    number: p.text().primary(),
    /** Days since the epoch, UTC. */
    day: p.integer(),
    /** Calls taken of that day's cap. */
    calls: p.integer(),
    /** Calls in a row that were answered 608. */
    run: p.integer(),
    restsUntil: p.datetime(3).nullable(),
  },
});
