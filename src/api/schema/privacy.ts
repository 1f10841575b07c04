import { Type } from "typebox";
import type { Whom } from "../../compliance/suppression.ts";
import type { Erasure } from "../../privacy/person.ts";
import { retentionKinds } from "../../privacy/retention.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const many = (item: ReturnType<typeof Type.String>, description: string) => Type.Optional(Type.Array(item, { maxItems: 50, description }));

/** Everything that one person is known by. */
export const personFields = {
  numbers: many(Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", examples: ["+12125550142"] }), "E.164."),
  mailboxes: many(Type.String({ minLength: 3, maxLength: 254, examples: ["ada@example.com"] }), "In small letters."),
  clientIds: many(Type.String({ minLength: 1, maxLength: 200, examples: ["C-1042"] }), "The customer's own ids of the person."),
};

export interface PersonFields {
  readonly numbers?: readonly string[];
  readonly mailboxes?: readonly string[];
  readonly clientIds?: readonly string[];
}

export function whomAll({ numbers = [], mailboxes = [], clientIds = [] }: PersonFields): readonly Whom[] {
  return [
    ...numbers.map((value) => ({ kind: "number" as const, value })),
    ...mailboxes.map((value) => ({ kind: "mailbox" as const, value })),
    ...clientIds.map((value) => ({ kind: "client-id" as const, value })),
  ];
}

const whomSchema = Type.Object({ kind: Type.String({ description: "number, mailbox or client-id" }), value: Type.String() });

/** Must go along with docs/privacy.md. */
export const personSchema = Type.Object({
  format: Type.Literal("carillon.person/1"),
  exportedAt: timeSchema,
  asked: Type.Array(whomSchema, { description: "What was asked for." }),
  knownBy: Type.Array(whomSchema, { description: "What they are known by: numbers and mailboxes that nobody else on a list has." }),
  kinds: Type.Record(Type.String(), Type.Array(Type.Record(Type.String(), Type.Unknown())), {
    description: "Every kind of what is kept, as docs/privacy.md lists them; each row as it is kept.",
  }),
});

export const erasureSchema = Type.Object({
  id: idSchema,
  at: timeSchema,
  by: Type.String(),
  reason: Type.String(),
  subjects: Type.Array(Type.String(), { description: "The hashes under which suppressions and consents still know them." }),
  counts: Type.Record(Type.String(), Type.Integer(), { description: "What was taken out, by its kind." }),
});

export function showErasure({ at, subjects, ...erasure }: Erasure) {
  return { ...erasure, at: timeText(at), subjects: [...subjects] };
}

export const retentionSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.Enum([...retentionKinds]),
      about: Type.String(),
      days: Type.Optional(Type.Integer({ description: "Absent: for ever." })),
      passedAt: Type.Optional(Type.String({ description: "When all of it was looked through last." })),
      removed: Type.Integer({ description: "Altogether." }),
    }),
  ),
});
