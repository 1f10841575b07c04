import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { isPhoneNumber } from "../../kernel/phone.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  inboundChangeSchema,
  inboundSchema,
  newNumberSchema,
  numberChangeSchema,
  numberParams,
  ownNumberSchema,
  showCallers,
  showNumber,
} from "../schema/number.ts";

const tags = ["numbers"];

export function addNumbers(app: App, { numbers }: ApiParts): void {
  app.get(
    "/api/v1/numbers",
    {
      schema: {
        tags,
        summary: "The numbers that may be called",
        querystring: pageQuery,
        response: { 200: pageOf(ownNumberSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, async ({ limit, afterId }) => {
        const rows = await numbers.list(limit, afterId === undefined ? undefined : `+${afterId}`);
        return rows.map((number) => ({ id: number.number.slice(1), number }));
      });
      return { ...page, items: page.items.map(({ number }) => showNumber(number)) };
    },
  );

  app.post(
    "/api/v1/numbers",
    {
      schema: {
        tags,
        summary: "Add a number that may be called",
        description:
          "Calls to it are answered when they come by a trunk with `inbound: true`. The caller is matched by the last attempt on that number, else by the list of the campaign. A caller id of a campaign is such a number too, without being added: that is for its script, its message and its campaign.",
        body: newNumberSchema,
        response: { 201: ownNumberSchema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { number, ...rest } = request.body;
      // The schema has the same form.
      if (!isPhoneNumber(number)) throw unknown(number);
      const made = await numbers.create({ number, ...rest });
      return reply.code(201).header("location", `/api/v1/numbers/${made.number}`).send(showNumber(made));
    },
  );

  app.get(
    "/api/v1/numbers/:number",
    {
      schema: {
        tags,
        summary: "One number",
        params: numberParams,
        response: { 200: ownNumberSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { number } }) => showNumber((await numbers.find(number)) ?? refuse(number)),
  );

  app.patch(
    "/api/v1/numbers/:number",
    {
      schema: {
        tags,
        summary: "Change what happens to those who call a number",
        description: "The next call goes by it; calls that are up go on as they began.",
        params: numberParams,
        body: numberChangeSchema,
        response: { 200: ownNumberSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async ({ params: { number }, body }) => showNumber((await numbers.change(number, body)) ?? refuse(number)),
  );

  app.delete(
    "/api/v1/numbers/:number",
    {
      schema: {
        tags,
        summary: "Remove a number; calls to it are refused from then on, unless campaigns show it",
        params: numberParams,
        response: { 204: Type.Null({ description: "It is removed." }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { number } }, reply) => {
      if (!(await numbers.remove(number))) refuse(number);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/campaigns/:id/inbound",
    {
      schema: {
        tags,
        summary: "What a campaign does about people who call, and what came of it",
        params: idParams,
        response: { 200: inboundSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => showCallers((await numbers.callersOf(id)) ?? noCampaign(id)),
  );

  app.put(
    "/api/v1/campaigns/:id/inbound",
    {
      schema: {
        tags,
        summary: "Say which script the people hear who call back",
        params: idParams,
        body: inboundChangeSchema,
        response: { 200: inboundSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async ({ params: { id }, body: { script } }) => showCallers((await numbers.answerWith(id, script ?? undefined)) ?? noCampaign(id)),
  );
}

function unknown(number: string): Fault {
  return new Fault("number-unknown", `There is no number ${number}.`);
}

function refuse(number: string): never {
  throw unknown(number);
}

function noCampaign(id: string): never {
  throw new Fault("campaign-unknown", `There is no campaign ${id}.`);
}
