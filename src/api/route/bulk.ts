import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import { newPersonSchema, personChangeSchema } from "../../contact/person.ts";
import { Fault } from "../../kernel/fault.ts";
import type { CampaignOrder } from "../../strategy/campaign.ts";
import type { App } from "../parts.ts";
import { changeInside, type InnerChange } from "../plugin/inner-request.ts";
import { idParams, idSchema, problemResponses, problemSchema } from "../schema/common.ts";
import { newSuppressionSchema, reasonSchema } from "../schema/safeguard.ts";

/** So many take about as long as a request may. */
const most = 100;
const bodyLimit = 1024 * 1024;
const orders = ["start", "pause", "resume", "stop"] as const satisfies readonly CampaignOrder[];
const strict = { additionalProperties: false };

const outcomesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      status: Type.Integer({ description: "As if it had been asked for alone.", examples: [201] }),
      id: Type.Optional(Type.String({ ...idSchema, description: "Of what was made or named." })),
      problem: Type.Optional({ ...problemSchema, description: "Why it was not done." }),
    }),
    { description: "One for each, in the order of the request." },
  ),
});
type Outcome = Static<typeof outcomesSchema>["items"][number];

const many = <Item extends TSchema>(item: Item) => Type.Object({ items: Type.Array(item, { minItems: 1, maxItems: most }) }, strict);
const ids = Type.Optional(Type.Array(idSchema, { minItems: 1, maxItems: most, uniqueItems: true }));
const response = { 200: outcomesSchema, ...problemResponses(400, 401, 404, 413, 415, 422, 429, 503) };
const each =
  "Each is done whole or not at all, and by itself: what is refused keeps none of the others from being done. When one does not fit its schema none is done (400).";

/** A change of one of many, and the thing that it names. */
interface Wish extends InnerChange {
  readonly id?: string;
}

/** Many changes with one request. Each is asked for as its own request would be, so that roles, groups and the audit log are the same. */
export function addBulk(app: App): void {
  const run = async ({ caller, ip }: FastifyRequest, wishes: readonly Wish[]) => {
    const items: Outcome[] = [];
    // One after the other: many of one list wait for the same row all the same.
    for (const { id, ...change } of wishes) {
      if (caller === undefined) throw new Fault("unauthorized", "Nobody is known to ask.");
      const { status, body } = await changeInside(app, caller, ip, change);
      items.push(outcomeOf(status, body, id));
    }
    return { items };
  };

  app.post(
    "/api/v1/lists/:id/contacts/bulk",
    { bodyLimit, schema: { tags: ["lists"], summary: "Add people", description: each, params: idParams, body: many(newPersonSchema), response } },
    (request) =>
      run(
        request,
        request.body.items.map((payload) => ({ method: "POST", url: `/api/v1/lists/${request.params.id}/contacts`, payload })),
      ),
  );

  const personItem = Type.Object(
    { id: idSchema, change: Type.Optional(personChangeSchema), withdraw: Type.Optional(Type.Literal(true)) },
    { ...strict, minProperties: 2, maxProperties: 2, examples: [{ id: "42", change: { timeZone: "America/Chicago" } }] },
  );
  app.post(
    "/api/v1/contacts/bulk",
    {
      bodyLimit,
      schema: { tags: ["lists"], summary: "Change people, or take them off their lists", description: each, body: many(personItem), response },
    },
    (request) =>
      run(
        request,
        request.body.items.map(({ id, change }) => {
          const url = `/api/v1/contacts/${id}`;
          return change ? { id, method: "PATCH", url, payload: change } : { id, method: "DELETE", url };
        }),
      ),
  );

  app.post(
    "/api/v1/suppressions/bulk",
    {
      bodyLimit,
      schema: {
        tags: ["compliance"],
        summary: "Suppress many: numbers, mailboxes or people",
        description: each,
        body: many(newSuppressionSchema),
        response,
      },
    },
    (request) =>
      run(
        request,
        request.body.items.map((payload) => ({ method: "POST", url: "/api/v1/suppressions", payload })),
      ),
  );

  const endItem = Type.Object({ id: idSchema, ...reasonSchema.properties }, strict);
  app.post(
    "/api/v1/suppressions/bulk/end",
    { bodyLimit, schema: { tags: ["compliance"], summary: "End many suppressions", description: each, body: many(endItem), response } },
    (request) =>
      run(
        request,
        request.body.items.map(({ id, ...payload }) => ({ id, method: "POST", url: `/api/v1/suppressions/${id}/end`, payload })),
      ),
  );

  app.post(
    "/api/v1/campaign-orders",
    {
      // Among the orders are those to stop.
      config: { urgent: true, rateLimit: false },
      schema: {
        tags: ["campaigns"],
        summary: "Start, pause, resume or stop many campaigns",
        description: each,
        body: Type.Object({ order: Type.Enum([...orders]), campaignIds: ids, strategyCampaignIds: ids }, { ...strict, minProperties: 2 }),
        response,
      },
    },
    (request) => {
      const { order, campaignIds = [], strategyCampaignIds = [] } = request.body;
      const wish = (kind: string) => (id: string) => ({ id, method: "POST" as const, url: `/api/v1/${kind}/${id}/${order}` });
      return run(request, [...campaignIds.map(wish("campaigns")), ...strategyCampaignIds.map(wish("strategy-campaigns"))]);
    },
  );
}

function outcomeOf(status: number, body: unknown, named: string | undefined): Outcome {
  const made = typeof body === "object" && body !== null && "id" in body && typeof body.id === "string" ? body.id : undefined;
  const id = named ?? made;
  // Whatever is refused is answered with a problem document.
  const problem = status >= 400 ? (body as Outcome["problem"]) : undefined;
  return { status, ...(id !== undefined && { id }), ...(problem && { problem }) };
}
