import { Type } from "typebox";
import { defaultPriority, defaultWrapUp } from "../../agent/group.ts";
import { Fault } from "../../kernel/fault.ts";
import { isVoice } from "../../strategy/campaign.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { groupSchema, membershipBody, nameSchema, readWrapUp, showGroup, wrapUpSchema } from "../schema/agent.ts";
import { idParams, idSchema, pageOf, pageQuery, problemResponses } from "../schema/common.ts";

const tags = ["agents"];
const strict = { additionalProperties: false };
const memberParams = Type.Object({ id: idSchema, agentId: idSchema }, strict);
const campaignParams = Type.Object({ id: idSchema, campaignId: idSchema }, strict);

export function addGroups(app: App, { agents: { directory }, campaigns }: ApiParts): void {
  const shown = async (id: string) => {
    const group = await directory.group(id);
    if (group === undefined) throw new Fault("group-unknown", `There is no group ${id}.`);
    return showGroup(group);
  };
  const one = { 200: groupSchema, ...problemResponses(400, 401, 404, 415, 429, 503) };

  app.post(
    "/api/v1/groups",
    {
      schema: {
        tags,
        summary: "Add a group of agents",
        body: Type.Object({ name: nameSchema, wrapUp: Type.Optional(wrapUpSchema) }, strict),
        response: { 201: groupSchema, ...problemResponses(400, 401, 409, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name, wrapUp } = request.body;
      const { id } = await directory.addGroup(name, wrapUp ? readWrapUp(wrapUp) : defaultWrapUp);
      return reply
        .code(201)
        .header("location", `/api/v1/groups/${id}`)
        .send(await shown(id));
    },
  );

  app.get(
    "/api/v1/groups",
    {
      schema: {
        tags,
        summary: "All groups",
        querystring: pageQuery,
        response: { 200: pageOf(groupSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => directory.groups(rows));
      return { ...page, items: page.items.map(showGroup) };
    },
  );

  app.get("/api/v1/groups/:id", { schema: { tags, summary: "One group", params: idParams, response: one } }, (request) => shown(request.params.id));

  app.put(
    "/api/v1/groups/:id/wrap-up",
    { schema: { tags, summary: "How long its agents may write up a conversation", params: idParams, body: wrapUpSchema, response: one } },
    async (request) => {
      await directory.setWrapUp(request.params.id, readWrapUp(request.body));
      return await shown(request.params.id);
    },
  );

  app.put(
    "/api/v1/groups/:id/members/:agentId",
    {
      schema: { tags, summary: "Put an agent into a group, or change their place in it", params: memberParams, body: membershipBody, response: one },
    },
    async (request) => {
      const { id: groupId, agentId } = request.params;
      const { priority = defaultPriority, skills = [] } = request.body;
      await directory.join({ agentId, groupId, priority, skills });
      return await shown(groupId);
    },
  );

  app.delete(
    "/api/v1/groups/:id/members/:agentId",
    { schema: { tags, summary: "Take an agent out of a group", params: memberParams, response: one } },
    async (request) => {
      await directory.leave(request.params.agentId, request.params.id);
      return await shown(request.params.id);
    },
  );

  app.put(
    "/api/v1/groups/:id/campaigns/:campaignId",
    { schema: { tags, summary: "Let a group work for a campaign", params: campaignParams, response: { ...one, ...problemResponses(409) } } },
    async (request) => {
      const campaign = await campaigns.find(request.params.campaignId);
      if (campaign && !isVoice(campaign))
        throw new Fault("campaign-channel", `Campaign ${campaign.name} calls nobody: its channel is ${campaign.channel}.`);
      await directory.assign(request.params.id, request.params.campaignId);
      return await shown(request.params.id);
    },
  );

  app.delete(
    "/api/v1/groups/:id/campaigns/:campaignId",
    { schema: { tags, summary: "Let a group work for a campaign no more", params: campaignParams, response: one } },
    async (request) => {
      await directory.unassign(request.params.id, request.params.campaignId);
      return await shown(request.params.id);
    },
  );
}
