import { Fault } from "../../kernel/fault.ts";
import { isVoice } from "../../strategy/campaign.ts";
import { rulesFacts } from "../message-rules.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { messageRulesSchema, readMessageRules, showMessageRules } from "../schema/message-rules.ts";

const tags = ["campaigns"];
const url = "/api/v1/campaigns/:id/message-rules";

/** What a campaign that writes has of its own: keywords, who answers, what stands in its e-mails. */
export function addMessageRules(app: App, { messageRules, agents, campaigns }: ApiParts): void {
  const response = { 200: messageRulesSchema, ...problemResponses(400, 401, 404, 409, 415, 429, 503) };
  const channelOf = async (campaignId: string) => {
    const campaign = await campaigns.find(campaignId);
    if (!campaign) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
    if (isVoice(campaign)) throw new Fault("campaign-channel", "It is a campaign that calls, and writes nothing.");
    return campaign.channel;
  };

  app.get(url, { schema: { tags, summary: "What a campaign that writes has of its own", params: idParams, response } }, async (request) => {
    await channelOf(request.params.id);
    return showMessageRules(await messageRules.store.rules(request.params.id));
  });

  app.put(
    url,
    {
      schema: {
        tags,
        summary: "Replace it; what is left out is as for the account, or as the sender says",
        description: "It holds within seconds, also while the campaign runs.",
        params: idParams,
        body: messageRulesSchema,
        response,
      },
    },
    async ({ params: { id }, body }) => {
      const rules = await readMessageRules(body, rulesFacts(await channelOf(id), messageRules, agents.directory));
      await messageRules.store.setRules(id, rules);
      return showMessageRules(rules);
    },
  );

  app.delete(url, { schema: { tags, summary: "It has nothing of its own again", params: idParams, response } }, async (request) => {
    await channelOf(request.params.id);
    await messageRules.store.setRules(request.params.id, undefined);
    return {};
  });
}
