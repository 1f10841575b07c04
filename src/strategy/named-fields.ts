import { pointerTo } from "../kernel/pointer.ts";
import { readPlacedYaml } from "../template/placed-yaml.ts";
import { longestDocument } from "./read-strategy.ts";
import { isValues } from "./read-values.ts";

/** A field of contacts that a strategy asks for, in a condition, an order or a time, or a disposition that it waits for. */
export interface NamedInStrategy {
  readonly kind: "field" | "disposition";
  readonly name: string;
  /** RFC 6901: where it stands in the document. */
  readonly pointer: string;
}

/** What follows endings: there keys are words of others, which may be "field". */
const sections = ["after", "outcomes", "dispositions"];

/** The fields and dispositions that a published document names: whether anybody has them is known where it is carried out. */
export function namedInStrategy(source: string): readonly NamedInStrategy[] {
  const read = readPlacedYaml(source, longestDocument);
  if ("fault" in read || !isValues(read.value)) return [];
  const found: NamedInStrategy[] = [];
  const walk = (value: unknown, at: string, words: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    const own = new Map(Object.entries(value));
    const field = own.get("field");
    if (!words && typeof field === "string") found.push({ kind: "field", name: field, pointer: pointerTo(at, "field") });
    const said = own.get("disposition");
    if (!words && said !== undefined)
      for (const name of Array.isArray(said) ? said : [said])
        if (typeof name === "string") found.push({ kind: "disposition", name, pointer: pointerTo(at, "disposition") });
    for (const [key, part] of own) walk(part, pointerTo(at, key), !words && !Array.isArray(value) && sections.includes(key));
  };
  const passes = read.value["passes"];
  for (const [name, pass] of Object.entries(isValues(passes) ? passes : {})) {
    const at = pointerTo("/passes", name);
    walk(pass, at, false);
    for (const code of Object.keys(isValues(pass) && isValues(pass["dispositions"]) ? pass["dispositions"] : {}))
      found.push({ kind: "disposition", name: code, pointer: pointerTo(pointerTo(at, "dispositions"), code) });
  }
  return found;
}
