import { defaultDispositions } from "../agent/disposition.ts";
import type { ListView } from "../api/ports.ts";
import { namedInStrategy } from "../strategy/named-fields.ts";

/** As the configuration has them. */
interface LearntFields {
  readonly lookups: readonly { readonly fields: readonly string[] }[];
}

/**
 * What a strategy asks for that nobody has as things stand: fields that are neither on the list nor learnt by a look-up, and dispositions that agents do not have by default. No faults: a
 * later file may bring the one, and an administrator the other.
 */
export function strategyNotes(source: string, list: ListView, { lookups }: LearntFields): readonly string[] {
  const learnt = lookups.flatMap(({ fields }) => fields.map((field) => field.split("=")[0] ?? ""));
  const known = { field: [...(list.columns ?? []), ...learnt], disposition: defaultDispositions.map(({ code }) => code) };
  const strange = namedInStrategy(source).filter(({ kind, name }) => !known[kind].includes(name));
  return strange.map(({ kind, name, pointer }) =>
    kind === "field"
      ? `${pointer}: nobody on list ${list.name} has the field ${name}${nearby(list.columns)}.`
      : `${pointer}: agents have no disposition ${name} unless the campaign gives them one (PUT /api/v1/campaigns/{id}/dispositions of the pass).`,
  );
}

function nearby(columns: readonly string[] | undefined): string {
  return columns === undefined || columns.length === 0 ? "" : `; there are ${columns.slice(0, 20).join(", ")}`;
}
