import { check, type Finding, mended, withDefaults } from "./check.ts";
import { type Path, type Shape, startsWith } from "./shape.ts";

/** Notes a fault at a place. */
export type Told = (path: Path, message: string) => void;

export interface ReadPart<T> {
  /** With its defaults, and mended where there are findings: not to be used then. */
  readonly part: T;
  readonly findings: readonly Finding[];
}

/**
 * A part of the configuration that comes from elsewhere, held to the same.
 * @param shape the schema of a T
 * @param rule what no single setting can show
 */
export function readPart<T>(shape: Shape, value: unknown, rule: (part: T, fault: Told) => void): ReadPart<T> {
  const full = withDefaults(shape, value);
  const findings = [...check(shape, full)];
  const ruled: Finding[] = [];
  const part = mended(shape, full) as T;
  rule(part, (path, message) => ruled.push({ path, key: false, message }));
  findings.push(...ruled.filter((each) => !findings.some((finding) => startsWith(each.path, finding.path))));
  return { part, findings };
}
