import { Type } from "typebox";
import { channelNames } from "../../attempt/result.ts";
import { capKinds, type FrequencyCap, largestCap, longestWindowS, shortestWindowS } from "../../compliance/frequency.ts";
import { idSchema } from "./common.ts";

const nameSchema = Type.String({ minLength: 1, maxLength: 100, pattern: "^\\P{Cc}*$", description: "Unique.", examples: ["three-a-week"] });
const channelSchema = Type.Enum(channelNames, {
  description: "It counts attempts on this channel and holds for it; left out: over all channels.",
});
const campaignSchema = Type.String({
  ...idSchema,
  description: "It holds in this campaign alone, and counts only what that one did; left out: in every campaign, over all of them.",
});
const perSchema = Type.Enum(["person", "address"]);
const mostSchema = Type.Integer({ minimum: 1, maximum: largestCap });
const windowSchema = Type.Integer({ minimum: shortestWindowS, maximum: longestWindowS, description: "Seconds; the window rolls." });

/** A cap as it is wished for, or the US rule for debts, which is two of them. */
export const newCapSchema = Type.Object(
  {
    name: nameSchema,
    per: Type.Optional(perSchema),
    most: Type.Optional(mostSchema),
    windowS: Type.Optional(windowSchema),
    channel: Type.Optional(channelSchema),
    campaignId: Type.Optional(campaignSchema),
    usDebtField: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: "^\\P{Cc}*$",
        description:
          "Instead of per, most, windowS and channel: the rule for debt collectors in the United States (12 CFR 1006.14(b)(2)), with the field of the contacts that says which debt it is. Of the account it holds for contacts that have the field; of a campaign for everybody in it.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const capSchema = Type.Object(
  {
    id: idSchema,
    name: Type.String(),
    kind: Type.Enum(capKinds),
    per: perSchema,
    most: mostSchema,
    windowS: windowSchema,
    channel: Type.Optional(channelSchema),
    campaignId: Type.Optional(campaignSchema),
    field: Type.Optional(Type.String()),
    place: Type.Optional(Type.String({ description: "Of a cap by law: whose law it is." })),
    source: Type.Optional(Type.String({ description: "Of a cap by law: where it stands." })),
  },
  { description: "How often a person or an address may be contacted in a window that rolls." },
);

export function showCap(cap: FrequencyCap) {
  return { ...cap };
}
