import { type Static, Type } from "typebox";
import { type DeskRules, defaultDeskRules, previewLimitsS } from "../../agent/desk-rules.ts";
import { codeSchema } from "./agent.ts";

const strict = { additionalProperties: false };

const skipReasonSchema = Type.Object(
  {
    code: codeSchema,
    label: Type.String({ minLength: 1, maxLength: 100, pattern: "^\\P{Cc}*$" }),
    becomes: Type.Enum(["later", "done"], {
      description: "`later`: the person waits again, after `afterS`; `done`: they are done with in this campaign.",
    }),
    afterS: Type.Optional(Type.Integer()),
  },
  strict,
);

const properties = {
  preview: Type.Enum(["pull", "push"], {
    description: "In a campaign of the mode preview: whether agents who are ready ask for the next person, or get one by themselves.",
  }),
  previewS: Type.Integer({ minimum: previewLimitsS.min, maximum: previewLimitsS.max, description: "How long they may look (s)." }),
  atTimeOut: Type.Enum(["put-back", "dial"], { description: "What is done then: the person waits again, or is called." }),
  skipReasons: Type.Array(skipReasonSchema, { maxItems: 50, description: "Why agents do not call somebody." }),
  typedNumbers: Type.Boolean({ description: "Whether agents may call a person at a number that they type." }),
  recordingShare: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      "Which share of the conversations with agents is recorded, in the directory of recordings. Have the script say so first: in many places the person must know, or agree.",
  }),
  recordingConsent: Type.Enum(["none", "told", "agreed"], {
    description:
      "What people have been told or asked by then, which the script or the agent sees to. Kept with each recording; where their country wants more (`recording` of the configuration) nothing is recorded.",
  }),
  recordingKeepDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 36_500,
      description: "For how many days recordings of its calls, of record steps too, are kept; otherwise as `retention.recordingsDays` says.",
    }),
  ),
  retry: Type.Object(
    { afterS: Type.Integer(), atMost: Type.Integer() },
    { ...strict, description: "When, and how often at most, somebody is called again after a disposition of the category retry." },
  ),
};

const templates = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    maxItems: 200,
    uniqueItems: true,
    description: "Templates of SMS and e-mail that agents may send during a conversation and in its wrap-up; left out: any. An empty list: none.",
  }),
);

const paymentUrl = Type.Optional(
  Type.String({
    maxLength: 2000,
    description:
      "Payment page of the campaign: `https://`, with `{contact}`, `{client_id}`, `{attempt}` or the name of a field in braces, which are percent-encoded.",
    examples: ["https://pay.example/{client_id}?amount={amount_due}"],
  }),
);

export const deskRulesSchema = Type.Object({ ...properties, templates, paymentUrl });

export const deskRulesBody = Type.Partial(Type.Object({ ...properties, templates, paymentUrl }), strict);

export function readDeskRules(body: Static<typeof deskRulesBody>): DeskRules {
  const { skipReasons, paymentUrl, ...rest } = body;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...defaultDeskRules,
    ...given,
    ...(skipReasons && { skipReasons: skipReasons.map(({ afterS, ...reason }) => ({ ...reason, ...(afterS !== undefined && { afterS }) })) }),
    ...(paymentUrl !== undefined && { paymentUrl }),
  };
}

export function showDeskRules({ skipReasons, retry, templates: offered, ...rules }: DeskRules) {
  return { ...rules, ...(offered && { templates: [...offered] }), retry: { ...retry }, skipReasons: skipReasons.map((reason) => ({ ...reason })) };
}
