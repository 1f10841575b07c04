import { type Static, Type } from "typebox";
import { type ReadPart, readPart, type Told } from "./part.ts";
import { type CallerIdOptions, callerIdOptions, routeOptions } from "./section/telephony.ts";
import type { Path } from "./shape.ts";

const { origin: _origin, ...member } = routeOptions.properties.trunks.items.properties;

/** A route that is no part of the configuration: whether its trunks are is all the same. */
export const keptRouteOptions = Type.Object(
  {
    ...routeOptions.properties,
    trunks: Type.Array(Type.Object(member, { description: "A trunk's place in the route.", additionalProperties: false }), {
      description: "Its trunks.",
      default: [],
    }),
  },
  { description: "Several trunks that campaigns use under one name.", additionalProperties: false },
);

export type KeptRouteOptions = Static<typeof keptRouteOptions>;

/** What no single setting of a pool can show. @param path where the pool stands */
export function checkPool({ numbers }: CallerIdOptions, path: Path, fault: Told): void {
  if (numbers.length === 0) fault([...path, "numbers"], "is empty: there would be nothing to show");
  for (const [place, { number }] of numbers.entries())
    if (numbers.findIndex((other) => other.number === number) < place)
      fault([...path, "numbers", place, "number"], `${number} stands in this pool twice`);
}

/**
 * The same of a route.
 * @param missing what is wrong with the name of a trunk; undefined when nothing is
 */
export function checkRoute<M extends { readonly name: string }>(
  { trunks }: { readonly trunks: readonly M[] },
  path: Path,
  fault: Told,
  missing: (member: M) => string | undefined,
): void {
  if (trunks.length === 0) fault([...path, "trunks"], "is empty: calls need at least one trunk");
  for (const [place, trunk] of trunks.entries()) {
    const { name } = trunk;
    const wrong = missing(trunk) ?? (trunks.findIndex((other) => other.name === name) < place ? `${name} stands in this route twice` : undefined);
    if (wrong !== undefined) fault([...path, "trunks", place, "name"], wrong);
  }
}

/** A pool of caller ids from elsewhere than the configuration, held to the same. */
export function readPool(value: unknown): ReadPart<CallerIdOptions> {
  return readPart<CallerIdOptions>(callerIdOptions, value, (pool, fault) => checkPool(pool, [], fault));
}

/** The same of a route. @param trunks names of those that there are */
export function readRoute(value: unknown, trunks: readonly string[]): ReadPart<KeptRouteOptions> {
  return readPart<KeptRouteOptions>(keptRouteOptions, value, (route, fault) =>
    checkRoute(route, [], fault, ({ name }) =>
      trunks.includes(name) ? undefined : `there is no trunk ${name}; there are: ${trunks.join(", ") || "none"}`,
    ),
  );
}
