import { inRange } from "./number-range.ts";
import type { BranchCase } from "./script.ts";
import type { Hours } from "./time-branch.ts";

export type Test = BranchCase["test"];

/** How what an earlier line of a branch takes lies to what a later one would take. */
export type Relation = "apart" | "covers" | "within" | "overlaps";

export function relationOf(earlier: Test, later: Test): Relation {
  if ("equals" in earlier && "equals" in later) return earlier.equals === later.equals ? "covers" : "apart";
  if ("equals" in earlier) return "range" in later && inRange(earlier.equals, later.range) ? "within" : "apart";
  if ("equals" in later) return "range" in earlier && inRange(later.equals, earlier.range) ? "covers" : "apart";
  const before = spansOf(earlier);
  const after = spansOf(later);
  if (!before.some((a) => after.some((b) => a.low <= b.high && b.low <= a.high))) return "apart";
  if (covers(before, after)) return "covers";
  return covers(after, before) ? "within" : "overlaps";
}

/** Whether several lines together leave nothing for a later one. Only hours and ranges can be covered bit by bit. */
export function coveredBy(later: Test, earlier: readonly Test[]): boolean {
  if ("equals" in later) return false;
  const kind = "hours" in later ? "hours" : "range";
  return covers(
    earlier.filter((test) => kind in test).flatMap((test) => spansOf(test)),
    spansOf(later),
    kind === "hours" ? 1 : 0,
  );
}

/** Numbers, both ends included: values, or minutes of the week from Monday 00:00. */
interface Span {
  readonly low: number;
  readonly high: number;
}

function spansOf(test: Test): readonly Span[] {
  if ("range" in test) return [{ low: test.range.low ?? -Infinity, high: test.range.high ?? Infinity }];
  return "hours" in test ? minutesOfWeek(test.hours) : [];
}

const week = 7 * 1440;

function minutesOfWeek({ weekdays, startMinute, endMinute }: Hours): readonly Span[] {
  return weekdays.flatMap((weekday) => {
    const day = (weekday - 1) * 1440;
    const low = day + startMinute;
    const high = day + (endMinute > startMinute ? endMinute : endMinute + 1440) - 1;
    // What begins on Sunday evening ends on Monday.
    return high < week
      ? [{ low, high }]
      : [
          { low, high: week - 1 },
          { low: 0, high: high - week },
        ];
  });
}

/** @param gap how far apart neighbours may be without leaving anything out: 1 for whole minutes, 0 for numbers */
function covers(wide: readonly Span[], narrow: readonly Span[], gap = 1): boolean {
  const merged: { low: number; high: number }[] = [];
  for (const { low, high } of wide.toSorted((a, b) => a.low - b.low)) {
    const last = merged.at(-1);
    if (last && low <= last.high + gap) last.high = Math.max(last.high, high);
    else merged.push({ low, high });
  }
  return narrow.every(({ low, high }) => merged.some((span) => span.low <= low && span.high >= high));
}
