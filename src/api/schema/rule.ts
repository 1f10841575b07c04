import { Type } from "typebox";
import { channelNames } from "../../attempt/result.ts";
import { longestAgainS, longestMeaning, type RuleVersion, ruleNameForm, shortestAgainS } from "../../compliance/rule.ts";
import { longestExpression } from "../../compliance/rule-language.ts";
import type { RuleBacktest, RuleTrial } from "../../strategy/rule-trial-engine.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({ pattern: ruleNameForm.source, description: "Name of a rule, unique.", examples: ["small-balances"] });
const expressionSchema = Type.String({
  minLength: 1,
  maxLength: longestExpression,
  description:
    "In the Common Expression Language: true for whom the rule holds back. GET /api/v1/rule-language tells its variables. For whom it cannot be decided, they are held back too.",
  examples: ["number(fields.balance) < 5.0"],
});

export const ruleParams = Type.Object({ name: nameSchema }, { additionalProperties: false });

const wishFields = {
  expression: expressionSchema,
  channels: Type.Optional(
    Type.Array(Type.Enum(channelNames), {
      uniqueItems: true,
      maxItems: channelNames.length,
      description: "It holds on these; left out: on every one.",
    }),
  ),
  campaign: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "Name of a campaign, with all its passes, or of one pass as CAMPAIGN/PASS, in which it holds; left out: in every one.",
    }),
  ),
};

export const ruleBody = Type.Object(
  {
    ...wishFields,
    meaning: Type.String({ minLength: 1, maxLength: longestMeaning, pattern: "^\\P{Cc}*$", description: "Whom it holds back and why, for people." }),
    againAfterS: Type.Optional(
      Type.Integer({
        minimum: shortestAgainS,
        maximum: longestAgainS,
        description: "Seconds after which somebody held back is asked about again; left out: the refusal is for good.",
      }),
    ),
  },
  { additionalProperties: false },
);

const versionFields = {
  name: nameSchema,
  version: Type.Integer({ minimum: 1 }),
  expression: Type.String(),
  meaning: Type.String(),
  channels: Type.Array(Type.Enum(channelNames), { description: "None: every one." }),
  campaign: Type.Optional(Type.String()),
  againAfterS: Type.Optional(Type.Integer()),
  changedAt: timeSchema,
  changedBy: Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line." }),
};

export const ruleSchema = Type.Object(versionFields, { description: "A rule of the account's own, as it holds." });
export const ruleDetailSchema = Type.Object({
  ...versionFields,
  history: Type.Array(Type.Object({ ...versionFields, removed: Type.Boolean() }), { description: "Every version, the newest first." }),
});

export function showRule({ removed: _, changedAt, channels, ...rule }: RuleVersion) {
  return { ...rule, channels: [...channels], changedAt: timeText(changedAt) };
}

export function showVersion(rule: RuleVersion) {
  return { ...showRule(rule), removed: rule.removed };
}

/** A rule that is tried and not kept, or one that holds. */
export const trialBody = Type.Object(
  {
    rule: Type.Optional(Type.String({ ...nameSchema, description: "Name of a rule that holds; instead of an expression." })),
    ...wishFields,
    expression: Type.Optional(expressionSchema),
    campaignId: idSchema,
  },
  { additionalProperties: false },
);
export const backtestBody = Type.Object(
  {
    rule: Type.Optional(Type.String({ ...nameSchema, description: "Name of a rule that holds; instead of an expression." })),
    ...wishFields,
    expression: Type.Optional(expressionSchema),
    from: Type.String({ description: "RFC 3339: attempts from this moment on." }),
    to: Type.Optional(Type.String({ description: "RFC 3339, not included; left out: until now." })),
  },
  { additionalProperties: false },
);

const trialFields = {
  asked: Type.Integer({ description: "People, or attempts, that were asked about." }),
  held: Type.Integer({ description: "Of them, those that it holds back." }),
  undecided: Type.Record(Type.String(), Type.Integer(), {
    description: "Of those held back, the ones about whom the expression could not be decided, by reason.",
  }),
  examples: Type.Array(Type.String(), { description: "Ids of some of those held back: of contacts, or of attempts." }),
};
export const trialSchema = Type.Object(trialFields, { description: "What a rule would do." });
export const backtestSchema = Type.Object(
  {
    ...trialFields,
    gone: Type.Integer({ description: "Attempts to people who were deleted since, about whom nobody can be asked." }),
    campaigns: Type.Array(Type.Object({ campaign: Type.String(), channel: Type.Enum(channelNames), asked: Type.Integer(), held: Type.Integer() })),
    results: Type.Record(Type.String(), Type.Integer(), { description: "How the attempts ended that it would have kept from being made." }),
  },
  { description: "What a rule would have done to attempts that were made, by what is known of their people now." },
);

export const languageSchema = Type.Object({
  variables: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), meaning: Type.String() })),
  functions: Type.Array(Type.Object({ signature: Type.String(), meaning: Type.String() }), { description: "Those that CEL has not itself." }),
});

export function showTrial({ asked, held, undecided, examples }: RuleTrial) {
  return { asked, held, undecided: { ...undecided }, examples: [...examples] };
}

export function showBacktest({ gone, campaigns, results, ...trial }: RuleBacktest) {
  return { ...showTrial(trial), gone, campaigns: campaigns.map((one) => ({ ...one })), results: { ...results } };
}
