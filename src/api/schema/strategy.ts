import { Type } from "typebox";
import { passChannels } from "../../strategy/strategy.ts";
import type { StrategyVersion } from "../../strategy/strategy-ports.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$", description: "Name of a strategy.", examples: ["payment-reminder"] });
const numberSchema = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: "Counts from 1 for each name." });

export const strategyParams = Type.Object({ name: nameSchema }, { additionalProperties: false });
export const strategyVersionParams = Type.Object({ name: nameSchema, version: numberSchema }, { additionalProperties: false });
export const strategyHistoryQuery = Type.Object(pageFields, { additionalProperties: false });

/** What may be in it is told by the fault: docs/strategies.md has the keys. */
const documentSchema = Type.Object({}, { additionalProperties: true, description: "The strategy's document: name, limits, events, passes." });
export const strategyBody = {
  content: { "application/yaml": { schema: Type.String({ description: "The document as YAML." }) }, "application/json": { schema: documentSchema } },
};

const headFields = {
  id: Type.String({ ...idSchema, description: "Of the version." }),
  name: nameSchema,
  version: numberSchema,
  publishedAt: timeSchema,
  publishedBy: Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line." }),
  passes: Type.Array(Type.Object({ name: Type.String(), channel: Type.Enum([...passChannels]) }), {
    description: "In the order of the document.",
  }),
};
export const strategyHeadSchema = Type.Object(headFields);
export const strategyPublishedSchema = Type.Object({
  ...headFields,
  fresh: Type.Boolean({ description: "False when it is the current version already: nothing was written." }),
});
export const strategyVersionSchema = Type.Object({
  ...headFields,
  current: Type.Boolean(),
  first: Type.String({ description: "The pass in which everybody begins." }),
  source: Type.String({ description: "The document as its author wrote it, YAML or JSON." }),
});

export function showStrategyHead({ id, name, version, strategy, publishedAt, publishedBy }: StrategyVersion) {
  const passes = strategy.passes.map((pass) => ({ name: pass.name, channel: pass.channel }));
  return { id, name, version, publishedAt: timeText(publishedAt), publishedBy, passes };
}

export function showStrategyVersion(version: StrategyVersion, current: boolean) {
  return { ...showStrategyHead(version), current, first: version.strategy.first, source: version.source };
}
