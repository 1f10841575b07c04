import { Type } from "typebox";
import { campaignStates } from "../../strategy/campaign.ts";
import type { StrategyCampaign } from "../../strategy/strategy-campaign.ts";
import type { PassProgress, VersionChange } from "../../strategy/strategy-campaign-ports.ts";
import { progressSchema, showProgress } from "./campaign.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const name = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: "^\\P{Cc}*$",
  description: "Unique. Its passes are campaigns, named `NAME/PASS`.",
});
const strategy = Type.String({ minLength: 1, maxLength: 64, description: "Name of a published strategy." });
const version = Type.Integer({ minimum: 1, description: "Which version of the strategy." });
const defaultTimeZone = Type.String({ minLength: 1, maxLength: 100, description: "IANA zone for people whose zone is not known." });

export const newStrategyCampaignSchema = Type.Object(
  {
    name,
    listId: idSchema,
    strategy,
    version: Type.Optional(Type.Integer({ minimum: 1, description: "This version instead of the current one." })),
    defaultTimeZone,
  },
  { additionalProperties: false },
);

export const strategyChangeBody = Type.Object(
  { version: Type.Optional(Type.Integer({ minimum: 1, description: "The version to go over to; without it the current one." })) },
  { additionalProperties: false },
);

const head = { id: idSchema, name, listId: idSchema, strategy, version, defaultTimeZone, state: Type.Enum([...campaignStates]) };

export const strategyCampaignSchema = Type.Object(head);

export const strategyCampaignProgressSchema = Type.Object({
  ...head,
  passes: Type.Array(
    Type.Object({
      pass: Type.String({ description: "Its name in the strategy." }),
      campaignId: Type.String({ ...idSchema, description: "Its campaign." }),
      state: Type.Enum([...campaignStates]),
      progress: progressSchema,
    }),
  ),
});

export const versionChangesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      at: timeSchema,
      by: Type.String({ description: "The name of the API key, or the command line." }),
      beforeVersionId: idSchema,
      afterVersionId: idSchema,
    }),
    { description: "Oldest first, at most the first 500." },
  ),
});

export function showStrategyCampaign({ strategyVersionId: _, ...campaign }: StrategyCampaign) {
  return campaign;
}

export function showPasses(passes: readonly PassProgress[]) {
  return passes.map(({ progress, ...pass }) => ({ ...pass, progress: showProgress(progress) }));
}

export function showVersionChanges(changes: readonly VersionChange[]) {
  return { items: changes.map(({ at, ...change }) => ({ at: timeText(at), ...change })) };
}
