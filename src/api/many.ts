import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import { Fault } from "../kernel/fault.ts";
import type { App } from "./parts.ts";
import { changeInside, type InnerChange } from "./plugin/inner-request.ts";
import { idSchema, problemResponses, problemSchema } from "./schema/common.ts";

/** So many take about as long as a request may. */
export const mostAtOnce = 100;
export const bulkBodyLimit = 1024 * 1024;

const outcome = {
  status: Type.Integer({ description: "As if it had been asked for alone.", examples: [201] }),
  id: Type.Optional(Type.String({ ...idSchema, description: "Of what was made or named." })),
  problem: Type.Optional({ ...problemSchema, description: "Why it was not done." }),
};
const outcomeSchema = Type.Object(outcome);
export type Outcome = Static<typeof outcomeSchema>;

/** What many at once are answered with. @param secrets what is shown once of each that was made */
const outcomesSchema = <Secrets extends Record<string, TSchema>>(secrets: Secrets) =>
  Type.Object({ items: Type.Array(Type.Object({ ...outcome, ...secrets }), { description: "One for each, in the order of the request." }) });

const problems = problemResponses(400, 401, 404, 413, 415, 422, 429, 503);
export const bulkResponse = { 200: outcomesSchema({}), ...problems };
/** @param name of the property with the secret */
export const secretResponse = <Name extends string>(name: Name, schema: TSchema) => ({
  200: outcomesSchema({ [name]: Type.Optional(schema) }),
  ...problems,
});

export const itemsOf = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item, { minItems: 1, maxItems: mostAtOnce }) }, { additionalProperties: false });
export const each =
  "Each is done whole or not at all, and by itself: what is refused keeps none of the others from being done. When one does not fit its schema none is done (400).";

/** A change of one of many, and the thing that it names. */
export interface Wish extends InnerChange {
  readonly id?: string;
}

/**
 * Makes many changes with one request. Each is asked for as its own request would be, so that roles, groups and the audit log are the same.
 * @param secret property of an answer that is shown with its outcome
 */
export async function changeMany(app: App, { caller, ip }: FastifyRequest, wishes: readonly Wish[], secret?: string): Promise<{ items: Outcome[] }> {
  const items: Outcome[] = [];
  // One after the other: many of one list wait for the same row all the same.
  for (const { id, ...change } of wishes) {
    if (caller === undefined) throw new Fault("unauthorized", "Nobody is known to ask.");
    const { status, body } = await changeInside(app, caller, ip, change);
    items.push(outcomeOf(status, body, id, secret));
  }
  return { items };
}

function outcomeOf(status: number, body: unknown, named: string | undefined, secret: string | undefined): Outcome {
  const told: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  // Whatever is refused is answered with a problem document.
  if (status >= 400) return { status, ...(named !== undefined && { id: named }), problem: body as NonNullable<Outcome["problem"]> };
  const id = named ?? (typeof told["id"] === "string" ? told["id"] : undefined);
  return { status, ...(id !== undefined && { id }), ...(secret !== undefined && { [secret]: told[secret] }) };
}
