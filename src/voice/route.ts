/** A trunk's place in a route. */
export interface RouteMember {
  readonly name: string;
  /** Trunks of the lowest number come first; the next only while none of these can take the call. */
  readonly priority: number;
  /** Share of the calls among trunks of one priority. */
  readonly weight: number;
}

/** Several trunks under one name, which campaigns use in place of a trunk. */
export interface Route {
  readonly name: string;
  readonly trunks: readonly RouteMember[];
  /** INVITEs for one attempt, at most, each over another trunk. */
  readonly maxTries: number;
}

/** What a trunk, or a route as a whole, may show and call; an empty list allows everything. */
export interface WayFacts {
  readonly name: string;
  readonly callerIdPrefixes: readonly string[];
  readonly destinationPrefixes: readonly string[];
}

/** Everything that campaigns may dial over. A route allows what one of its trunks allows. */
export function waysOf(trunks: readonly WayFacts[], routes: readonly Route[]): readonly WayFacts[] {
  const together = routes.map((route) => {
    const members = trunks.filter(({ name }) => route.trunks.some((member) => member.name === name));
    const union = (lists: readonly (readonly string[])[]) => (lists.some((list) => list.length === 0) ? [] : lists.flat());
    return {
      name: route.name,
      callerIdPrefixes: union(members.map(({ callerIdPrefixes }) => callerIdPrefixes)),
      destinationPrefixes: union(members.map(({ destinationPrefixes }) => destinationPrefixes)),
    };
  });
  return [...trunks, ...together];
}

/** Why nothing at all can be dialled over this name, and what to do, for people; undefined where there is a trunk, be it up or down. */
export function noWay(
  name: string,
  trunks: readonly { readonly name: string }[],
  routes: readonly Pick<Route, "name" | "trunks">[],
): string | undefined {
  const has = (wanted: string) => trunks.some((trunk) => trunk.name === wanted);
  const route = routes.find((each) => each.name === name);
  if (has(name) || route?.trunks.some((member) => has(member.name))) return undefined;
  const mend = "Nobody is called: put it back with carillon trunk add or route add, or in the configuration, or stop the campaign.";
  return route ? `There is none of the trunks of route ${name} any more. ${mend}` : `There is no trunk or route ${name} any more. ${mend}`;
}

/** What a member may take now, beside what it has been given. */
export interface Free {
  readonly member: RouteMember;
  readonly calls: number;
}

/** How far each trunk is behind its share, by name; kept from one call to the next, so that shares come out exactly. */
export type Credits = Readonly<Record<string, number>>;

/**
 * Spreads calls over the trunks of a route: all to the lowest priority as long as it has room, and by weight within one priority (smooth weighted
 * round robin, as nginx does it).
 * @returns the trunk of each call, and the credits for the next time
 */
export function spread(calls: number, free: readonly Free[], credits: Credits): { readonly names: readonly string[]; readonly credits: Credits } {
  const room = new Map(free.map(({ member, calls: most }) => [member.name, most]));
  const credit = new Map(Object.entries(credits));
  const names: string[] = [];
  while (names.length < calls) {
    const open = free.map(({ member }) => member).filter(({ name }) => (room.get(name) ?? 0) > 0);
    const first = Math.min(...open.map(({ priority }) => priority));
    const tier = open.filter(({ priority }) => priority === first);
    if (tier.length === 0) break;
    for (const { name, weight } of tier) credit.set(name, (credit.get(name) ?? 0) + weight);
    const chosen = tier.reduce((best, member) => ((credit.get(member.name) ?? 0) > (credit.get(best.name) ?? 0) ? member : best));
    const whole = tier.reduce((sum, { weight }) => sum + weight, 0);
    credit.set(chosen.name, (credit.get(chosen.name) ?? 0) - whole);
    room.set(chosen.name, (room.get(chosen.name) ?? 0) - 1);
    names.push(chosen.name);
  }
  return { names, credits: Object.fromEntries(credit) };
}

/** In the order in which they are tried after one has failed: by priority, then the heaviest first. */
export function inOrder<T extends RouteMember>(members: readonly T[]): readonly T[] {
  return members.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
}
