import Type, { type Static, type TSchema } from "typebox";
import {
  Answer,
  closed,
  Field,
  Fields,
  GroupName,
  Language,
  name,
  namePattern,
  Outcome,
  Path,
  Phone,
  Prompts,
  Skill,
  StepName,
  scriptPattern,
  seconds,
  Text,
} from "./schema-parts.ts";

/*
 * The one schema of IVR scripts, as they are written in YAML. docs/ivr.md explains each verb. Durations here are seconds, as
 * authors write them; reading turns them into milliseconds once.
 */

const onward = { next: Type.Optional(StepName), end: Type.Optional(Outcome) };

const Suppress = Type.Object(
  {
    channels: Type.Optional(
      Type.Array(Type.Enum(["voice", "sms", "email"]), { minItems: 1, uniqueItems: true, description: "left out: every channel" }),
    ),
    scope: Type.Enum(["account", "campaign"], { description: "account: no campaign contacts this person any more" }),
  },
  { ...closed, description: "an opt-out, written before anything of this step is heard" },
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

const Terminators = Type.String({ pattern: "^[0-9*#]{0,3}$", description: 'keys that end it; "#" when left out' });
const Score = Type.Integer({ minimum: 0, maximum: 999, description: "a whole number, 0 to 999" });

/** What each verb looks like. A step is exactly one of these. */
export const verbs = {
  play: Type.Object({ play: Type.Optional(Prompts), suppress: Type.Optional(Suppress), ...onward }, closed),
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
      into: Answer,
      min_digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 32, description: "1 when left out" })),
      max_digits: Type.Integer({ minimum: 1, maximum: 32 }),
      terminators: Type.Optional(Terminators),
      secret: Type.Optional(Type.Boolean({ description: "the digits are never logged, stored or returned" })),
      next: StepName,
      ...listening,
    },
    closed,
  ),
  survey: Type.Object(
    {
      survey: Prompts,
      question: Answer,
      from: Type.Optional(Type.Unsafe<number>({ ...Score, description: "the lowest score; 0 when left out" })),
      to: Type.Optional(Type.Unsafe<number>({ ...Score, description: "the highest score; 10 when left out" })),
      next: StepName,
      ...listening,
    },
    closed,
  ),
  branch: Type.Object(
    {
      branch: Type.Union([
        Field,
        Type.Object(
          {
            what: Type.Enum(["verdict", "language", "time"], { description: "who answered, the language, or the time of the week" }),
            zone: Type.Optional(
              Type.String({ maxLength: 64, description: "for time: an IANA zone such as America/New_York, or `contact` for the contact's own" }),
            ),
          },
          closed,
        ),
      ]),
      on: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), StepName, { minProperties: 1, maxProperties: 100 }),
      else: StepName,
    },
    closed,
  ),
  transfer: Type.Object(
    {
      transfer: Type.Union([
        name("the name of a number in `numbers`"),
        Type.Object({ to: Phone }, closed),
        Type.Object({ group: name("the name of a configured group") }, closed),
      ]),
      play: Type.Optional(Prompts),
      whisper: Type.Optional(Prompts),
      max_wait_s: Type.Optional(seconds(5, 120, "how long the other side may ring; 30 when left out")),
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
  queue: Type.Object(
    {
      queue: Type.Union([
        GroupName,
        Type.Object(
          {
            group: GroupName,
            skills: Type.Optional(
              Type.Array(Skill, { minItems: 1, maxItems: 10, uniqueItems: true, description: "what the agent must be able to do" }),
            ),
            priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: "1 goes first; 5 when left out" })),
          },
          closed,
        ),
      ]),
      play: Type.Optional(Prompts),
      position: Type.Optional(Prompts),
      position_more: Type.Optional(Prompts),
      position_every_s: Type.Optional(seconds(10, 600, "how often it is said how far they have come; 60 when left out")),
      whisper: Type.Optional(Prompts),
      max_wait_s: Type.Optional(seconds(1, 3600, "how long they wait; 300 when left out, and 2 without anything to hear")),
      on: Type.Object({ answered: StepName, no_agent: StepName, nobody: Type.Optional(StepName), hung_up: Type.Optional(StepName) }, closed),
    },
    closed,
  ),
  set: Type.Object({ set: Fields("answers and what they become"), ...onward }, closed),
  send: Type.Object(
    {
      send: Type.Object(
        {
          channel: Type.Enum(["sms", "email"], { description: "how it is sent" }),
          template: Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$", description: "the name of the message's template" }),
        },
        closed,
      ),
      with: Type.Optional(Fields("values for the template")),
      within_s: Type.Optional(Type.Integer({ minimum: 60, maximum: 604_800, description: "not sent later than that; 86400 when left out" })),
      ...onward,
    },
    closed,
  ),
  webhook: Type.Object(
    {
      webhook: name("the name of a configured webhook"),
      send: Type.Optional(Fields("what is sent, as JSON")),
      timeout_s: Type.Optional(seconds(1, 60, "how long an answer may take; 10 when left out")),
      result: Type.Optional(Path),
      save: Type.Optional(
        Type.Record(Answer, Path, { ...closed, maxProperties: 30, description: "answers to keep, and where in the JSON they are" }),
      ),
      play: Prompts,
      on: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), StepName, {
        required: ["error"],
        maxProperties: 100,
        description: "a step for each result, for `error`, and if wanted for `else` and `timeout`",
      }),
    },
    closed,
  ),
  record: Type.Object(
    {
      record: Prompts,
      into: Answer,
      consent: Type.Optional(Prompts),
      declined: Type.Optional(StepName),
      max_s: Type.Optional(seconds(5, 300, "longest recording; 60 when left out")),
      silence_s: Type.Optional(seconds(1, 30, "silence that ends it; 3 when left out")),
      terminators: Type.Optional(Terminators),
      beep: Type.Optional(Type.Boolean({ description: "whether a tone says when to speak; true when left out" })),
      next: StepName,
      no_input: StepName,
    },
    closed,
  ),
  callback: Type.Object(
    {
      callback: Type.Union([
        Type.Object({ in_s: Type.Integer({ minimum: 60, maximum: 2_592_000, description: "in how many seconds, up to 30 days" }) }, closed),
        Type.Object({ at: Text(200, "a local time such as 2026-11-24T14:30, with {fields}") }, closed),
      ]),
      else: Type.Optional(StepName),
      ...onward,
    },
    closed,
  ),
  switch_language: Type.Object({ switch_language: Language, next: StepName }, closed),
  script: Type.Object({ script: Type.String({ pattern: scriptPattern, description: "the name of another script" }) }, closed),
} as const satisfies Record<string, TSchema>;

