import { Type } from "typebox";
import { issueKey } from "../../access/access-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { agentSchema, givenTimeSchema, logEntrySchema, nameSchema, showAgent, showLogEntry, stateBody } from "../schema/agent.ts";
import { idParams, pageFields, pageOf, pageQuery, problemResponses } from "../schema/common.ts";

const tags = ["agents"];
const strict = { additionalProperties: false };
const logQuery = Type.Object(
  {
    ...pageFields,
    from: Type.Optional(Type.String({ ...givenTimeSchema, description: "Only states that began then or later." })),
    to: Type.Optional(Type.String({ ...givenTimeSchema, description: "…and before then." })),
  },
  strict,
);
const timesQuery = Type.Object({ from: givenTimeSchema, to: givenTimeSchema }, strict);

export function addAgents(app: App, { agents: { directory, desks }, keys, log }: ApiParts): void {
  const find = async (id: string) => {
    const agent = await directory.agent(id);
    if (agent === undefined) throw new Fault("agent-unknown", `There is no agent ${id}.`);
    return agent;
  };
  const one = { 200: agentSchema, ...problemResponses(400, 401, 404, 429, 503) };

  app.post(
    "/api/v1/agents",
    {
      schema: {
        tags,
        summary: "Add an agent",
        body: Type.Object({ name: nameSchema }, strict),
        response: { 201: agentSchema, ...problemResponses(400, 401, 409, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { id } = await directory.addAgent(request.body.name);
      return reply
        .code(201)
        .header("location", `/api/v1/agents/${id}`)
        .send(showAgent(await find(id)));
    },
  );

  app.get(
    "/api/v1/agents",
    {
      schema: {
        tags,
        summary: "All agents, and what each does now",
        querystring: pageQuery,
        response: { 200: pageOf(agentSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => directory.agents(rows));
      return { ...page, items: page.items.map(showAgent) };
    },
  );

  app.get("/api/v1/agents/:id", { schema: { tags, summary: "One agent", params: idParams, response: one } }, async (request) =>
    showAgent(await find(request.params.id)),
  );

  app.post(
    "/api/v1/agents/:id/keys",
    {
      schema: {
        tags,
        summary: "Make a key with which the agent logs in",
        description: "The key is shown only here. It opens `/api/v1/agent` and nothing else.",
        params: idParams,
        response: { 201: Type.Object({ id: Type.String(), key: Type.String() }), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const { id, name, active } = await find(request.params.id);
      if (!active) throw new Fault("agent-state", `Agent ${name} is not active.`);
      const { key, text } = await issueKey(keys, `agent ${name}`.slice(0, 100), { agentId: id });
      return reply.code(201).send({ id: key.id, key: text });
    },
  );

  app.post(
    "/api/v1/agents/:id/state",
    {
      schema: {
        tags,
        summary: "Say what an agent does",
        description: "For supervisors. Who is in a conversation goes there when it is over (`next`).",
        params: idParams,
        body: stateBody,
        response: { ...one, ...problemResponses(409, 415) },
      },
    },
    async (request) => {
      await desks.force(request.params.id, { kind: "force", ...request.body }, request.caller?.name ?? "");
      return showAgent(await find(request.params.id));
    },
  );

  app.post(
    "/api/v1/agents/:id/deactivate",
    {
      schema: {
        tags,
        summary: "Take an agent out",
        description: "Their keys do not hold any more, and they are logged out, after a conversation that is going on. What they did stays.",
        params: idParams,
        response: one,
      },
    },
    async (request) => {
      const { id } = await find(request.params.id);
      await directory.setActive(id, false);
      await keys.revokeOf(id);
      await desks.force(id, { kind: "force", state: "logged-out" }, request.caller?.name ?? "");
      log.info({ agent: id, by: request.caller?.name }, "an agent was taken out");
      return showAgent(await find(id));
    },
  );

  app.post(
    "/api/v1/agents/:id/activate",
    { schema: { tags, summary: "Let an agent in again, with a new key", params: idParams, response: one } },
    async (request) => {
      await directory.setActive(request.params.id, true);
      return showAgent(await find(request.params.id));
    },
  );

  app.get(
    "/api/v1/agents/:id/log",
    {
      schema: {
        tags,
        summary: "Every state an agent was in",
        params: idParams,
        querystring: logQuery,
        response: { 200: pageOf(logEntrySchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id } = await find(request.params.id);
      const { from, to, ...wanted } = request.query;
      const within = {
        ...(from !== undefined && { from: momentOf(from, "query/from") }),
        ...(to !== undefined && { to: momentOf(to, "query/to") }),
      };
      const page = await readPage(wanted, (rows) => directory.log(id, rows, within));
      return { ...page, items: page.items.map(showLogEntry) };
    },
  );

  app.get(
    "/api/v1/agents/:id/times",
    {
      schema: {
        tags,
        summary: "How long an agent was in each state",
        params: idParams,
        querystring: timesQuery,
        response: {
          200: Type.Object({ ms: Type.Record(Type.String(), Type.Number(), { description: "Milliseconds by state." }) }),
          ...problemResponses(400, 401, 404, 429, 503),
        },
      },
    },
    async (request) => {
      const { id } = await find(request.params.id);
      const [from, to] = [momentOf(request.query.from, "query/from"), momentOf(request.query.to, "query/to")];
      return { ms: { ...(await directory.times(id, from, to)) } };
    },
  );
}
