import { paymentLink } from "../agent/desk-rules.ts";
import { Fault } from "../kernel/fault.ts";
import type { Handlers } from "./agent-handlers.ts";
import type { ApiParts } from "./parts.ts";
import type { Reply } from "./schema/agent-message.ts";
import { type PreviewRequest, showPreview } from "./schema/agent-preview.ts";

const ok: Reply = { type: "ok" };

/** What the server does with messages of agents who call somebody themselves. */
export function previewHandlers({ agents }: Pick<ApiParts, "agents">): Handlers<PreviewRequest> {
  const { previews, work, campaignDesks, recordings } = agents;
  const preview = (card: Parameters<typeof showPreview>[0]): Reply => ({ type: "preview", preview: showPreview(card) });
  return {
    next: async ({ id, session }, { campaignId }) => preview(await previews.next(id, session, campaignId)),
    dial: async ({ id }) => {
      await previews.dial(id);
      return ok;
    },
    skip: async ({ id }, { reason }) => {
      await previews.skip(id, reason);
      return ok;
    },
    "dial-contact": async ({ id, session }, wish) => {
      await work.contact(id, wish.contactId);
      return preview(await previews.manual(id, session, wish));
    },
    "dial-callback": async ({ id, session }, { callbackId }) => preview(await previews.callBack(id, session, await work.callback(id, callbackId))),
    "set-result": async ({ id }, { result }) => {
      previews.judge(id, result);
      return ok;
    },
    "payment-page": async ({ id }, { contactId, campaignId }) => {
      const { fields, clientId, campaignIds } = await work.contact(id, contactId);
      if (!campaignIds.includes(campaignId))
        throw new Fault("campaign-unknown", `Contact ${contactId} is in no campaign ${campaignId} of your groups.`);
      const { paymentUrl } = await campaignDesks.rules(campaignId);
      if (paymentUrl === undefined) throw new Fault("request-invalid", "The campaign has no payment page.");
      const attemptId = agents.desks.deskOf(id)?.hold?.attemptId;
      // Card data come next.
      await recordings.pauseFor(id);
      return { type: "payment-page", url: paymentLink(paymentUrl, { contactId, clientId, attemptId, fields }) };
    },
  };
}
