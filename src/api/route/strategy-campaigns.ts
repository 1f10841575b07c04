import { Fault } from "../../kernel/fault.ts";
import type { CampaignOrder } from "../../strategy/campaign.ts";
import { startedSoon, startsLater } from "../answer-soon.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  newStrategyCampaignSchema,
  showPasses,
  showStrategyCampaign,
  showVersionChanges,
  strategyCampaignProgressSchema,
  strategyCampaignSchema,
  strategyChangeBody,
  versionChangesSchema,
} from "../schema/strategy-campaign.ts";
import { signatureOf } from "../script-faults.ts";
import { changeStrategyCampaign, makeStrategyCampaign, orderStrategyCampaign } from "../strategy-campaign-control.ts";

const tags = ["strategies"];
const path = "/api/v1/strategy-campaigns";

const orders: Readonly<Record<CampaignOrder, string>> = {
  start: "Start all its passes; everybody on the list begins in the first",
  pause: "Nobody new is contacted for now, in no pass; calls that are up go on",
  resume: "Go on after a pause",
  stop: "Nobody new is contacted any more; calls that are up go on to their end",
};

export function addStrategyCampaigns(app: App, parts: ApiParts): void {
  const { strategyCampaigns: store } = parts;
  const find = async (id: string) => {
    const campaign = await store.find(id);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no strategy campaign ${id}.`);
    return campaign;
  };
  const mayRun = async (id: string) => {
    const pass = await parts.campaigns.find(id);
    if (pass) await parts.safeguards.hindrances.mayStart(pass);
  };

  app.post(
    path,
    {
      schema: {
        tags,
        summary: "Carry out a strategy on a list",
        description:
          "Makes a campaign of each pass, and is a draft until it is started. What the passes name (scripts, templates, trunks, senders) must be there; errors has the place in the strategy of whatever is not. Names are unique, so a request that is sent twice makes one.",
        body: newStrategyCampaignSchema,
        response: { 201: strategyCampaignSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { version, ...body } = request.body;
      if ((await parts.lists.list(body.listId)) === undefined) {
        const place = { pointer: "/listId", message: `there is no list ${body.listId}; GET /api/v1/lists has them` };
        throw placedFault("campaign-invalid", `${place.pointer} ${place.message}`, [place]);
      }
      const made = await makeStrategyCampaign({ ...body, ...(version !== undefined && { version }) }, parts);
      return reply.code(201).header("location", `${path}/${made.id}`).send(showStrategyCampaign(made));
    },
  );

  app.get(
    path,
    {
      schema: {
        tags,
        summary: "All strategies that are carried out",
        querystring: pageQuery,
        response: { 200: pageOf(strategyCampaignSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (rows) => store.list(rows));
      return { ...page, items: page.items.map(showStrategyCampaign) };
    },
  );

  app.get(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: "One of them, with how many people stand where in each pass",
        params: idParams,
        response: { 200: strategyCampaignProgressSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params }) => {
      const campaign = await find(params.id);
      return { ...showStrategyCampaign(campaign), passes: showPasses(await store.progress(campaign.id)) };
    },
  );

  for (const order of Object.keys(orders) as CampaignOrder[]) {
    app.post(
      `${path}/:id/${order}`,
      {
        // As for campaigns: to stop must always be possible.
        config: order === "pause" || order === "stop" ? { urgent: true, rateLimit: false } : {},
        schema: {
          tags,
          summary: orders[order],
          ...(order === "start" && { description: startsLater("") }),
          params: idParams,
          response: {
            200: strategyCampaignSchema,
            ...(order === "start" && { 202: strategyCampaignSchema }),
            ...problemResponses(400, 401, 404, 409, 429, 503),
          },
        },
      },
      async ({ params: { id } }, reply) => {
        const ordered = orderStrategyCampaign(id, order, parts, mayRun);
        if (order !== "start") return showStrategyCampaign(await ordered);
        const started = await startedSoon({ strategyCampaignId: id }, ordered, parts);
        return reply.code(started ? 200 : 202).send(showStrategyCampaign(started ?? (await find(id))));
      },
    );
  }

  app.put(
    `${path}/:id/strategy`,
    {
      schema: {
        tags,
        summary: "Go over to another version of its strategy, also while it runs",
        description:
          "Passes are matched by their names: those who wait in one go on in it by the new version, from the next attempt on. Nobody new comes to a pass that is gone, and whoever waits in it is not contacted by it any more.",
        params: idParams,
        body: strategyChangeBody,
        response: { 200: strategyCampaignSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      const { by } = signatureOf(request, undefined);
      return showStrategyCampaign(await changeStrategyCampaign(request.params.id, request.body.version, by, parts));
    },
  );

  app.get(
    `${path}/:id/changes`,
    {
      schema: {
        tags,
        summary: "Which versions of its strategy it has gone over to",
        params: idParams,
        response: { 200: versionChangesSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params }) => showVersionChanges(await store.changes((await find(params.id)).id)),
  );
}
