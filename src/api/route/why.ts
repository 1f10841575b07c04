import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import { showWhy, whyParams, whySchema } from "../schema/why.ts";

export function addWhy(app: App, { whys, timelines }: ApiParts): void {
  app.get(
    "/api/v1/campaigns/:id/contacts/:contactId/why",
    {
      schema: {
        tags: ["compliance"],
        summary: "Why a campaign may contact a person now, or may not",
        description:
          "The gate is asked as if the contact's turn were now, with the facts that a claim would read, and nothing is changed. What has happened so far is on the contact's timeline.",
        params: whyParams,
        response: { 200: whySchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id, contactId } }) => {
      const why = await whys.why(id, contactId);
      if (why === undefined) throw new Fault("contact-unknown", `There is no contact ${contactId} on the list of a campaign ${id}.`);
      const waiting = (await timelines.waiting(contactId)).find(({ campaignId }) => campaignId === id);
      return showWhy(why, waiting?.dueAt);
    },
  );
}
