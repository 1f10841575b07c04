import type { Script, Step } from "./script.ts";

interface Visit {
  readonly order: number;
  /** The earliest step on the present way to which this one leads back. */
  lowest: number;
  open: boolean;
}

/**
 * The steps that lead back to themselves (the strongly connected components of more than one step, and steps that name themselves),
 * in one pass over the script: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
 * @param exits where a step leads to
 */
export function inCircles(script: Script, exits: (step: Step) => readonly string[]): ReadonlySet<string> {
  const visits = new Map<string, Visit>();
  const way: string[] = [];
  const found = new Set<string>();
  const visit = (name: string, step: Step): Visit => {
    const here: Visit = { order: visits.size, lowest: visits.size, open: true };
    visits.set(name, here);
    way.push(name);
    for (const exit of exits(step)) {
      const next = script.steps.get(exit);
      if (!next) continue;
      if (exit === name) found.add(name);
      const there = visits.get(exit) ?? visit(exit, next);
      if (there.open) here.lowest = Math.min(here.lowest, there.lowest);
    }
    if (here.lowest === here.order) {
      const circle = way.splice(way.lastIndexOf(name));
      for (const member of circle) {
        const closed = visits.get(member);
        if (closed) closed.open = false;
        if (circle.length > 1) found.add(member);
      }
    }
    return here;
  };
  for (const [name, step] of script.steps) if (!visits.has(name)) visit(name, step);
  return found;
}
