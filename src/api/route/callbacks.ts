import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { callbackBody, callbackSchema, showCallback } from "../schema/agent.ts";
import { idParams, idSchema, pageFields, pageOf, problemResponses } from "../schema/common.ts";

const tags = ["agents"];
const listQuery = Type.Object(
  {
    ...pageFields,
    campaignId: Type.Optional(idSchema),
    ended: Type.Optional(Type.Boolean({ description: "Also those that are done or canceled." })),
  },
  { additionalProperties: false },
);

/** Who is to be called again. */
export function addCallbacks(app: App, { agents: { work, directory } }: ApiParts): void {
  app.get(
    "/api/v1/callbacks",
    {
      schema: {
        tags,
        summary: "Who is to be called again, and who waited in vain",
        querystring: listQuery,
        response: { 200: pageOf(callbackSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const { campaignId, ended } = request.query;
      const filter = { ...(campaignId !== undefined && { campaignId }), ...(ended !== undefined && { ended }) };
      const page = await readPage(request.query, (rows) => work.standings(filter, rows));
      return { ...page, items: page.items.map(showCallback) };
    },
  );

  app.get(
    "/api/v1/callbacks/:id",
    {
      schema: {
        tags,
        summary: "Show a callback",
        params: idParams,
        response: { 200: callbackSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => showCallback(await work.anyCallback(request.params.id)),
  );

  app.post(
    "/api/v1/callbacks",
    {
      schema: {
        tags,
        summary: "Have somebody called again",
        description: "Within the calling hours of the campaign, by an agent of its groups or, until `fallbackAt`, by one agent.",
        body: callbackBody,
        response: { 201: callbackSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { campaignId, contactId, dueAt, agentId, fallbackAt, note } = request.body;
      if (agentId !== undefined && (await directory.agent(agentId)) === undefined) throw new Fault("agent-unknown", `There is no agent ${agentId}.`);
      const made = await work.scheduleFor(
        {
          ...{ campaignId, contactId, dueAt: momentOf(dueAt, "/dueAt") },
          ...(agentId !== undefined && { agentId }),
          ...(fallbackAt !== undefined && { fallbackAt: momentOf(fallbackAt, "/fallbackAt") }),
          ...(note !== undefined && { note }),
        },
        request.caller?.name ?? "",
      );
      return reply.code(201).send(showCallback(made));
    },
  );

  app.post(
    "/api/v1/callbacks/:id/cancel",
    {
      schema: {
        tags,
        summary: "Call somebody back no more",
        params: idParams,
        response: { 200: callbackSchema, ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request) => showCallback(await work.cancel(request.params.id)),
  );
}
