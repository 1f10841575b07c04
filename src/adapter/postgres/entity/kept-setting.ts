import { defineEntity, p } from "@mikro-orm/core";

/** A route or a pool of caller ids that was added over the API. */
export const KeptSettingEntity = defineEntity({
  name: "KeptSetting",
  tableName: "kept_setting",
  properties: {
    kind: p.text().primary(),
    name: p.text().primary(),
    settings: p.json<Record<string, unknown>>(),
    revision: p.integer(),
    changedAt: p.datetime(3),
  },
});
