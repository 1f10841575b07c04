import { Type } from "typebox";
import { meaningOf } from "../../compliance/gate-rules.ts";
import type { Why } from "../../compliance/why-ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

export const whyParams = Type.Object({ id: idSchema, contactId: idSchema }, { additionalProperties: false });

const ruleSchema = Type.String({ description: "The rule of the gate.", examples: ["outside-calling-window"] });
const retrySchema = Type.String({ description: "RFC 3339, UTC: when it is asked again; absent when it is not asked again in this campaign." });

export const whySchema = Type.Object(
  {
    at: timeSchema,
    address: Type.Optional(
      Type.String({ description: "Whom the campaign would call or write to; absent where it can use no address of the contact." }),
    ),
    may: Type.Boolean({ description: "Whether the gate would let it happen now." }),
    rule: Type.Optional(ruleSchema),
    meaning: Type.Optional(Type.String({ description: "The rule in words." })),
    retryAt: Type.Optional(retrySchema),
    waitsSince: Type.Optional(
      Type.String({ description: "The contact waits in this campaign, and is due since then, or will be. Absent: nothing is left to do." }),
    ),
    decisions: Type.Array(
      Type.Object({
        step: Type.String({ description: "What was asked." }),
        passed: Type.Boolean(),
        rule: Type.Optional(ruleSchema),
        meaning: Type.Optional(Type.String()),
        retryAt: Type.Optional(retrySchema),
        saw: Type.String({ description: "What it went by, for people." }),
      }),
      { description: "Every question of the gate in its order; the first no decides." },
    ),
  },
  { description: "What the gate says of one person in a campaign, now." },
);

/** @param dueAt since when the contact waits in the campaign (epoch ms) */
export function showWhy({ at, address, may, decisions, ...said }: Why, dueAt: number | undefined) {
  return {
    at: timeText(at),
    may,
    ...(address !== undefined && { address }),
    ...showRefusal(said),
    ...(dueAt !== undefined && { waitsSince: timeText(dueAt) }),
    decisions: decisions.map(({ step, passed, saw, ...refusal }) => ({ step, passed, ...showRefusal(refusal), saw })),
  };
}

function showRefusal({ rule, retryAt }: Pick<Why, "rule" | "retryAt">) {
  const meaning = rule === undefined ? undefined : meaningOf(rule);
  return {
    ...(rule !== undefined && { rule }),
    ...(meaning !== undefined && { meaning }),
    ...(retryAt !== undefined && { retryAt: timeText(retryAt) }),
  };
}
