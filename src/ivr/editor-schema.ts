import Type, { type TSchema } from "typebox";
import { HeadSchema, mostSteps, type Verb, verbs } from "./schema.ts";
import { Answer, Field, Language, namePattern, Outcome, Phone, Prompts, SayAs, StepName } from "./schema-parts.ts";
import { verdicts } from "./script.ts";

/* The schema of a whole script for editors that complete and check YAML by a JSON Schema (draft 2020-12). */

const nextOrEnd = { oneOf: [{ required: ["next"] }, { required: ["end"] }] };
/** In words of the schema: where the one holds, the other must. */
const implies = (one: object, other: object) => ({ anyOf: [{ not: one }, other] });
const branchOn = (what: "verdict" | "language" | "time", keys: object, branch: object = {}) =>
  implies(
    { properties: { branch: { type: "object", properties: { what: { const: what } }, required: ["what"] } } },
    { properties: { on: { propertyNames: keys }, branch } },
  );
/** As src/ivr/time-branch.ts reads them, but for what a pattern cannot tell, such as 25:00. */
const hoursPattern = "^(?:[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)?(?: ?[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9])?$";

/** What must hold between the keys of a step; Carillon says it in words of its own. */
const conditions: Readonly<Partial<Record<Verb, object>>> = {
  play: nextOrEnd,
  set: nextOrEnd,
  send: nextOrEnd,
  callback: {
    ...nextOrEnd,
    ...implies({ properties: { callback: { required: ["in_s"] } } }, { not: { required: ["else"] } }),
  },
  branch: {
    allOf: [
      branchOn("time", { pattern: hoursPattern, minLength: 3 }),
      branchOn("verdict", { enum: [...verdicts] }, { not: { required: ["zone"] } }),
      branchOn("language", Language, { not: { required: ["zone"] } }),
    ],
  },
  queue: { dependentRequired: { position_more: ["position"], position_every_s: ["position"] } },
  record: { dependentRequired: { consent: ["declined"], declined: ["consent"] } },
};
const transferOn = { anyOf: [{ required: ["no_agent"] }, { required: ["busy", "no_answer", "failed"] }] };

function editorStep(verb: Verb): TSchema {
  const schema: TSchema = { ...verbs[verb], ...conditions[verb] };
  if (verb !== "transfer") return schema;
  const { properties } = verbs.transfer;
  return { ...verbs.transfer, properties: { ...properties, on: { ...properties.on, ...transferOn } } } as TSchema;
}

const steps = Type.Record(Type.String({ pattern: namePattern }), Type.Union((Object.keys(verbs) as Verb[]).map(editorStep)), {
  additionalProperties: false,
  minProperties: 1,
  maxProperties: mostSteps,
  description: "the steps by their names",
});

/** A whole script. */
const ScriptSchema = Type.Object({ ...HeadSchema.properties, steps }, { additionalProperties: false });

/** Said once, and pointed to: editors show these names. */
const shared = { prompts: Prompts, step: StepName, outcome: Outcome, language: Language, answer: Answer, column: Field, phone: Phone };
const names = new Map(Object.entries(shared).map(([name, schema]) => [JSON.stringify(schema), name]));

const sayAs = JSON.stringify(SayAs);

/** The schema with whatever is shared replaced by a pointer to it. */
function pointed(schema: unknown, top = false): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const name = top ? undefined : names.get(JSON.stringify(schema));
  if (name !== undefined) return { $ref: `#/$defs/${name}` };
  if (JSON.stringify(schema) === sayAs)
    return { ...(schema as object), dependentSchemas: { currency: { properties: { say_as: { const: "money" } } } } };
  if (Array.isArray(schema)) return schema.map((part) => pointed(part));
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, pointed(part)]));
}

/** The file for editors, docs/ivr.schema.json. */
export function editorSchema(): string {
  const $defs = Object.fromEntries(Object.entries(shared).map(([name, schema]) => [name, pointed(schema, true)]));
  const $schema = "https://json-schema.org/draft/2020-12/schema";
  return `${JSON.stringify({ $schema, title: "Carillon IVR script", ...(pointed(ScriptSchema) as object), $defs }, undefined, 2)}\n`;
}
