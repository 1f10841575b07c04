/** What a settings schema says, as the loader reads it: the part of JSON Schema that options use, and our own words. */
export interface Shape {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly description?: string;
  /** What to write instead, for a text that does not match its pattern. */
  readonly hint?: string;
  /** True: never shown. "url": the password within it is never shown. */
  readonly secret?: boolean | "url";
}

/** Names and indexes from the root down: ["trunks", 0, "host"]. */
export type Path = readonly (string | number)[];

export function pathText(path: Path): string {
  return path.join(".");
}

export function startsWith(path: Path, start: Path): boolean {
  return start.every((step, at) => step === path[at]);
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A setting that holds a value of its own; `*` stands in its path for an index. */
export interface Leaf {
  readonly path: readonly string[];
  readonly shape: Shape;
}

/** All leaves of a schema, in its order. A list of texts is one leaf; a list of sections is not. */
export function leaves(shape: Shape, path: readonly string[] = []): readonly Leaf[] {
  if (shape.properties !== undefined) return Object.entries(shape.properties).flatMap(([key, below]) => leaves(below, [...path, key]));
  if (shape.items?.properties !== undefined) return leaves(shape.items, [...path, "*"]);
  return [{ path, shape }];
}
