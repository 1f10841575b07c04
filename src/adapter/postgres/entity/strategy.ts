import { defineEntity, p } from "@mikro-orm/core";
import { appendOnly } from "./append-only.ts";
import { belongsTo, identity } from "./identity.ts";

/** The name of a strategy. Its newest version is the current one. */
export const StrategyEntity = defineEntity({
  name: "Strategy",
  tableName: "strategy",
  properties: { id: identity(), name: p.text().unique("strategy_name_unique") },
});

/** What its author wrote; immutable: the database refuses to change or delete one. */
export const StrategyVersionEntity = defineEntity({
  name: "StrategyVersion",
  tableName: "strategy_version",
  properties: {
    id: identity(),
    strategyId: belongsTo(StrategyEntity, "strategy_id"),
    version: p.integer(),
    source: p.text(),
    publishedAt: p.datetime(3),
    publishedBy: p.text(),
  },
  uniques: [{ name: "strategy_version_strategy_id_version_unique", properties: ["strategyId", "version"] }],
  triggers: appendOnly("strategy_version"),
});
