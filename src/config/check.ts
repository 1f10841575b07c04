import { nearest } from "../kernel/nearest.ts";
import { isTable, type Path, type Shape } from "./shape.ts";

/** Something wrong with a setting, and what to do. `key` is set when the fault is the key itself, not its value. */
export interface Finding {
  readonly path: Path;
  readonly key: boolean;
  readonly message: string;
}

/** A copy of the value with defaults where nothing was said. A section that was left out comes from its own defaults. */
export function withDefaults(shape: Shape, value: unknown): unknown {
  if (shape.properties !== undefined && (value === undefined || isTable(value))) {
    const full: Record<string, unknown> = { ...value };
    for (const [key, below] of Object.entries(shape.properties)) {
      const filled = withDefaults(below, full[key]);
      if (filled !== undefined) full[key] = filled;
    }
    return full;
  }
  if (value === undefined) return structuredClone(shape.default);
  const { items } = shape;
  return items !== undefined && Array.isArray(value) ? value.map((item: unknown) => withDefaults(items, item)) : value;
}

/** Everything that is wrong with a value; a part that has the wrong type is reported once and not looked into. */
export function check(shape: Shape, value: unknown, path: Path = []): readonly Finding[] {
  const fault = (message: string): readonly Finding[] => [{ path, key: false, message }];
  if (shape.properties !== undefined) {
    return isTable(value)
      ? checkTable(shape.properties, shape.required ?? [], value, path)
      : fault("must be a section: settings as name: value below it");
  }
  const { items } = shape;
  if (items !== undefined) {
    if (!Array.isArray(value)) return fault("must be a list: one - for each entry");
    return value.flatMap((item: unknown, at) => check(items, item, [...path, at]));
  }
  const message = wrongWithLeaf(shape, value);
  return message === undefined ? [] : fault(message);
}

/**
 * The value in the right form, so that rules which look across sections can be asked even when single settings are
 * wrong: what the check refused is dropped, or replaced by its default or by nothing much.
 */
export function mended(shape: Shape, value: unknown): unknown {
  const { items, properties } = shape;
  if (properties !== undefined) {
    const given = isTable(value) ? value : {};
    const kept: Record<string, unknown> = {};
    for (const [key, below] of Object.entries(properties)) {
      const wanted = shape.required?.includes(key) ?? false;
      if (wanted || (given[key] !== undefined && check(below, given[key]).length === 0)) kept[key] = mended(below, given[key]);
    }
    return kept;
  }
  if (items !== undefined) return Array.isArray(value) ? value.map((item: unknown) => mended(items, item)) : [];
  if (wrongWithLeaf(shape, value) === undefined) return value;
  return shape.default ?? shape.enum?.[0] ?? (shape.type === "string" ? "" : shape.type === "boolean" ? false : (shape.minimum ?? 0));
}

function checkTable(
  properties: Readonly<Record<string, Shape>>,
  required: readonly string[],
  value: Record<string, unknown>,
  path: Path,
): readonly Finding[] {
  const found: Finding[] = [];
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(properties, key)) continue;
    const meant = nearest(key, Object.keys(properties));
    const advice = meant === undefined ? `known here: ${Object.keys(properties).join(", ")}` : `did you mean ${meant}?`;
    found.push({ path: [...path, key], key: true, message: `there is no such setting; ${advice}` });
  }
  for (const [key, below] of Object.entries(properties)) {
    const part = value[key];
    if (part !== undefined) found.push(...check(below, part, [...path, key]));
    else if (required.includes(key))
      found.push({ path: [...path, key], key: false, message: `is missing: ${below.description ?? "give it a value"}` });
  }
  return found;
}

function wrongWithLeaf(shape: Shape, value: unknown): string | undefined {
  if (shape.enum !== undefined) {
    if (typeof value === "string" && shape.enum.includes(value)) return undefined;
    const meant = typeof value === "string" ? nearest(value, shape.enum) : undefined;
    return `must be one of ${shape.enum.join(", ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  }
  switch (shape.type) {
    case "string":
      return wrongWithText(shape, value);
    case "boolean":
      return typeof value === "boolean" ? undefined : "must be true or false, without quotes";
    default:
      return wrongWithNumber(shape, value);
  }
}

function wrongWithText(shape: Shape, value: unknown): string | undefined {
  if (typeof value !== "string") return "must be text: put it in quotes";
  if (value.length < (shape.minLength ?? 0)) return "must not be empty";
  if (value.length > (shape.maxLength ?? Number.POSITIVE_INFINITY)) return `must have at most ${shape.maxLength} characters`;
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value))
    return `does not look right: ${shape.hint ?? `it must match ${shape.pattern}`}`;
  return undefined;
}

function wrongWithNumber(shape: Shape, value: unknown): string | undefined {
  const whole = shape.type === "integer";
  const low = shape.minimum ?? Number.NEGATIVE_INFINITY;
  const high = shape.maximum ?? Number.POSITIVE_INFINITY;
  const right = typeof value === "number" && (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) && value >= low && value <= high;
  return right ? undefined : `must be a ${whole ? "whole " : ""}number from ${low} to ${high}${typeof value === "string" ? ", without quotes" : ""}`;
}
