import { type TSchema, Type } from "typebox";
import { callerIdOptions } from "../../config/section/telephony.ts";
import { keptRouteOptions } from "../../config/way.ts";
import type { PoolView, RouteView } from "../setting-ports.ts";
import { shownOption } from "./trunk.ts";

const origin = Type.Enum(["file", "api"], {
  description: "Whether the configuration has it, where it is changed then, or it was added over the API.",
});

export const routeSchema = Type.Object({
  name: Type.String(),
  origin,
  maxTries: Type.Integer(),
  trunks: Type.Array(
    Type.Object({
      name: Type.String(),
      priority: Type.Integer(),
      weight: Type.Integer(),
      up: Type.Boolean({ description: "Whether calls may be placed on it." }),
      note: Type.Optional(Type.String({ description: "Why not, for people." })),
    }),
  ),
});

export const poolSchema = Type.Object({
  name: Type.String(),
  origin,
  numbers: Type.Array(
    Type.Object({
      number: Type.String({ description: "E.164." }),
      localTo: Type.Array(Type.String()),
      resting: Type.Boolean({ description: "Not shown for a time, after a run of 608." }),
    }),
  ),
  dailyCap: Type.Optional(Type.Integer()),
  quarantineAfter: Type.Integer(),
  quarantineHours: Type.Number(),
});

/** What is sent to add one, and to change one, as the API document shows it. Whether it is right the check of the configuration says, in its words. */
function bodiesOf(options: { readonly properties: Readonly<Record<string, TSchema>> }, needed: string, section: string) {
  const { name = Type.String(), ...others } = Object.fromEntries(
    Object.entries(options.properties).map(([key, schema]) => [key, shownOption(schema)]),
  );
  const optional = Object.fromEntries(Object.entries(others).map(([key, schema]) => [key, Type.Optional(schema)]));
  const strict = { additionalProperties: false };
  return {
    made: Type.Object(
      { name, ...optional, [needed]: others[needed] ?? Type.Array(Type.Unknown()) },
      { ...strict, description: `The settings of \`${section}:\` in the configuration.` },
    ),
    patch: Type.Object(optional, {
      ...strict,
      description: "Settings that are to be others; null takes one back to its default. What is not named stays as it is. A list is sent whole.",
    }),
  };
}

export const routeBodies = bodiesOf(keptRouteOptions, "trunks", "routes");
export const poolBodies = bodiesOf(callerIdOptions, "numbers", "callerIds");

export const removalQuery = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: "Also while campaigns use it; they wait then, and call nobody." })) },
  { additionalProperties: false },
);

export function showRoute({ trunks, ...route }: RouteView) {
  return { ...route, trunks: trunks.map(({ note, ...trunk }) => ({ ...trunk, ...(note !== undefined && { note }) })) };
}

export function showPool({ numbers, dailyCap, ...pool }: PoolView) {
  return { ...pool, numbers: numbers.map((each) => ({ ...each, localTo: [...each.localTo] })), ...(dailyCap !== undefined && { dailyCap }) };
}
