import { groupOf, keysIn, waysEverywhere } from "./everywhere.ts";
import { exitsOf } from "./exits.ts";
import type { Script } from "./script.ts";
import { waysOf } from "./ways.ts";

/** How much of something the tests have been through. */
export interface Share {
  readonly covered: number;
  readonly total: number;
  /** What is left, in the order written: steps, or ways such as `reminder: 9 → opt_out`. */
  readonly missing: readonly string[];
}

export interface Coverage {
  readonly steps: Share;
  /** The ways out of steps that have more than one. */
  readonly ways: Share;
}

/** What these walks, each a list of steps entered, leave untried of a script. */
export function coverageOf(script: Script, paths: readonly (readonly string[])[]): Coverage {
  const entered = new Set(paths.flat());
  // Whoever went from one step to another took the way between them: nothing else leads from step to step.
  const taken = new Set(paths.flatMap((path) => path.slice(1).map((step, index) => `${path[index]} ${step}`)));
  const steps = [...script.steps.keys()];
  const ways = [...script.steps].flatMap(([name, step]) => {
    const byTarget = Map.groupBy(waysOf(step), ({ way }) => ("next" in way ? way.next : ""));
    byTarget.delete("");
    return byTarget.size < 2 ? [] : [...byTarget].map(([to, same]) => ({ name, to, label: same.map(({ label }) => label).join(", ") }));
  });
  // One way for all the steps it works in. Where a step leads to the same by itself, nobody knows whether the key was pressed.
  const pressed = new Set(paths.flatMap((path) => path.slice(1).flatMap((to, index) => keysBetween(script, path[index] ?? "", to))));
  const everywhere = [...waysEverywhere(script)].flatMap(([group, byStep]) => [...byStep].map(([to, keys]) => ({ group, to, keys })));
  const untried = everywhere.filter(({ group, keys }) => !keys.some((key) => pressed.has(`${group} ${key}`)));
  const untaken = ways.filter(({ name, to }) => !taken.has(`${name} ${to}`));
  return {
    steps: share(
      steps.length,
      steps.filter((name) => !entered.has(name)),
    ),
    ways: share(ways.length + everywhere.length, [
      ...untaken.map(({ name, to, label }) => `${name}: ${label} → ${to}`),
      ...untried.map(({ group, to, keys }) => `${group === "" ? "" : `${group}/`}everywhere: ${keys.join(", ")} → ${to}`),
    ]),
  };
}

/** The keys that lead from one step to another because they do so everywhere, with the script the first one is of. */
function keysBetween(script: Script, from: string, to: string): string[] {
  const step = script.steps.get(from);
  if (!step || exitsOf(step).includes(to)) return [];
  return [...keysIn(script, from, step)].flatMap(([key, target]) => (target === to ? [`${groupOf(script, from, key)} ${key}`] : []));
}

function share(total: number, missing: readonly string[]): Share {
  return { covered: total - missing.length, total, missing };
}

/** All of something as one percentage, rounded down: 100 only when nothing is left. */
export function percent({ covered, total }: Share): number {
  return total === 0 ? 100 : Math.floor((100 * covered) / total);
}
