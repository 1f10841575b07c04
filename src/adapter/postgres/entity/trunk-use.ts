import { defineEntity, p } from "@mikro-orm/core";

/** When the next call may leave on a trunk, over all nodes. */
export const TrunkPaceEntity = defineEntity({
  name: "TrunkPace",
  tableName: "trunk_pace",
  properties: {
    trunk: p.text().primary(),
    nextAt: p.datetime(6),
  },
});

/** How many lines of a trunk a node may use. */
export const TrunkLineEntity = defineEntity({
  name: "TrunkLine",
  tableName: "trunk_line",
  properties: {
    trunk: p.text().primary(),
    node: p.text().primary(),
    lines: p.integer(),
    /** How many it would like to. */
    wanted: p.integer(),
    /** How many the people on its lines need, when some of them wait for another one. */
    needed: p.integer().default(0),
  },
});
