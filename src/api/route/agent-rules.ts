import { checkDeskRules, type DeskRules } from "../../agent/desk-rules.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { deskRulesBody, deskRulesSchema, readDeskRules, showDeskRules } from "../schema/agent-rules.ts";
import { idParams, problemResponses } from "../schema/common.ts";

const tags = ["agents"];
const url = "/api/v1/campaigns/:id/agent-rules";

/** What the agents of a campaign see and may do. */
export function addAgentRules(app: App, { agents: { campaignDesks }, campaigns }: ApiParts): void {
  const response = { 200: deskRulesSchema, ...problemResponses(400, 401, 404, 415, 429, 503) };
  const known = async (campaignId: string) => {
    if ((await campaigns.find(campaignId)) === undefined) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
  };
  const show = async (campaignId: string) => showDeskRules(await campaignDesks.rules(campaignId));

  app.get(url, { schema: { tags, summary: "What the agents of the campaign see and may do", params: idParams, response } }, async (request) => {
    await known(request.params.id);
    return await show(request.params.id);
  });

  app.put(
    url,
    { schema: { tags, summary: "Replace them; what is left out is as by default", params: idParams, body: deskRulesBody, response } },
    async (request) => {
      const { id } = request.params;
      await known(id);
      const rules: DeskRules = readDeskRules(request.body);
      const places = checkDeskRules(rules).map((place) => ({ ...place }));
      if (places.length > 0) throw placedFault("request-invalid", places.map((place) => `${place.pointer} ${place.message}`).join("; "), places);
      await campaignDesks.setRules(id, rules);
      return await show(id);
    },
  );

  app.delete(url, { schema: { tags, summary: "Give the campaign the default ones again", params: idParams, response } }, async (request) => {
    await known(request.params.id);
    await campaignDesks.setRules(request.params.id, undefined);
    return await show(request.params.id);
  });
}
