import { Type } from "typebox";
import type { Finding } from "../../ivr/finding.ts";
import type { ScriptVersion } from "../../ivr/script-ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const findingSchema = Type.Object({
  severity: Type.Enum(["error", "warning"]),
  code: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  message: Type.String(),
  fix: Type.String({ description: "How to mend it." }),
});

const versionFields = {
  id: idSchema,
  name: Type.String(),
  version: Type.Integer({ description: "Counts from 1 for each name." }),
  publishedAt: timeSchema,
};

export const scriptVersionSchema = Type.Object({ ...versionFields, source: Type.String({ description: "The YAML it was published from." }) });

export const publishedSchema = Type.Object({
  ...versionFields,
  warnings: Type.Array(findingSchema, { description: "Doubtful places; they keep nothing from being published." }),
});

export function showVersion({ id, name, version, publishedAt }: ScriptVersion) {
  return { id, name, version, publishedAt: timeText(publishedAt) };
}

export function showFinding({ severity, code, line, column, message, fix }: Finding) {
  return { severity, code, line, column, message, fix };
}
