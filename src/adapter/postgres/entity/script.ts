import { defineEntity, p } from "@mikro-orm/core";
import type { ScriptVersion } from "../../../ivr/script-ports.ts";
import { appendOnly } from "./append-only.ts";
import { belongsTo, identity } from "./identity.ts";

export const ScriptEntity = defineEntity({
  name: "Script",
  tableName: "script",
  properties: { id: identity(), name: p.text().unique("script_name_unique") },
});

/** A published script text; immutable: the database refuses to change or delete one. */
export const ScriptVersionEntity = defineEntity({
  name: "ScriptVersion",
  tableName: "script_version",
  properties: {
    id: identity(),
    scriptId: belongsTo(ScriptEntity, "script_id"),
    version: p.integer(),
    source: p.text(),
    publishedAt: p.datetime(3),
    publishedBy: p.text(),
    uses: p.json<ScriptVersion["uses"]>().defaultRaw("'{}'"),
  },
  uniques: [{ name: "script_version_script_id_version_unique", properties: ["scriptId", "version"] }],
  triggers: appendOnly("script_version"),
});

/** Which version of a script is current from then on; the last one holds. Append-only. */
export const ScriptReleaseEntity = defineEntity({
  name: "ScriptRelease",
  tableName: "script_release",
  properties: {
    id: identity(),
    scriptId: belongsTo(ScriptEntity, "script_id"),
    versionId: belongsTo(ScriptVersionEntity, "version_id"),
    releasedAt: p.datetime(3),
    releasedBy: p.text(),
    note: p.text().nullable(),
  },
  indexes: [{ name: "script_release_script_id_id_index", properties: ["scriptId", "id"] }],
  triggers: appendOnly("script_release"),
});
