import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, idSchema, problemResponses } from "../schema/common.ts";
import { modeBody, readListeningPhone, showSupervision, supervisionBody, supervisionSchema } from "../schema/supervision.ts";

const tags = ["agents"];
const path = "/api/v1/agents/:id/supervision";
const onePath = `${path}/:supervisionId`;
const oneParams = Type.Object({ id: idSchema, supervisionId: Type.String({ pattern: "^\\d{1,15}$" }) }, { additionalProperties: false });

/** Supervisors listen in on agents. */
export function addSupervisions(app: App, { agents: { directory, supervisions } }: ApiParts): void {
  const one = { 200: supervisionSchema, ...problemResponses(400, 401, 404, 429, 503) };

  app.post(
    path,
    {
      schema: {
        tags,
        summary: "Listen in on an agent",
        description:
          "Rings the supervisor's telephone. Whoever picks up hears what the agent hears and says, from conversation to conversation, until they hang up or the agent logs out. Neither the agent nor the person notices it, but for what is said to them. Ask the node to which the agent's program is connected.",
        params: idParams,
        body: supervisionBody,
        response: { 201: supervisionSchema, ...problemResponses(400, 401, 404, 409, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { mode, phone } = request.body;
      if ((await directory.agent(id)) === undefined) throw new Fault("agent-unknown", `There is no agent ${id}.`);
      const view = supervisions.start({ agentId: id, mode, phone: readListeningPhone(phone), by: request.caller?.name ?? "" });
      return reply.code(201).header("location", `/api/v1/agents/${id}/supervision/${view.id}`).send(showSupervision(view));
    },
  );

  app.get(
    path,
    {
      schema: {
        tags,
        summary: "Who listens in on an agent, or did of late",
        params: idParams,
        response: { 200: Type.Object({ items: Type.Array(supervisionSchema) }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => ({ items: supervisions.list(request.params.id).map(showSupervision) }),
  );

  app.get(onePath, { schema: { tags, summary: "One who listens in", params: oneParams, response: one } }, async ({ params }) =>
    showSupervision(supervisions.find(params.id, params.supervisionId)),
  );

  app.patch(
    onePath,
    {
      schema: {
        tags,
        summary: "Say who hears a supervisor",
        params: oneParams,
        body: modeBody,
        response: { ...one, ...problemResponses(409, 415) },
      },
    },
    async ({ params, body, caller }) => showSupervision(await supervisions.change(params.id, params.supervisionId, body.mode, caller?.name ?? "")),
  );

  app.delete(
    onePath,
    {
      schema: {
        tags,
        summary: "Hang up on a supervisor",
        params: oneParams,
        response: { 204: Type.Null(), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params, caller }, reply) => {
      supervisions.end(params.id, params.supervisionId, caller?.name ?? "");
      return reply.code(204).send(null);
    },
  );
}
