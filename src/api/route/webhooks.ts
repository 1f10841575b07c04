import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, idSchema, pageFields, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  messageStateSchema,
  newWebhookSchema,
  rotationSchema,
  showMessage,
  showWebhook,
  triedSchema,
  webhookMessageSchema,
  webhookPatchSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from "../schema/webhook.ts";

const tags = ["webhooks"];
const messageParams = Type.Object({ id: idSchema, messageId: idSchema }, { additionalProperties: false });
const messageQuery = Type.Object({ ...pageFields, state: Type.Optional(messageStateSchema) }, { additionalProperties: false });
const defaultPreviousHours = 24;

export function addWebhooks(app: App, { webhooks }: ApiParts): void {
  const find = async (id: string) => {
    const webhook = await webhooks.find(id);
    if (!webhook) throw new Fault("webhook-unknown", `There is no webhook ${id}.`);
    return webhook;
  };

  app.get(
    "/api/v1/webhooks",
    {
      schema: {
        tags,
        summary: "The systems that are told what happens here",
        querystring: pageQuery,
        response: { 200: pageOf(webhookSchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (part) => webhooks.list(part));
      return { ...page, items: page.items.map(showWebhook) };
    },
  );

  app.post(
    "/api/v1/webhooks",
    {
      schema: {
        tags,
        summary: "Have a system told what happens here",
        description:
          "From now on it is sent a POST for each event of its types, signed as Standard Webhooks 1.0.0 says, until it answers with a 2xx: up to three days, with growing pauses. The answer holds the secret, which is not shown again.",
        body: newWebhookSchema,
        response: { 201: webhookWithSecretSchema, ...problemResponses(400, 401, 403, 409, 415, 422, 429, 503) },
      },
    },
    async ({ body }, reply) => {
      const { webhook, secret } = await webhooks.add({ ...body, active: body.active ?? true });
      reply.header("location", `/api/v1/webhooks/${webhook.id}`).header("cache-control", "no-store");
      return reply.code(201).send({ ...showWebhook(webhook), secret });
    },
  );

  app.get(
    "/api/v1/webhooks/:id",
    {
      schema: { tags, summary: "One webhook", params: idParams, response: { 200: webhookSchema, ...problemResponses(400, 401, 403, 404, 429, 503) } },
    },
    async ({ params: { id } }) => showWebhook(await find(id)),
  );

  app.patch(
    "/api/v1/webhooks/:id",
    {
      schema: {
        tags,
        summary: "Change a webhook, or switch it on or off",
        params: idParams,
        body: webhookPatchSchema,
        response: { 200: webhookSchema, ...problemResponses(400, 401, 403, 404, 412, 415, 422, 429, 503) },
      },
    },
    async ({ params: { id }, body }) => showWebhook(await webhooks.change(id, body)),
  );

  app.delete(
    "/api/v1/webhooks/:id",
    {
      schema: {
        tags,
        summary: "Tell a system nothing any more",
        description: "What was to be told, and has been, is gone with it.",
        params: idParams,
        response: { 204: Type.Null({ description: "It is gone." }), ...problemResponses(400, 401, 403, 404, 412, 429, 503) },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!(await webhooks.remove(id))) throw new Fault("webhook-unknown", `There is no webhook ${id}.`);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/webhooks/:id/rotate",
    {
      schema: {
        tags,
        summary: "Give a webhook another secret",
        description: "For a while requests carry two signatures, one with each secret, so that the receiver can change over.",
        params: idParams,
        body: rotationSchema,
        response: { 200: webhookWithSecretSchema, ...problemResponses(400, 401, 403, 404, 415, 422, 429, 503) },
      },
    },
    async ({ params: { id }, body }, reply) => {
      const { webhook, secret } = await webhooks.rotate(id, body.previousHours ?? defaultPreviousHours);
      return reply.header("cache-control", "no-store").send({ ...showWebhook(webhook), secret });
    },
  );

  app.post(
    "/api/v1/webhooks/:id/test",
    {
      schema: {
        tags,
        summary: "Try a webhook",
        description: "It is sent a `webhook.test` at once, and once; what it answers is the answer.",
        params: idParams,
        response: { 200: triedSchema, ...problemResponses(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const { taken, tookMs, status, reason } = await webhooks.test(id);
      return { taken, tookMs, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) };
    },
  );

  app.get(
    "/api/v1/webhooks/:id/messages",
    {
      schema: {
        tags,
        summary: "What a webhook was told, and is to be told",
        description: "`state=dead` shows what was given up. What is over is kept for two weeks, or as the configuration says.",
        params: idParams,
        querystring: messageQuery,
        response: { 200: pageOf(webhookMessageSchema), ...problemResponses(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id }, query }) => {
      await find(id);
      const page = await readPage(query, (part) => webhooks.messages(id, query.state === undefined ? {} : { state: query.state }, part));
      return { ...page, items: page.items.map(showMessage) };
    },
  );

  app.get(
    "/api/v1/webhooks/:id/messages/:messageId",
    {
      schema: {
        tags,
        summary: "One message of a webhook",
        params: messageParams,
        response: { 200: webhookMessageSchema, ...problemResponses(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id, messageId } }) => showMessage((await webhooks.message(id, messageId)) ?? unknownMessage(messageId)),
  );

  app.post(
    "/api/v1/webhooks/:id/messages/:messageId/replay",
    {
      schema: {
        tags,
        summary: "Send a message of a webhook again",
        description: "Of one that is over; its webhook-id is the same as before. One that waits is sent by itself.",
        params: messageParams,
        response: { 200: webhookMessageSchema, ...problemResponses(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async ({ params: { id, messageId } }) => {
      const message = await webhooks.replay(id, messageId);
      if (message) return showMessage(message);
      if (!(await webhooks.message(id, messageId))) return unknownMessage(messageId);
      throw new Fault("webhook-message-waiting", `Message ${messageId} waits to be sent.`);
    },
  );

  app.post(
    "/api/v1/webhooks/:id/replay",
    {
      schema: {
        tags,
        summary: "Send all that was given up again",
        params: idParams,
        response: {
          200: Type.Object({ replayed: Type.Integer({ minimum: 0, description: "How many." }) }),
          ...problemResponses(400, 401, 403, 404, 429, 503),
        },
      },
    },
    async ({ params: { id } }) => {
      await find(id);
      return { replayed: await webhooks.replayDead(id) };
    },
  );
}

function unknownMessage(id: string): never {
  throw new Fault("webhook-message-unknown", `There is no message ${id} of this webhook.`);
}
