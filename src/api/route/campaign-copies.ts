import { Type } from "typebox";
import { copyCampaign, copyStrategyCampaign } from "../campaign-copy.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { campaignSchema, showCampaign } from "../schema/campaign.ts";
import { idParams, idSchema, problemResponses } from "../schema/common.ts";
import { showStrategyCampaign, strategyCampaignSchema } from "../schema/strategy-campaign.ts";

const body = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$", description: "Of the copy. Unique.", examples: ["spring again"] }),
    listId: Type.Optional(Type.String({ ...idSchema, description: "Whom the copy is for; without it the same list." })),
  },
  { additionalProperties: false },
);
const answers = problemResponses(400, 401, 404, 409, 415, 422, 429, 503);
const description =
  "A draft with all that it has: settings, safeguards, frequency caps, rules of messages and of agents, dispositions, groups. Nothing of its people, of what was done, nor of its schedule comes with it. Names are unique, so a request that is sent twice makes one.";

/** Campaigns made from the settings of others. */
export function addCampaignCopies(app: App, parts: ApiParts): void {
  const checkList = async (listId: string | undefined) => {
    if (listId === undefined || (await parts.lists.list(listId)) !== undefined) return;
    const place = { pointer: "/listId", message: `there is no list ${listId}; GET /api/v1/lists has them` };
    throw placedFault("campaign-invalid", `${place.pointer} ${place.message}`, [place]);
  };

  app.post(
    "/api/v1/campaigns/:id/copy",
    {
      schema: {
        tags: ["campaigns"],
        summary: "Make a campaign like this one",
        description,
        params: idParams,
        body,
        response: { 201: campaignSchema, ...answers },
      },
    },
    async ({ params, body: wish }, reply) => {
      await checkList(wish.listId);
      const made = await copyCampaign(params.id, wish, parts);
      return reply.code(201).header("location", `/api/v1/campaigns/${made.id}`).send(showCampaign(made));
    },
  );

  app.post(
    "/api/v1/strategy-campaigns/:id/copy",
    {
      schema: {
        tags: ["strategies"],
        summary: "Carry out the same strategy once more",
        description: `${description} The copy is of the version that is carried out now.`,
        params: idParams,
        body,
        response: { 201: strategyCampaignSchema, ...answers },
      },
    },
    async ({ params, body: wish }, reply) => {
      await checkList(wish.listId);
      const made = await copyStrategyCampaign(params.id, wish, parts);
      return reply.code(201).header("location", `/api/v1/strategy-campaigns/${made.id}`).send(showStrategyCampaign(made));
    },
  );
}
