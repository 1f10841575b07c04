import type { Finding } from "./finding.ts";
import type { Linted } from "./lint.ts";
import type { LintOptions } from "./linter.ts";

export interface ListColumns {
  readonly name: string;
  /** Undefined when they are not known: then nothing is held against them. */
  readonly columns: readonly string[] | undefined;
}

/** Lists named in a finding. */
const mostNamed = 10;

/** What lint finds for any of the lists; what holds for some of them only says for which. */
export function lintForLists(lintWith: (options: LintOptions) => Linted, lists: readonly ListColumns[]): readonly Finding[] {
  // Lists with the same columns, as most have, are one case.
  const cases = Map.groupBy(
    lists.filter(({ columns }) => columns !== undefined),
    ({ columns }) => JSON.stringify([...(columns ?? [])].sort()),
  );
  if (cases.size === 0) return lintWith({}).findings;
  const found = new Map<string, { readonly finding: Finding; readonly cases: (readonly ListColumns[])[] }>();
  for (const alike of cases.values()) {
    for (const finding of lintWith({ columns: alike[0]?.columns ?? [] }).findings) {
      const key = JSON.stringify(finding);
      const same = found.get(key) ?? { finding, cases: [] };
      same.cases.push(alike);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ finding, cases: those }) => {
    const names = [...new Set(those.flat().map(({ name }) => name))];
    const told = names.length > mostNamed ? [...names.slice(0, mostNamed), "…"] : names;
    return those.length === cases.size ? finding : { ...finding, message: `${finding.message} (list ${told.join(", ")})` };
  });
}
