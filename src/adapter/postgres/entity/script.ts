import { defineEntity, p } from "@mikro-orm/core";
import { belongsTo, identity } from "./identity.ts";

export const ScriptEntity = defineEntity({
  name: "Script",
  tableName: "script",
  properties: { id: identity(), name: p.text().unique("script_name_unique") },
});

/** A published script text; immutable. */
export const ScriptVersionEntity = defineEntity({
  name: "ScriptVersion",
  tableName: "script_version",
  properties: {
    id: identity(),
    scriptId: belongsTo(ScriptEntity, "script_id"),
    version: p.integer(),
    source: p.text(),
    publishedAt: p.datetime(3),
  },
  uniques: [{ name: "script_version_script_id_version_unique", properties: ["scriptId", "version"] }],
});
