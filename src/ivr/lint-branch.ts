import { coveredBy, relationOf, type Test } from "./branch-tests.ts";
import { isPerson, keysIn } from "./everywhere.ts";
import { answersOf, exitsOf, reachable } from "./exits.ts";
import { type Linter, within } from "./linter.ts";
import { type BranchCase, type BranchStep, type Script, type Step, type Verdict, verdicts } from "./script.ts";

/** Lines of a branch that never hold, and those of which two hold for the same value and only their order decides. */
export function lintBranches(linter: Linter): void {
  const scores = scoresOf(linter.whole);
  const reached = reachedBy(linter.whole);
  for (const [name, step] of linter.script.steps) {
    if (step.verb !== "branch") continue;
    const possible = step.what.kind === "value" ? scores.get(step.what.name) : undefined;
    const comes = new Set<string>(verdicts.filter((verdict) => reached.get(verdict)?.has(name)));
    const cases = step.cases.slice(0, mostCompared);
    for (const [index, line] of cases.entries()) {
      const { test } = line;
      if (step.what.kind === "verdict" && "equals" in test && comes.size > 0 && !comes.has(test.equals)) {
        never(linter, name, line, `no call that was answered by ${line.key} comes here`, "Remove the line.");
      } else if (possible && !fitsScores(test, possible)) {
        never(linter, name, line, `the scores are ${possible.low} to ${possible.high}`, "Remove the line, or mend its numbers.");
      } else lintOrder(linter, name, line, cases.slice(0, index));
    }
  }
}

/** Every line is compared with every other; a branch has at most a hundred. */
const mostCompared = 100;

function never({ located, report }: Linter, name: string, line: BranchCase, why: string, fix: string): void {
  report("branch-never", located.keyAt(within(name, "on", line.key)), `the line “${line.key}” of ${name} never holds: ${why}`, fix);
}

function lintOrder(linter: Linter, name: string, line: BranchCase, earlier: readonly BranchCase[]): void {
  const covering = earlier.find(({ test }) => relationOf(test, line.test) === "covers");
  if (covering || coveredBy(line.test, tests(earlier))) {
    const why = covering ? `“${covering.key}” above takes all of it` : "the lines above take all of it";
    never(linter, name, line, why, "Put it above, or remove it.");
    return;
  }
  for (const other of earlier) {
    // The special case above the general one is how it should be, and the same target makes no difference.
    if (other.to === line.to || relationOf(other.test, line.test) !== "overlaps") continue;
    const message = `“${other.key}” and “${line.key}” of ${name} can both hold, and then “${other.key}” decides`;
    linter.report("branch-overlap", linter.located.keyAt(within(name, "on", line.key)), message, "Let one begin where the other ends.");
  }
}

const tests = (cases: BranchStep["cases"]): readonly Test[] => cases.map(({ test }) => test);

interface Scores {
  readonly low: number;
  readonly high: number;
}

/** The scores that answers can have which only surveys give a value. */
function scoresOf(script: Script): ReadonlyMap<string, Scores> {
  const scores = new Map<string, Scores>();
  const others: string[] = [...script.needs];
  for (const step of script.steps.values()) {
    if (step.verb !== "survey") others.push(...answersOf(step));
    else {
      const known = scores.get(step.question) ?? { low: step.from, high: step.to };
      scores.set(step.question, { low: Math.min(known.low, step.from), high: Math.max(known.high, step.to) });
    }
  }
  for (const name of others) scores.delete(name);
  return scores;
}

function fitsScores(test: Test, { low, high }: Scores): boolean {
  if ("equals" in test) return /^(?:0|[1-9]\d{0,2})$/.test(test.equals) && Number(test.equals) >= low && Number(test.equals) <= high;
  if ("hours" in test) return true;
  return Math.ceil(Math.max(test.range.low ?? low, low)) <= Math.floor(Math.min(test.range.high ?? high, high));
}

/** The steps that calls with each verdict can come to. */
function reachedBy(script: Script): ReadonlyMap<Verdict, ReadonlySet<string>> {
  return new Map(
    verdicts.map((verdict) => [verdict, reachable(script, [script.start[verdict] ?? ""], (step, name) => exitsFor(script, name, step, verdict))]),
  );
}

function exitsFor(script: Script, name: string, step: Step, verdict: Verdict): readonly string[] {
  if (step.verb === "script") return [step.start?.[verdict] ?? ""];
  if (step.verb !== "branch" || step.what.kind !== "verdict") {
    return [...exitsOf(step), ...(isPerson(verdict) ? keysIn(script, name, step).values() : [])];
  }
  return [step.cases.find(({ test }) => "equals" in test && test.equals === verdict)?.to ?? step.otherwise];
}
