import { nearest } from "../kernel/nearest.ts";
import { parseRange } from "./number-range.ts";
import type { Written } from "./schema.ts";
import { type BranchCase, type BranchOn, type BranchStep, verdicts } from "./script.ts";
import type { StepReader } from "./step-reader.ts";
import { parseHours } from "./time-branch.ts";
import { isZone } from "./zone-clock.ts";

export function readBranch(written: Written<"branch">, reader: StepReader): BranchStep | undefined {
  const otherwise = reader.step(written.else, "else");
  const what = readWhat(written, reader);
  const cases: BranchCase[] = [];
  // JavaScript puts keys that are whole numbers first; what counts is the order in the file.
  const lines = Object.entries(written.on).map(([key, name]) => ({ key, name, place: reader.key("on", key) }));
  lines.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  for (const { key, name } of lines) {
    const to = reader.step(name, "on", key);
    const test = what && readTest(what, key, reader);
    if (test) cases.push({ key, test, to });
  }
  return what && { verb: "branch", what, cases, otherwise };
}

function readWhat({ branch }: Written<"branch">, reader: StepReader): BranchOn | undefined {
  if (typeof branch === "string") return { kind: "value", name: branch };
  const headZone = reader.head?.script.zone;
  if (branch.what !== "time") {
    if (branch.zone === undefined) return { kind: branch.what };
    return reader.report("bad-value", reader.key("branch", "zone"), "only times depend on a zone", "Leave `zone` out.");
  }
  if (branch.zone === "contact") return { kind: "time", contact: true, ...(headZone !== undefined && { zone: headZone }) };
  const zone = branch.zone ?? headZone;
  if (zone === undefined) {
    // Without a head that can be read, nobody knows whether there is one.
    if (!reader.head) return undefined;
    const fix = "Add `zone: America/New_York` to it or at the head of the script, or `zone: contact` for the contact's own.";
    return reader.report("zone-missing", reader.value("branch"), "it is not said in which zone the times are", fix);
  }
  return isZone(zone) ? { kind: "time", contact: false, zone } : reader.zoneUnknown(zone, "branch", "zone");
}

function readTest(what: BranchOn, key: string, reader: StepReader): BranchCase["test"] | undefined {
  const place = reader.key("on", key);
  switch (what.kind) {
    case "value": {
      if (!key.includes("..")) return { equals: key };
      const range = parseRange(key);
      return range
        ? { range }
        : reader.report("bad-range", place, `“${key}” is no range of numbers`, "Write 1..10, 10.. or ..10, the smaller number first.");
    }
    case "verdict": {
      if (verdicts.some((verdict) => verdict === key)) return { equals: key };
      const guess = nearest(key, verdicts);
      return reader.report("bad-value", place, `nobody answers as “${key}”`, guess ? `Did you mean ${guess}?` : `Use ${verdicts.join(", ")}.`);
    }
    case "language": {
      const languages = reader.head?.script.languages ?? [key];
      return languages.includes(key) ? { equals: key } : reader.languageUnknown(key, languages, place);
    }
    case "time": {
      const hours = parseHours(key);
      const fix = 'Write "mon-fri 09:00-17:00", "sat,sun" or "22:00-06:00".';
      return hours ? { hours } : reader.report("bad-hours", place, `“${key}” are no hours of the week`, fix);
    }
  }
}
