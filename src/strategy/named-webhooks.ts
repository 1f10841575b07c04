import { readPlacedYaml } from "../template/placed-yaml.ts";
import { longestDocument } from "./read-strategy.ts";
import { isValues, pointerTo } from "./read-values.ts";

/** A webhook that a treatment names. `pointer` (RFC 6901) leads to its name in the document. */
export interface NamedWebhook {
  readonly name: string;
  readonly pointer: string;
}

const sections = ["after", "outcomes", "dispositions"] as const;

/** The webhooks that a published document tells of endings. A strategy, as it is read, knows of each ending what follows it, and not any more where that stands. */
export function namedWebhooks(source: string): readonly NamedWebhook[] {
  const read = readPlacedYaml(source, longestDocument);
  if ("fault" in read) return [];
  const found: NamedWebhook[] = [];
  for (const [pass, passAt] of partsOf(isValues(read.value) ? read.value["passes"] : undefined, "/passes"))
    for (const section of sections)
      for (const [following, at] of partsOf(isValues(pass) ? pass[section] : undefined, pointerTo(passAt, section)))
        for (const [treatment, place] of Array.isArray(following) ? partsOf(following, at) : [[following, at] as const])
          if (isValues(treatment) && typeof treatment["webhook"] === "string")
            found.push({ name: treatment["webhook"], pointer: pointerTo(place, "webhook") });
  return found;
}

function partsOf(value: unknown, at: string): readonly (readonly [unknown, string])[] {
  return typeof value === "object" && value !== null ? Object.entries(value).map(([key, part]) => [part, pointerTo(at, key)] as const) : [];
}
