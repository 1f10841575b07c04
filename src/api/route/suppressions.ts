import { Readable } from "node:stream";
import { Type } from "typebox";
import { usualOf } from "../../compliance/do-not-call.ts";
import { whileItMoves } from "../../contact/moving-engine.ts";
import type { Rejection } from "../../contact/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  loadQuery,
  loadReportSchema,
  momentOf,
  newListSchema,
  newSuppressionSchema,
  reasonSchema,
  showSuppression,
  showSuppressionList,
  suppressionListSchema,
  suppressionSchema,
  whomFields,
  whomOf,
} from "../schema/safeguard.ts";

const tags = ["compliance"];
/** Rejections told in the answer, at most; the counts are always whole. */
const maxRejectionsTold = 100;
const manyLists = Type.Object({ items: Type.Array(suppressionListSchema) });
const manySuppressions = Type.Object({ items: Type.Array(suppressionSchema) });

export function addSuppressions(app: App, { safeguards: { suppressions, load }, clock }: ApiParts): void {
  app.post(
    "/api/v1/suppression-lists",
    {
      schema: {
        tags,
        summary: "Make a list of whom nobody may contact",
        body: newListSchema,
        response: { 201: suppressionListSchema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller }, reply) => {
      const { name, reason, kind, mandatory = true, channels = usualOf(kind).channels } = body;
      const made = await suppressions.createList({ name, reason, mandatory, channels, ...(kind !== undefined && { kind }) }, caller?.name ?? "");
      return reply.code(201).header("location", `/api/v1/suppression-lists/${made.id}`).send(showSuppressionList(made));
    },
  );

  app.get(
    "/api/v1/suppression-lists",
    { schema: { tags, summary: "The lists of whom nobody may contact", response: { 200: manyLists, ...problemResponses(400, 401, 429, 503) } } },
    async () => ({ items: (await suppressions.lists()).map(showSuppressionList) }),
  );

  app.get(
    "/api/v1/suppression-lists/:id",
    {
      schema: { tags, summary: "One list", params: idParams, response: { 200: suppressionListSchema, ...problemResponses(400, 401, 404, 429, 503) } },
    },
    async ({ params: { id } }) => showSuppressionList(await listOf(id)),
  );

  app.post(
    "/api/v1/suppression-lists/:id/load",
    {
      schema: {
        tags,
        summary: "Load a file into a list",
        description:
          "The body is the file, as text/csv and of any size: CSV with a header (phone, email, client_id; reason, expires_at), one column of numbers or mailboxes, or area code and seven digits. Everything usable goes in, or nothing. What rings at people on it is taken back.",
        consumes: ["text/csv"],
        params: idParams,
        querystring: loadQuery,
        response: { 200: loadReportSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { mode, file, dated, country } = request.query;
      const content: unknown = request.body;
      if (!(content instanceof Readable)) throw new Fault("media-type", "Send the file as the body, with content-type text/csv.");
      const moving = whileItMoves(content, clock);
      const rejections: Omit<Rejection, "raw">[] = [];
      const rejected = ({ row, line, column, reason }: Rejection) => {
        if (rejections.length < maxRejectionsTold) rejections.push({ row, line, column, reason });
      };
      const more = {
        ...(file !== undefined && { file }),
        ...(dated !== undefined && { dated }),
        ...(country !== undefined && { country }),
      };
      try {
        return {
          ...(await load({ listId: request.params.id, mode, content: moving, by: request.caller?.name ?? "", rejected, ...more })),
          rejections,
        };
      } catch (error) {
        // What has not been read of the file must not be taken for the next request.
        if (!content.readableEnded) reply.header("connection", "close");
        throw error;
      }
    },
  );

  app.get(
    "/api/v1/suppression-lists/:id/entries",
    {
      schema: {
        tags,
        summary: "What a list holds",
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(suppressionSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id }, query }) => {
      const list = await listOf(id);
      const page = await readPage(query, (part) => suppressions.entries(list.id, part));
      return { ...page, items: page.items.map(showSuppression) };
    },
  );

  app.post(
    "/api/v1/suppressions",
    {
      schema: {
        tags,
        summary: "Suppress somebody: a number, a mailbox or a person by client id",
        description: "It holds at once, and what rings at them is taken back. The same said twice is written once.",
        body: newSuppressionSchema,
        response: { 201: suppressionSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller }, reply) => {
      const { list, campaignId, channel, reason, expiresAt } = body;
      const listId = list === undefined ? undefined : (await listOf(list)).id;
      const made = await suppressions.add(
        {
          whom: whomOf(body),
          reason,
          ...(listId !== undefined && { listId }),
          ...(campaignId !== undefined && { campaignId }),
          ...(channel !== undefined && { channel }),
          ...(expiresAt !== undefined && { expiresAt: momentOf(expiresAt) }),
        },
        caller?.name ?? "",
      );
      return reply.code(201).send(showSuppression(made));
    },
  );

  app.post(
    "/api/v1/suppressions/search",
    {
      schema: {
        tags,
        summary: "Why somebody is suppressed",
        description:
          "Every suppression there is or was of a number, a mailbox or a client id, the newest first: opt-outs, entries of lists, what was written by hand; 500 at most. Whom stands in the body: a proxy writes URLs down.",
        body: Type.Object(whomFields, { additionalProperties: false, examples: [{ number: "+12125550142" }] }),
        response: { 200: manySuppressions, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async ({ body }) => ({ items: (await suppressions.about(whomOf(body))).map(showSuppression) }),
  );

  app.post(
    "/api/v1/suppressions/:id/end",
    {
      schema: {
        tags,
        summary: "End a suppression, with the reason; it stays as evidence",
        params: idParams,
        body: reasonSchema,
        response: { 200: suppressionSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const ended = await suppressions.end(id, reason, caller?.name ?? "");
      if (ended === undefined) throw new Fault("suppression-unknown", `There is no suppression ${id} that still holds.`);
      return showSuppression(ended);
    },
  );

  async function listOf(nameOrId: string) {
    const list = await suppressions.list(nameOrId);
    if (list === undefined)
      throw new Fault("suppression-list-unknown", `There is no suppression list ${nameOrId}; GET /api/v1/suppression-lists has them.`);
    return list;
  }
}
