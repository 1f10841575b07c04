import { pointerTo } from "../kernel/pointer.ts";
import type { Written } from "./read-after.ts";
import type { Strategy } from "./strategy.ts";

/** A way from one pass to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly pointer: string;
  /** Whether there is an attempt before it, which limits count. Those whom a pass does not mean go on without one. */
  readonly attempted: boolean;
}

/** Every way between passes. */
export function edgesOf({ passes }: Strategy, written: ReadonlyMap<string, readonly Written[]>): readonly Edge[] {
  return passes.flatMap(({ name: from, whoElse }): Edge[] => [
    ...(whoElse.do === "pass" ? [{ from, to: whoElse.pass, pointer: pointerTo(pointerTo("/passes", from), "who_else"), attempted: false }] : []),
    ...(written.get(from) ?? []).flatMap(({ treatments, besides }) =>
      [...treatments, ...besides].flatMap(({ treatment, pointer }) =>
        "pass" in treatment ? [{ from, to: treatment.pass, pointer, attempted: true }] : [],
      ),
    ),
  ]);
}

/**
 * Ways by which somebody could be sent round for ever: circles of passes none of whose attempts is counted by a limit. A limit per contact of the strategy ends every circle in which somebody is
 * tried, that of a pass those in which the pass tries.
 * @returns of each circle the passes in turn, the first one again at the end, and the way that closes it
 */
export function endlessLoops(strategy: Strategy, edges: readonly Edge[]): readonly { readonly circle: readonly string[]; readonly edge: Edge }[] {
  const limited = (name: string) =>
    strategy.limits.perContact !== undefined || strategy.passes.some((pass) => pass.name === name && pass.limits.perContact !== undefined);
  const open = edges.filter(({ from, to, attempted }) => from !== to && !(attempted && limited(from)));
  const loops: { circle: readonly string[]; edge: Edge }[] = [];
  const done = new Set<string>();
  const walk = (name: string, trail: readonly string[]): void => {
    for (const edge of open.filter(({ from }) => from === name)) {
      const since = trail.indexOf(edge.to);
      if (since >= 0) loops.push({ circle: [...trail.slice(since), edge.to], edge });
      else if (!done.has(edge.to)) walk(edge.to, [...trail, edge.to]);
    }
    done.add(name);
  };
  for (const { name } of strategy.passes) if (!done.has(name)) walk(name, [name]);
  return loops;
}

/** Passes to which nobody ever comes. @param others those whose agents have something else to do */
export function unreachedPasses(strategy: Strategy, edges: readonly Edge[], others: readonly string[]): readonly string[] {
  const starts = [strategy.first, ...others, ...Object.values(strategy.events).flatMap((event) => (event.do === "pass" ? [event.pass] : []))];
  const reached = new Set<string>();
  for (let next = starts; next.length > 0; ) {
    const fresh = next.filter((name) => !reached.has(name));
    for (const name of fresh) reached.add(name);
    next = edges.filter(({ from }) => fresh.includes(from)).map(({ to }) => to);
  }
  return strategy.passes.map(({ name }) => name).filter((name) => !reached.has(name));
}
