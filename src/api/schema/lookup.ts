import { Type } from "typebox";
import { subjectOf } from "../../contact/lookup/exchange.ts";
import { type LookupFact, lookupFallbacks, lookupKinds, lookupRunStates, lookupStates } from "../../contact/lookup/lookup.ts";
import type { LookupOptions } from "../../contact/lookup/options.ts";
import type { LookupCounts, LookupEnd, LookupRun } from "../../contact/lookup/ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({
  pattern: "^[a-z][a-z0-9_-]{0,63}$",
  description: "As the configuration has it, under `lookups`.",
  examples: ["line"],
});
const subjectSchema = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "A number in E.164 form, or the customer's own id of the person.",
  examples: ["+12125550142"],
});
const daySchema = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "Since when the number is theirs.", examples: ["2024-05-01"] });
const wordSchema = Type.String({ description: "What it says, in our words.", examples: ["mobile"] });
const whySchema = Type.String({ description: "Why.", examples: ["it answers 503"] });

export const lookupParams = Type.Object({ name: nameSchema }, { additionalProperties: false });
export const answersBody = Type.Object({ subject: subjectSchema }, { additionalProperties: false });

export const lookupSchema = Type.Object({
  name: nameSchema,
  here: Type.Boolean({ description: "Whether this server's configuration has it; another node's may." }),
  kind: Type.Enum([...lookupKinds]),
  by: Type.Enum(["number", "client-id"], { description: "Who is asked about." }),
  fallback: Type.Optional(
    Type.Enum([...lookupFallbacks], { description: "What is done where nobody can be asked; of this server's configuration." }),
  ),
  maxPerSecond: Type.Optional(Type.Number({ description: "Questions a second, of all nodes together." })),
  ready: Type.Boolean({ description: "Whether some server has it. Campaigns that want one that is gone do not start, and are paused." }),
  waiting: Type.Integer({ description: "Questions without an answer yet." }),
  answered: Type.Integer(),
  failed: Type.Integer({ description: "Questions that got no answer, and are not asked again for now." }),
  trouble: Type.Optional(Type.String({ description: "Why the last question failed.", examples: ["it answers 503"] })),
});

export const lookupTestBody = Type.Object(
  { subject: subjectSchema, date: Type.Optional(Type.Union([daySchema], { description: "Of kind reassigned, which cannot be asked without." })) },
  { additionalProperties: false },
);
export const lookupTestSchema = Type.Object({
  name: nameSchema,
  answered: Type.Boolean(),
  tookMs: Type.Integer(),
  word: Type.Optional(wordSchema),
  reason: Type.Optional(whySchema),
  fields: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "What a contact would learn of itself." })),
});

export const lookupAnswerSchema = Type.Object({
  name: nameSchema,
  state: Type.Enum([...lookupStates]),
  since: Type.Optional(Type.String({ description: "The day the question was about." })),
  word: Type.Optional(wordSchema),
  reason: Type.Optional(whySchema),
  at: timeSchema,
  until: Type.Optional(Type.Union([timeSchema], { description: "Until when an answer is good; of a failed question when it may be asked again." })),
});

export const newRunSchema = Type.Object(
  {
    listId: idSchema,
    lookups: Type.Array(nameSchema, { minItems: 1, maxItems: 5, uniqueItems: true }),
  },
  { additionalProperties: false },
);
export const lookupRunSchema = Type.Object({
  id: idSchema,
  list: Type.String(),
  listId: idSchema,
  lookups: Type.Array(nameSchema),
  state: Type.Enum([...lookupRunStates]),
  people: Type.Optional(Type.Integer({ description: "How many it is about; absent of runs from before that was kept." })),
  contacts: Type.Integer({ description: "How many of them are done with." }),
  counts: Type.Record(
    Type.String(),
    Type.Object({ asked: Type.Integer(), answered: Type.Integer(), failed: Type.Integer(), words: Type.Record(Type.String(), Type.Integer()) }),
    {
      description:
        "By look-up, of those who are done with: questions, how many were answered and how many not, and the answers in our words. What was known and good counts as answered.",
      examples: [{ line: { asked: 12, answered: 11, failed: 1, words: { mobile: 9, landline: 2 } } }],
    },
  ),
  missing: Type.Array(nameSchema, { description: "Look-ups that no server has now: it waits for one that does, or until it is canceled." }),
  at: timeSchema,
  endedAt: Type.Optional(timeSchema),
});

/** What the configuration here and all nodes know of it; never a URL or header, which may hold secrets. */
export function showLookup({ name, kind, by, waiting, answered, failed, trouble, ready }: LookupCounts, options: LookupOptions | undefined) {
  return {
    ...{ name, here: options !== undefined, kind: options?.kind ?? kind, by: options ? subjectOf(options) : by, ready, waiting, answered, failed },
    ...(options && { fallback: options.fallback, maxPerSecond: options.maxPerSecond }),
    ...(trouble !== undefined && { trouble }),
  };
}

export function showTest(name: string, tookMs: number, end: LookupEnd) {
  if (end.end === "failed") return { name, tookMs, answered: false, reason: end.reason };
  const { word, reason, fields } = end.answer;
  return { name, tookMs, answered: true, word, ...(reason !== undefined && { reason }), fields: { ...fields } };
}

export function showAnswer({ name, dated, state, word, reason, at, until }: LookupFact & { readonly at: number }) {
  return {
    ...{ name, state: state ?? ("wanted" as const), at: timeText(at) },
    ...(dated !== "" && { since: dated }),
    ...(word != null && { word }),
    ...(reason != null && { reason }),
    ...(until != null && state !== "wanted" && { until: timeText(until) }),
  };
}

export function showRun({ counts, at, endedAt, lookups, missing, ...run }: LookupRun) {
  const of = Object.entries(counts).map(([name, all]) => {
    const { failed = 0, ...words } = all;
    const answered = Object.values(words).reduce((sum, count) => sum + count, 0);
    return [name, { asked: answered + failed, answered, failed, words }] as const;
  });
  return {
    ...run,
    ...{ lookups: [...lookups], missing: [...missing], counts: Object.fromEntries(of), at: timeText(at) },
    ...(endedAt !== undefined && { endedAt: timeText(endedAt) }),
  };
}