export type Verb = keyof typeof verbs;
export type WrittenStep = { [V in Verb]: { verb: V; step: Static<(typeof verbs)[V]> } }[Verb];
export type Written<V extends Verb> = Static<(typeof verbs)[V]>;

export const mostSteps = 500;

/** Everything around the steps. The steps are checked one by one with `verbs`, so that a fault names the verb it is in. */
export const HeadSchema = Type.Object(
  {
    script: Type.String({ pattern: scriptPattern, description: "the name of the script, for example payment-reminder" }),
    language: Language,
    languages: Type.Optional(Type.Array(Language, { uniqueItems: true, maxItems: 20, description: "other languages it can be heard in" })),
    language_from: Type.Optional(Type.Unsafe<string>({ ...Field, description: "the contact column that picks the language" })),
    fallback: Type.Optional(
      Type.Record(Language, Language, { ...closed, maxProperties: 20, description: "the language that stands in where one has no translation" }),
    ),
    zone: Type.Optional(Type.String({ maxLength: 64, description: "IANA zone of times, such as America/New_York" })),
    needs: Type.Optional(
      Type.Array(Field, { uniqueItems: true, maxItems: 100, description: "contact columns; a contact lacking one is not dialled" }),
    ),
    numbers: Type.Optional(
      Type.Record(Type.String({ pattern: namePattern }), Phone, { ...closed, description: "outside numbers a transfer may name" }),
    ),
    max_call_s: Type.Optional(seconds(10, 3600, "longest time alone with the script; 300 when left out")),
    right_party: Type.Optional(StepName),
    everywhere: Type.Optional(
      Type.Record(Type.String({ pattern: "^[0-9*#]$" }), StepName, {
        ...closed,
        minProperties: 1,
        description: "keys that work wherever a person is on the line, and the steps they lead to",
      }),
    ),
    start: Type.Object({ human: StepName, machine: Type.Optional(StepName), unknown: Type.Optional(StepName), fax: Type.Optional(StepName) }, closed),
    steps: Type.Record(Type.String(), Type.Unknown(), { minProperties: 1, maxProperties: mostSteps }),
  },
  closed,
);
export type WrittenHead = Static<typeof HeadSchema>;
