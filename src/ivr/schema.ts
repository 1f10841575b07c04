import Type, { type Static, type TSchema } from "typebox";

/*
 * The one schema of IVR scripts, as they are written in YAML. docs/ivr.md explains each verb. Durations here are seconds, as
 * authors write them; read.ts turns them into milliseconds once.
 */

const closed = { additionalProperties: false } as const;
const seconds = (low: number, high: number, description: string) => Type.Number({ minimum: low, maximum: high, description });

/** Names of steps: they appear in reports, so they are words. */
export const namePattern = "^[a-z][a-z0-9_]{0,63}$";
const StepName = Type.String({ pattern: namePattern, description: "the name of a step of this script" });
const FieldName = Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$", description: "a contact column or a collected answer" });
const Outcome = Type.String({ pattern: namePattern, description: "how the script ended, as reports will show it" });
const Phone = Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", description: "a telephone number in E.164 form, for example +15550100123" });

export const SaySchema = Type.Object(
  { say: Type.String({ minLength: 1, maxLength: 2000, description: "text to be spoken, with {fields}" }) },
  closed,
);
export const FileSchema = Type.Object(
  {
    file: Type.String({
      pattern: "^(?!.*(?:^|/)\\.)[A-Za-z0-9_-][A-Za-z0-9_./-]{0,199}\\.wav$",
      description: "a recording in the prompt folder, for example hold/please-wait.wav",
    }),
  },
  closed,
);
const PromptSchema = Type.Union([SaySchema, FileSchema]);
const Prompts = Type.Array(PromptSchema, { minItems: 1, maxItems: 20, description: "what is heard, in order" });

const Suppress = Type.Object(
  {
    channels: Type.Optional(
      Type.Array(Type.Enum(["voice", "sms", "email"]), { minItems: 1, uniqueItems: true, description: "left out: every channel" }),
    ),
    scope: Type.Enum(["account", "campaign"], { description: "account: no campaign contacts this person any more" }),
  },
  closed,
);

const listening = {
  first_digit_s: Type.Optional(seconds(1, 60, "silence allowed after the prompt before the first key; 5 when left out")),
  inter_digit_s: Type.Optional(seconds(0.5, 30, "silence allowed between keys; 2 when left out")),
  tries: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: "how often it is said before giving up; 3 when left out" })),
  barge_in: Type.Optional(Type.Boolean({ description: "whether a key cuts the prompt short; true when left out" })),
  retry: Type.Optional(Prompts),
  no_input: StepName,
  no_match: Type.Optional(StepName),
};

/** What each verb looks like. A step is exactly one of these. */
export const verbs = {
  play: Type.Object(
    { play: Type.Optional(Prompts), suppress: Type.Optional(Suppress), next: Type.Optional(StepName), end: Type.Optional(Outcome) },
    closed,
  ),
  menu: Type.Object(
    {
      menu: Prompts,
      keys: Type.Record(Type.String({ pattern: "^[0-9*#]{1,4}$" }), StepName, { ...closed, minProperties: 1 }),
      ...listening,
    },
    closed,
  ),
  collect: Type.Object(
    {
      collect: Prompts,
      into: FieldName,
      min_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 32, description: "1 when left out" })),
      max_digits: Type.Integer({ minimum: 1, maximum: 32 }),
      terminators: Type.Optional(Type.String({ pattern: "^[0-9*#]{0,3}$", description: 'keys that end the input; "#" when left out' })),
      secret: Type.Optional(Type.Boolean({ description: "the digits are never logged, stored or returned" })),
      next: StepName,
      ...listening,
    },
    closed,
  ),
  branch: Type.Object(
    {
      branch: FieldName,
      on: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), StepName, { minProperties: 1 }),
      else: StepName,
    },
    closed,
  ),
  transfer: Type.Object(
    {
      transfer: Type.Union([StepName, Type.Object({ to: Phone }, closed)]),
      play: Type.Optional(Prompts),
      max_wait_s: Type.Optional(seconds(5, 120, "how long the other number may ring; 30 when left out")),
      max_talk_s: Type.Optional(seconds(10, 14400, "how long the two may talk; no limit when left out")),
      on: Type.Object(
        {
          answered: StepName,
          busy: Type.Optional(StepName),
          no_answer: Type.Optional(StepName),
          failed: Type.Optional(StepName),
          no_agent: Type.Optional(StepName),
          hung_up: Type.Optional(StepName),
        },
        closed,
      ),
    },
    closed,
  ),
} as const satisfies Record<string, TSchema>;

export type Verb = keyof typeof verbs;
export type WrittenStep = { [V in Verb]: { verb: V; step: Static<(typeof verbs)[V]> } }[Verb];

/** Everything around the steps. The steps are checked one by one with `verbs`, so that a fault names the verb it is in. */
export const HeadSchema = Type.Object(
  {
    script: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$", description: "the name of the script, for example payment-reminder" }),
    language: Type.String({ pattern: "^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3}|-[0-9]{3})?$", description: "for example en-US" }),
    needs: Type.Optional(
      Type.Array(FieldName, { uniqueItems: true, maxItems: 100, description: "contact columns; a contact lacking one is not dialled" }),
    ),
    numbers: Type.Optional(
      Type.Record(Type.String({ pattern: namePattern }), Phone, { ...closed, description: "outside numbers a transfer may name" }),
    ),
    max_call_s: Type.Optional(seconds(10, 3600, "longest time alone with the script; 300 when left out")),
    start: Type.Object({ human: StepName, machine: Type.Optional(StepName), unknown: Type.Optional(StepName), fax: Type.Optional(StepName) }, closed),
    steps: Type.Record(Type.String(), Type.Unknown(), { minProperties: 1, maxProperties: 500 }),
  },
  closed,
);
export type WrittenHead = Static<typeof HeadSchema>;

/** The whole as one JSON Schema document, for editors. */
export const ScriptSchema = Type.Object(
  { ...HeadSchema.properties, steps: Type.Record(Type.String({ pattern: namePattern }), Type.Union(Object.values(verbs)), { minProperties: 1 }) },
  closed,
);
