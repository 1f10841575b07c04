import { isDeepStrictEqual } from "node:util";
import type { Config } from "./schema.ts";
import { isTable } from "./shape.ts";

/** How one entry of a list, or one section, differs from what it was. Values are not told: they may be secrets. */
export interface Difference {
  readonly section: keyof Config;
  /** Of an entry of a list. */
  readonly name?: string;
  readonly how: "added" | "removed" | "changed";
  /** Settings that are another. */
  readonly settings?: readonly string[];
}

/** What differs between two configurations, in these sections. Entries of a list are known by their name; their order counts for nothing. */
export function differences(before: Config, after: Config, sections: readonly (keyof Config)[]): readonly Difference[] {
  return sections.flatMap((section): readonly Difference[] => {
    const [was, is] = [before[section], after[section]];
    if (Array.isArray(was) && Array.isArray(is)) return ofList(section, was, is);
    const settings = changed(was, is);
    return settings.length > 0 ? [{ section, how: "changed", settings }] : [];
  });
}

/** For people: `trunks carrier-a: changed host, password`. */
export function differenceText({ section, name, how, settings = [] }: Difference): string {
  return `${section}${name === undefined ? "" : ` ${name}`}: ${[how, settings.join(", ")].filter((part) => part !== "").join(" ")}`;
}

function ofList(section: keyof Config, was: readonly { readonly name: string }[], is: readonly { readonly name: string }[]): readonly Difference[] {
  const [old, fresh] = [byName(was), byName(is)];
  const removed = [...old.keys()].filter((name) => !fresh.has(name)).map((name): Difference => ({ section, name, how: "removed" }));
  const others = [...fresh].flatMap(([name, entry]): readonly Difference[] => {
    const before = old.get(name);
    if (before === undefined) return [{ section, name, how: "added" }];
    const settings = changed(before, entry);
    return settings.length > 0 ? [{ section, name, how: "changed", settings }] : [];
  });
  return [...removed, ...others];
}

function byName<Entry extends { readonly name: string }>(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function changed(was: unknown, is: unknown): readonly string[] {
  if (!isTable(was) || !isTable(is)) return [];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !isDeepStrictEqual(was[key], is[key]));
}
