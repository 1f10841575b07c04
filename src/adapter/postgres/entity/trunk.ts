import { defineEntity, p } from "@mikro-orm/core";

/** A trunk that was added over the API. */
export const TrunkEntity = defineEntity({
  name: "Trunk",
  tableName: "trunk",
  properties: {
    name: p.text().primary(),
    settings: p.json<Record<string, unknown>>(),
    sealedPassword: p.text().nullable(),
    revision: p.integer(),
    changedAt: p.datetime(3),
  },
});
