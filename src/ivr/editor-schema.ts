import Type, { type TSchema } from "typebox";
import { HeadSchema, type Verb, verbs } from "./schema.ts";
import { namePattern } from "./schema-parts.ts";

/* The schema of a whole script for editors that complete and check YAML by a JSON Schema (draft 2020-12). */

const nextOrEnd = { oneOf: [{ required: ["next"] }, { required: ["end"] }] };
/** What must hold between the keys of a step; Carillon says it in words of its own. */
const conditions: Readonly<Partial<Record<Verb, object>>> = {
  play: nextOrEnd,
  set: nextOrEnd,
  send: nextOrEnd,
  callback: nextOrEnd,
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
  maxProperties: 500,
  description: "the steps by their names",
});

/** A whole script. */
export const ScriptSchema = Type.Object({ ...HeadSchema.properties, steps }, { additionalProperties: false });

/** The file for editors, docs/ivr.schema.json. */
export function editorSchema(): string {
  const document = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Carillon IVR script", ...ScriptSchema };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
