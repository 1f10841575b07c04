import type { Finding, Position } from "./finding.ts";

/** Says what is wrong at an offset of a file. */
export type YamlReport = (code: string, offset: number, message: string, fix: string, severity?: Finding["severity"]) => void;

/** Of one kind; who makes more mistakes will find the others afterwards. */
const mostAlike = 100;

/** Puts what is wrong with a file into `findings`. */
export function reportInto(findings: Finding[], file: string, placeOf: (offset: number) => Position): YamlReport {
  const alike = new Map<string, number>();
  return (code, offset, message, fix, severity = "error") => {
    const before = alike.get(code) ?? 0;
    alike.set(code, before + 1);
    if (before < mostAlike) findings.push({ code, severity, file, ...placeOf(offset), message, fix });
  };
}
