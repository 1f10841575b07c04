import Type, { type Static, type TSchema } from "typebox";
import { sayAsKinds } from "./say-as.ts";

/* The small parts of which schema.ts makes the verbs. */

export const closed = { additionalProperties: false } as const;
export const seconds = (low: number, high: number, description: string) => Type.Number({ minimum: low, maximum: high, description });

/** Names of steps: they appear in reports, so they are words. */
export const namePattern = "^[a-z][a-z0-9_]{0,63}$";
/** Names of scripts, as files and commands have them. */
export const scriptPattern = "^[a-z][a-z0-9-]{0,63}$";
export const name = (description: string) => Type.String({ pattern: namePattern, description });
export const StepName = name("the name of a step of this script");
export const Outcome = name("how the script ended, as reports will show it");

// Names that every JavaScript object answers to are nobody's column, and whoever uses one is up to something.
const fieldPattern =
  "^(?!__)(?!(?:constructor|prototype|toString|toLocaleString|valueOf|hasOwnProperty|isPrototypeOf|propertyIsEnumerable)$)[A-Za-z_][A-Za-z0-9_]{0,63}$";
export const Field = Type.String({ pattern: fieldPattern, description: "a contact column or an answer" });
export const Answer = Type.String({ pattern: fieldPattern, description: "the name of an answer: letters, digits and _" });
export const Phone = Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", description: "a telephone number in E.164 form, for example +15550100123" });
export const GroupName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: "^\\P{Cc}*$",
  description: "the name of a group of agents; campaign is any group that works for the campaign",
});
export const Skill = Type.String({ maxLength: 50, pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", description: "a skill of agents, such as spanish" });
export const Language = Type.String({ pattern: "^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3}|-[0-9]{3})?$", description: "a language, for example en-US" });
export const Path = Type.String({
  pattern: "^[A-Za-z0-9_-]{1,64}([.][A-Za-z0-9_-]{1,64}){0,9}$",
  description: "a way into the JSON answer, for example payment.status or items.0.id",
});

export const Text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });
/** Texts by name, filled in with {fields} when the step is entered. */
export const Fields = (description: string) =>
  Type.Record(Answer, Type.String({ maxLength: 1000, description: "a text, with {fields}" }), {
    ...closed,
    minProperties: 1,
    maxProperties: 30,
    description,
  });

const byLanguage = <T extends TSchema>(one: T) =>
  Type.Union([
    one,
    Type.Record(Language, one, { ...closed, minProperties: 1, maxProperties: 21, description: "one for each language, such as en-US" }),
  ]);

const Say = Text(2000, "text to be spoken, with {fields}");
const File = Type.String({
  pattern: "^(?!.*(?:^|/)\\.)[A-Za-z0-9_-][A-Za-z0-9_./-]{0,199}\\.wav$",
  description: "a recording, uploaded or in the prompt folder, for example hold/please-wait.wav",
});
export const SayAs = Type.Object(
  {
    say_as: Type.Enum([...sayAsKinds], { description: "what the value is" }),
    value: Text(200, "the value, as a rule a {field}"),
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$", description: "for money: an ISO 4217 code; USD when left out" })),
  },
  closed,
);
const onePrompt = { ...closed, description: 'a prompt, such as { say: "Hello." }' };
const Prompt = Type.Union([Type.Object({ say: byLanguage(Say) }, onePrompt), Type.Object({ file: byLanguage(File) }, onePrompt), SayAs]);
export type WrittenPrompt = Static<typeof Prompt>;
export const Prompts = Type.Array(Prompt, { minItems: 1, maxItems: 20, description: 'what is heard, in order, such as [{ say: "Hello." }]' });
