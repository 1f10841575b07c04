import { checkSet } from "../../agent/disposition.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { dispositionsSchema, reasonCodesSchema } from "../schema/agent.ts";
import { idParams, problemResponses } from "../schema/common.ts";

const tags = ["agents"];

/** What agents choose from: reasons not to be ready, and dispositions. */
export function addAgentSettings(app: App, { agents: { directory }, campaigns }: ApiParts): void {
  const codes = { 200: reasonCodesSchema, ...problemResponses(400, 401, 415, 429, 503) };
  const showCodes = async () => ({ items: (await directory.reasonCodes()).map((code) => ({ ...code })) });

  app.get("/api/v1/reason-codes", { schema: { tags, summary: "Why agents take no calls, as they may say it", response: codes } }, showCodes);

  app.put(
    "/api/v1/reason-codes",
    { schema: { tags, summary: "Replace the reason codes", body: reasonCodesSchema, response: codes } },
    async (request) => {
      const { items } = request.body;
      const twice = items.findIndex(({ code }, at) => items.findIndex((other) => other.code === code) < at);
      if (twice >= 0)
        throw placedFault("request-invalid", `/items/${twice}/code is there already`, [
          { pointer: `/items/${twice}/code`, message: "is there already" },
        ]);
      await directory.setReasonCodes(items);
      return await showCodes();
    },
  );

  const set = { 200: dispositionsSchema, ...problemResponses(400, 401, 404, 415, 429, 503) };
  const url = "/api/v1/campaigns/:id/dispositions";
  const showSet = async (campaignId: string) => {
    if ((await campaigns.find(campaignId)) === undefined) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
    return { items: (await directory.dispositions(campaignId)).map((each) => ({ ...each, needs: [...each.needs] })) };
  };

  app.get(url, { schema: { tags, summary: "What agents may say of a conversation of the campaign", params: idParams, response: set } }, (request) =>
    showSet(request.params.id),
  );

  app.put(
    url,
    { schema: { tags, summary: "Give the campaign dispositions of its own", params: idParams, body: dispositionsSchema, response: set } },
    async (request) => {
      await showSet(request.params.id);
      const { items } = request.body;
      const places = checkSet(items).map(({ at, message }) => ({ pointer: `/items/${at}`, message }));
      if (places.length > 0) throw placedFault("request-invalid", places.map((place) => `${place.pointer} ${place.message}`).join("; "), places);
      await directory.setDispositions(request.params.id, items);
      return await showSet(request.params.id);
    },
  );

  app.delete(
    url,
    { schema: { tags, summary: "Give the campaign the default dispositions again", params: idParams, response: set } },
    async (request) => {
      await directory.setDispositions(request.params.id, undefined);
      return await showSet(request.params.id);
    },
  );
}
