import { pointerTo } from "../kernel/pointer.ts";
import { readPlacedYaml } from "../template/placed-yaml.ts";
import { longestDocument } from "./read-strategy.ts";
import { isValues } from "./read-values.ts";

/** What a treatment names. `pointer` (RFC 6901) leads to the name in the document. */
export interface NamedByTreatment {
  readonly name: string;
  readonly pointer: string;
}

const sections = ["after", "outcomes", "dispositions"] as const;

/**
 * The webhooks, or the other campaigns, that the treatments of a published document name. A strategy, as it is read, knows of each ending what follows it, and not any more where that stands.
 * @param keys of a treatment, whose values are the names
 */
export function namedByTreatments(source: string, ...keys: readonly ("webhook" | "campaign" | "copy")[]): readonly NamedByTreatment[] {
  const read = readPlacedYaml(source, longestDocument);
  if ("fault" in read) return [];
  const found: NamedByTreatment[] = [];
  const look = (treatment: unknown, at: string) => {
    for (const key of keys) {
      const name = isValues(treatment) ? treatment[key] : undefined;
      if (typeof name === "string") found.push({ name, pointer: pointerTo(at, key) });
    }
  };
  for (const [pass, passAt] of partsOf(isValues(read.value) ? read.value["passes"] : undefined, "/passes")) {
    if (!isValues(pass)) continue;
    look(pass["who_else"], pointerTo(passAt, "who_else"));
    for (const section of sections)
      for (const [following, at] of partsOf(pass[section], pointerTo(passAt, section)))
        for (const [treatment, place] of Array.isArray(following) ? partsOf(following, at) : [[following, at] as const]) look(treatment, place);
  }
  return found;
}

function partsOf(value: unknown, at: string): readonly (readonly [unknown, string])[] {
  return typeof value === "object" && value !== null ? Object.entries(value).map(([key, part]) => [part, pointerTo(at, key)] as const) : [];
}
