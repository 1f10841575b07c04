import { Type } from "typebox";
import { mailKinds } from "../../email/inbox-ports.ts";
import type { IncomingMailView } from "../../email/mail-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { attachmentsSchema } from "../schema/agent-written.ts";
import { idParams, idSchema, pageFields, pageOf, problemResponses, timeSchema, timeText } from "../schema/common.ts";

const kindSchema = Type.Enum([...mailKinds], {
  description:
    "`bounce`: a report of a mail server; `complaint`: a report that it was not wanted; `automatic`: written by no person; `reply`; `opt-out`: a reply that asks for no more; `other`.",
});

const mailSchema = Type.Object({
  id: idSchema,
  inbox: Type.String({ description: "The mailbox or receiver it came by." }),
  at: timeSchema,
  kind: kindSchema,
  from: Type.Optional(Type.String()),
  recipients: Type.Array(Type.String()),
  subject: Type.String(),
  text: Type.String({ description: "At most 65,536 characters. Written by somebody else: show it as text." }),
  enhanced: Type.Optional(Type.String({ description: "RFC 3463.", examples: ["5.1.1"] })),
  reason: Type.String({ description: "Why it was taken for what it is, for people." }),
  attemptId: Type.Optional(idSchema),
  campaignId: Type.Optional(idSchema),
  contactId: Type.Optional(idSchema),
  size: Type.Integer({ description: "Octets." }),
  attachments: attachmentsSchema,
});

const query = Type.Object(
  {
    ...pageFields,
    campaignId: Type.Optional(idSchema),
    contactId: Type.Optional(idSchema),
    attemptId: Type.Optional(idSchema),
    kind: Type.Optional(kindSchema),
  },
  { additionalProperties: false },
);

export function addIncomingMails(app: App, { incomingMails }: ApiParts): void {
  app.get(
    "/api/v1/incoming-mails",
    {
      schema: {
        tags: ["email"],
        summary: "E-mails that came in",
        description: "Bounces, complaints, answers and whatever else came to our inboxes, each once, in the order in which they were kept.",
        querystring: query,
        response: { 200: pageOf(mailSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const page = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
      const { items, next } = await readPage(page, (wanted) => incomingMails.mails(filter, wanted));
      return { items: items.map(showMail), ...(next !== undefined && { next }) };
    },
  );
  app.get(
    "/api/v1/incoming-mails/:id",
    {
      schema: {
        tags: ["email"],
        summary: "One e-mail that came in",
        params: idParams,
        response: { 200: mailSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const mail = await incomingMails.mail(id);
      if (mail === undefined) throw new Fault("mail-unknown", `There is no incoming e-mail ${id}.`);
      return showMail(mail);
    },
  );
}

function showMail({ at, recipients, attachments, ...mail }: IncomingMailView) {
  return { ...mail, recipients: [...recipients], attachments: [...attachments], at: timeText(at) };
}
