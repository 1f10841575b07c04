import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { isPhoneNumber } from "../../kernel/phone.ts";
import type { SentMessage } from "../../sms/reader-ports.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses, timeText } from "../schema/common.ts";
import { messageQuery, receivedSchema, sentSchema, unmatchedSchema } from "../schema/message.ts";
import { numberPattern } from "../schema/number.ts";

/** What was sent by SMS and e-mail, what people wrote by SMS, and reports that fit nothing. */
export function addMessages(app: App, { messages, textTests }: ApiParts): void {
  addTest(app, textTests);
  app.get(
    "/api/v1/messages",
    {
      schema: {
        tags: ["messages"],
        summary: "Messages that were sent",
        description: "SMS and e-mails, from the moment before they left, each with what became of it.",
        querystring: messageQuery,
        response: { 200: pageOf(sentSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { items, next } = await readPage(pageFrom(limit, cursor), (page) => messages.sent(filter, page));
      return { items: items.map(showSent), ...(next !== undefined && { next }) };
    },
  );
  app.get(
    "/api/v1/messages/:id",
    {
      schema: {
        tags: ["messages"],
        summary: "One message that was sent",
        params: idParams,
        response: { 200: sentSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const message = await messages.one(id);
      if (!message) throw new Fault("message-unknown", `There is no message ${id}.`);
      return showSent(message);
    },
  );
  app.get(
    "/api/v1/incoming-messages",
    {
      schema: {
        tags: ["messages"],
        summary: "What people wrote by SMS",
        querystring: messageQuery,
        response: { 200: pageOf(receivedSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { items, next } = await readPage(pageFrom(limit, cursor), (page) => messages.received(filter, page));
      return {
        items: items.map(({ at, details, ...rest }) => ({ ...rest, details: { ...details }, at: timeText(at) })),
        ...(next !== undefined && { next }),
      };
    },
  );
  app.get(
    "/api/v1/unmatched-reports",
    {
      schema: {
        tags: ["messages"],
        summary: "Reports of delivery that fit no message",
        querystring: pageQuery,
        response: { 200: pageOf(unmatchedSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { items, next } = await readPage(pageFrom(limit, cursor), (page) => messages.unmatched(page));
      const shown = items.map(({ at, doneAt, ...rest }) => ({
        ...rest,
        at: timeText(at),
        ...(doneAt !== undefined && { doneAt: timeText(doneAt) }),
      }));
      return { items: shown, ...(next !== undefined && { next }) };
    },
  );
}

function pageFrom(limit: number | undefined, cursor: string | undefined) {
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
}

function showSent({ at, reports, ...message }: SentMessage) {
  return {
    ...message,
    at: timeText(at),
    reports: reports.map(({ at: reportedAt, ...report }) => ({ ...report, ...(reportedAt !== undefined && { at: timeText(reportedAt) }) })),
  };
}

function addTest(app: App, tests: ApiParts["textTests"]): void {
  app.post(
    "/api/v1/messages/test",
    {
      schema: {
        tags: ["messages"],
        summary: "Send one test SMS",
        description: "The current version of a template to one number. Nothing is recorded, and its reports of delivery fit nothing.",
        body: Type.Object(
          {
            template: Type.String({ minLength: 1, maxLength: 64 }),
            sender: Type.String({ minLength: 1, maxLength: 64, description: "A name under sms.senders." }),
            to: Type.String({ pattern: numberPattern }),
            fields: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 2000 }))),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ text: Type.String(), bind: Type.String(), parts: Type.Integer() }),
          ...problemResponses(400, 401, 404, 409, 422, 429, 502, 503),
        },
      },
    },
    async ({ body: { template, sender, to, fields = {} } }) => {
      if (!isPhoneNumber(to)) throw new Fault("request-invalid", "to: write the number in E.164 form, such as +12125550123.");
      return await tests.send({ template, sender, to, fields });
    },
  );
}
