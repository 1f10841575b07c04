import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Settings } from "typebox/system";
import { schemaFindings } from "./schema-findings.ts";
import type { Report } from "./step-reader.ts";
import type { Located } from "./yaml.ts";

const checks = new Map<TSchema, ReturnType<typeof Compile>>();

/** The validator of a schema, compiled on first use. */
function checkOf(schema: TSchema): ReturnType<typeof Compile> {
  // TypeBox stops at 8 errors by default, and noise of alternatives counts among them.
  if (Settings.Get().maxErrors < 200) Settings.Set({ maxErrors: 200 });
  const known = checks.get(schema) ?? Compile(schema);
  checks.set(schema, known);
  return known;
}

/** Holds a part of a file against its schema; what does not fit is reported with its place. @param pointer where the part stands */
export function check(located: Located, report: Report, schema: TSchema, value: unknown, pointer: string): boolean {
  const checked = checkOf(schema);
  if (checked.Check(value)) return true;
  for (const fault of schemaFindings(schema, checked.Errors(value), value)) {
    const place = pointer + fault.pointer;
    report(fault.code, fault.onKey ? located.keyAt(place) : located.at(place), fault.message, fault.fix);
  }
  return false;
}
