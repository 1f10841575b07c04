import type { Test } from "./branch-tests.ts";
import { exitsFor, keysIn } from "./everywhere.ts";
import { answersOf, reachable } from "./exits.ts";
import { isAsking } from "./lint-reach.ts";
import type { BranchStep, CollectStep, Script, Step, SurveyStep } from "./script.ts";

/** Whole numbers, both ends included. */
interface Span {
  readonly low: number;
  readonly high: number;
}

/** Looking for ways round a question takes a look at the whole script; one with more answers than that is not searched. */
const mostSearched = 50;

/**
 * Where a person can choose to go at each branch on what they keyed in or scored: by the lines that can hold for something they could
 * have said, and by `else` where something is left for it. What is not known for certain is taken as possible.
 * @returns by the name of the branch; none for a branch on anything else
 */
export function chosenExits(whole: Script): ReadonlyMap<string, readonly string[]> {
  const people = giversOf(whole);
  const searched = new Map<string, ReadonlySet<string>>();
  const chosen = new Map<string, readonly string[]>();
  for (const [name, step] of whole.steps) {
    if (step.verb !== "branch" || step.what.kind !== "value") continue;
    const answer = step.what.name;
    const givers = people.get(answer);
    if (!givers) continue;
    const found = byAnswers(step, givers);
    if (!found.has(step.otherwise)) {
      const open = searched.get(answer) ?? (searched.size < mostSearched ? unanswered(whole, givers) : undefined);
      if (open) searched.set(answer, open);
      if (open?.has(name) ?? true) found.add(step.otherwise);
    }
    chosen.set(name, [...found]);
  }
  return chosen;
}

/** The steps that give each answer its value, where only the person does. */
function giversOf(script: Script): ReadonlyMap<string, readonly Step[]> {
  const givers = new Map<string, Step[]>();
  const made = new Set<string>();
  for (const step of script.steps.values()) {
    for (const name of answersOf(step)) {
      if (!isAsking(step)) made.add(name);
      else givers.set(name, [...(givers.get(name) ?? []), step]);
    }
  }
  return new Map([...givers].filter(([name]) => !made.has(name)));
}

function byAnswers({ cases, otherwise }: BranchStep, givers: readonly Step[]): Set<string> {
  const found = new Set<string>();
  for (const giver of givers) {
    if (giver.verb === "collect") {
      for (const { test, to } of cases) if (canBeKeyed(test, giver)) found.add(to);
      found.add(otherwise);
    } else if (giver.verb === "survey") {
      let left: readonly Span[] = [{ low: giver.from, high: giver.to }];
      for (const { test, to } of cases) {
        const after = left.flatMap((span) => without(span, scoresOf(test)));
        if (sizeOf(after) < sizeOf(left)) found.add(to);
        left = after;
      }
      if (left.length > 0) found.add(otherwise);
    } else found.add(otherwise);
  }
  return found;
}

function canBeKeyed(test: Test, { minDigits, maxDigits, terminators }: CollectStep): boolean {
  if ("equals" in test) {
    const { equals } = test;
    return equals.length >= minDigits && equals.length <= maxDigits && [...equals].every((key) => /[0-9*#]/.test(key) && !terminators.includes(key));
  }
  const { low, high } = scoresOf(test);
  return low < 10 ** maxDigits && high >= 0 && low <= high;
}

/** The scores for which a line holds. */
function scoresOf(test: Test): Span {
  if ("range" in test) return { low: Math.ceil(test.range.low ?? -Infinity), high: Math.floor(test.range.high ?? Infinity) };
  const score = "equals" in test && /^(?:0|[1-9]\d{0,8})$/.test(test.equals) ? Number(test.equals) : Number.NaN;
  return { low: score, high: score };
}

/** What is left of a span without another one; without NaN all of it. */
function without(span: Span, taken: Span): readonly Span[] {
  if (!(taken.low <= span.high && taken.high >= span.low)) return [span];
  return [
    { low: span.low, high: taken.low - 1 },
    { low: taken.high + 1, high: span.high },
  ].filter(({ low, high }) => low <= high);
}

const sizeOf = (spans: readonly Span[]): number => spans.reduce((sum, { low, high }) => sum + high - low + 1, 0);

const afterAnswer = (step: Step): step is CollectStep | SurveyStep => step.verb === "collect" || step.verb === "survey";

/** The steps that a call can come to before it has been answered. */
function unanswered(whole: Script, givers: readonly Step[]): ReadonlySet<string> {
  const exits = exitsFor(whole);
  const without = (step: Step, name: string): readonly string[] =>
    givers.includes(step) && afterAnswer(step) ? [step.noInput, step.noMatch, ...keysIn(whole, name, step).values()] : exits(step, name);
  return reachable(whole, Object.values(whole.start), without);
}
