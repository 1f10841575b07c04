import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { newPersonSchema, personChangeSchema } from "../../contact/person.ts";
import { Fault } from "../../kernel/fault.ts";
import type { CampaignOrder } from "../../strategy/campaign.ts";
import { bulkBodyLimit, bulkResponse, changeMany, each, itemsOf, mostAtOnce, type Wish } from "../many.ts";
import type { App } from "../parts.ts";
import { idParams, idSchema } from "../schema/common.ts";
import { newSuppressionSchema, reasonSchema } from "../schema/safeguard.ts";

const orders = ["start", "pause", "resume", "stop"] as const satisfies readonly CampaignOrder[];
const strict = { additionalProperties: false };
const ids = Type.Optional(Type.Array(idSchema, { minItems: 1, maxItems: mostAtOnce, uniqueItems: true }));

/** Many people, suppressions and campaigns with one request. */
export function addBulk(app: App): void {
  /** Counts a request among all others of the caller. */
  const countRequest = app.createRateLimit();
  const run = (request: FastifyRequest, wishes: readonly Wish[]) => changeMany(app, request, wishes);

  app.post(
    "/api/v1/lists/:id/contacts/bulk",
    {
      bodyLimit: bulkBodyLimit,
      schema: { tags: ["lists"], summary: "Add people", description: each, params: idParams, body: itemsOf(newPersonSchema), response: bulkResponse },
    },
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
      bodyLimit: bulkBodyLimit,
      schema: {
        tags: ["lists"],
        summary: "Change people, or take them off their lists",
        description: each,
        body: itemsOf(personItem),
        response: bulkResponse,
      },
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
      bodyLimit: bulkBodyLimit,
      schema: {
        tags: ["compliance"],
        summary: "Suppress many: numbers, mailboxes or people",
        description: each,
        body: itemsOf(newSuppressionSchema),
        response: bulkResponse,
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
    {
      bodyLimit: bulkBodyLimit,
      schema: { tags: ["compliance"], summary: "End many suppressions", description: each, body: itemsOf(endItem), response: bulkResponse },
    },
    (request) =>
      run(
        request,
        request.body.items.map(({ id, ...payload }) => ({ id, method: "POST", url: `/api/v1/suppressions/${id}/end`, payload })),
      ),
  );

  app.post(
    "/api/v1/campaign-orders",
    {
      // Among the orders are those to stop, which must always be possible; the others wait for a calmer moment and are counted below, once it is known which it is.
      config: { urgent: true, rateLimit: false },
      preHandler: async (request, reply) => {
        if (request.body.order === "pause" || request.body.order === "stop") return;
        app.refuseWhenBusy();
        const counted = await countRequest(request);
        if (!("isExceeded" in counted) || !counted.isExceeded) return;
        reply.header("retry-after", "60");
        throw new Fault("rate-limited", "Wait a minute, or spread the requests. Orders to pause and stop are not counted.");
      },
      schema: {
        tags: ["campaigns"],
        summary: "Start, pause, resume or stop many campaigns",
        description: each,
        body: Type.Object({ order: Type.Enum([...orders]), campaignIds: ids, strategyCampaignIds: ids }, { ...strict, minProperties: 2 }),
        response: bulkResponse,
      },
    },
    (request) => {
      const { order, campaignIds = [], strategyCampaignIds = [] } = request.body;
      const wish = (kind: string) => (id: string) => ({ id, method: "POST" as const, url: `/api/v1/${kind}/${id}/${order}` });
      return run(request, [...campaignIds.map(wish("campaigns")), ...strategyCampaignIds.map(wish("strategy-campaigns"))]);
    },
  );
}
