import Type, { type Static } from "typebox";
import { Answer, closed, Field, Outcome, StepName, scriptPattern } from "./schema-parts.ts";
import { verdicts } from "./script.ts";

/*
 * The one schema of tests of scripts (NAME.test.yaml). docs/ivr.md explains it. What happens on the line is written in `do`, in order;
 * prompts that are heard to their end need no line.
 */

const at = { at: Type.Optional({ ...StepName, description: "the step in which it happens; what is heard before is heard out" }) };
const Contact = Type.Record(Field, Type.String({ maxLength: 1000 }), { ...closed, maxProperties: 200, description: "columns of the contact" });
const Texts = (description: string) => Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { minItems: 1, maxItems: 100, description });

/** A thing that happens, as an object with one of these keys, or as one of the bare words. Their type tells faults which was meant. */
const Event = Type.Union([
  Type.Enum(["silence", "hang_up"], { type: "string", description: "silence or hang_up" }),
  Type.Object({ keys: Type.String({ pattern: "^[0-9*#]{1,32}$", description: 'keys in quotes, such as "1"' }), ...at }, closed),
  Type.Object({ silence: StepName }, closed),
  Type.Object({ hang_up: StepName }, closed),
  Type.Object(
    {
      webhook: Type.Union([
        Type.Enum(["timeout", "error"], { type: "string", description: "timeout or error" }),
        Type.Object(
          {
            status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599, description: "an HTTP status; 200 when left out" })),
            body: Type.Unknown({ description: "the JSON it answers with" }),
          },
          closed,
        ),
      ]),
      ...at,
    },
    closed,
  ),
  Type.Object(
    { transfer: Type.Enum(["talked", "busy", "no_answer", "failed"], { description: "talked, busy, no_answer or failed" }), ...at },
    closed,
  ),
  Type.Object({ queue: Type.Enum(["talked", "no_agent", "nobody"], { description: "talked, no_agent or nobody" }), ...at }, closed),
  Type.Object(
    { speak_s: Type.Number({ exclusiveMinimum: 0, maximum: 300, description: "seconds that are spoken while it records" }), ...at },
    closed,
  ),
]);
export type WrittenEvent = Static<typeof Event>;

const Effect = Type.Object(
  {
    suppress: Type.Optional(
      Type.Object(
        {
          scope: Type.Optional(Type.Enum(["account", "campaign"], { description: "account or campaign" })),
          channels: Type.Optional(Type.Array(Type.Enum(["voice", "sms", "email"], { description: "voice, sms or email" }), { uniqueItems: true })),
        },
        closed,
      ),
    ),
    send: Type.Optional(
      Type.Object(
        {
          channel: Type.Optional(Type.Enum(["sms", "email"], { description: "sms or email" })),
          template: Type.Optional(Type.String()),
          with: Type.Optional(Type.Record(Answer, Type.String(), closed)),
        },
        closed,
      ),
    ),
    callback: Type.Optional(
      Type.Object(
        { in_s: Type.Optional(Type.Integer()), at: Type.Optional(Type.String({ description: "a time such as 2026-11-24T15:00:00Z" })) },
        closed,
      ),
    ),
  },
  { ...closed, minProperties: 1, maxProperties: 1, description: "suppress, send or callback" },
);
export type WrittenEffect = Static<typeof Effect>;

const Expected = Type.Object(
  {
    outcome: Outcome,
    path: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 500, description: "every step entered, in order" })),
    says: Type.Optional(Texts("texts, or recordings, that are heard in this order; parts of them will do")),
    never_says: Type.Optional(Texts("texts that are not heard")),
    effects: Type.Optional(Type.Array(Effect, { maxItems: 50, description: "every effect, in order; [] for none" })),
    answers: Type.Optional(Type.Record(Answer, Type.String(), { ...closed, description: "answers that are kept" })),
    end: Type.Optional(Type.Enum(["completed", "hung_up", "too_long"], { description: "completed, hung_up or too_long" })),
  },
  closed,
);
export type WrittenExpected = Static<typeof Expected>;

const Case = Type.Object(
  {
    case: Type.String({ minLength: 1, maxLength: 200, description: "what is tested, in a few words" }),
    contact: Type.Optional(Contact),
    verdict: Type.Optional(Type.Enum([...verdicts], { description: "who answers; human when left out" })),
    time: Type.Optional(Type.String({ description: "when, such as 2026-11-24T10:00:00-05:00" })),
    do: Type.Optional(Type.Array(Event, { maxItems: 100, description: "what happens on the line, in order" })),
    expect: Expected,
  },
  closed,
);

export const CaseFileSchema = Type.Object(
  {
    tests: Type.String({ pattern: scriptPattern, description: "the name of the script that is tested" }),
    contact: Type.Optional(Contact),
    time: Type.Optional(Type.String({ description: "when all this happens, such as 2026-11-24T10:00:00-05:00" })),
    cases: Type.Array(Case, { minItems: 1, maxItems: 1000, description: "the cases, each beginning with `- case: …`" }),
  },
  closed,
);
export type WrittenCases = Static<typeof CaseFileSchema>;
