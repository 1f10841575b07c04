import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { readMailbox } from "../../kernel/mailbox.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";

export function addEmails(app: App, { email }: ApiParts): void {
  app.post(
    "/api/v1/emails/test",
    {
      schema: {
        tags: ["email"],
        summary: "Send one test e-mail",
        description: "The current version of a template to one mailbox. Nothing is recorded, and the links in it lead nowhere.",
        body: Type.Object(
          {
            template: Type.String({ minLength: 1, maxLength: 64 }),
            sender: Type.String({ minLength: 1, maxLength: 64, description: "A name under email.senders." }),
            to: Type.String({ minLength: 3, maxLength: 320 }),
            fields: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 2000 }))),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ subject: Type.String(), response: Type.String({ description: "What the mail server said." }) }),
          ...problemResponses(400, 401, 404, 409, 422, 429, 502, 503),
        },
      },
    },
    async ({ body: { template, sender, to, fields = {} } }) => {
      const read = readMailbox(to.trim());
      if ("reason" in read) throw new Fault("request-invalid", `to: ${read.reason}`);
      return await email.tests.send({ template, sender, to: read.mailbox, fields });
    },
  );
}
