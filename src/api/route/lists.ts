import { Readable } from "node:stream";
import type { Rejection } from "../../contact/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import { contactSchema, importQuery, importReportSchema, listSchema, showContact, showList } from "../schema/list.ts";

const tags = ["lists"];
/** Rejections told in the answer, at most; the counts are always whole. */
const maxRejectionsTold = 100;

export function addLists(app: App, { lists, imports }: ApiParts): void {
  // The file is never held: it goes through the import engine as it comes in.
  app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));

  app.post(
    "/api/v1/lists",
    {
      schema: {
        tags,
        summary: "Import a list",
        description:
          "The body is the file, as text/csv and of any size. Rows that cannot be used are told with row, column and reason; the rest goes in, all or nothing.",
        consumes: ["text/csv"],
        querystring: importQuery,
        response: { 201: importReportSchema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name, append = false } = request.query;
      const csv: unknown = request.body;
      if (!(csv instanceof Readable)) throw new Fault("media-type", "Send the file as the body, with content-type text/csv.");
      const rejections: Omit<Rejection, "raw">[] = [];
      const rejected = ({ row, line, column, reason }: Rejection) => {
        if (rejections.length < maxRejectionsTold) rejections.push({ row, line, column, reason });
      };
      try {
        const { listId, read, accepted, rejected: refused, duplicates } = await imports.run({ name, append, csv, rejected });
        return await reply
          .code(201)
          .header("location", `/api/v1/lists/${listId}`)
          .send({ listId, read, accepted, rejected: refused, duplicates, rejections });
      } catch (error) {
        // What has not been read of the file must not be taken for the next request.
        if (!csv.readableEnded) reply.header("connection", "close");
        throw error;
      }
    },
  );

  app.get(
    "/api/v1/lists",
    {
      schema: { tags, summary: "All lists", querystring: pageQuery, response: { 200: pageOf(listSchema), ...problemResponses(400, 401, 429, 503) } },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => lists.lists(rows));
      return { ...page, items: page.items.map(showList) };
    },
  );

  app.get(
    "/api/v1/lists/:id",
    { schema: { tags, summary: "One list", params: idParams, response: { 200: listSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async (request) => showList(await findList(request.params.id)),
  );

  app.get(
    "/api/v1/lists/:id/contacts",
    {
      schema: {
        tags,
        summary: "The people on a list",
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(contactSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const list = await findList(request.params.id);
      const page = await readPage(request.query, (rows) => lists.contacts(list.id, rows));
      return { ...page, items: page.items.map(showContact) };
    },
  );

  app.get(
    "/api/v1/contacts/:id",
    { schema: { tags, summary: "One person", params: idParams, response: { 200: contactSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async (request) => {
      const contact = await lists.contact(request.params.id);
      if (contact === undefined) throw new Fault("contact-unknown", `There is no contact ${request.params.id}.`);
      return showContact(contact);
    },
  );

  async function findList(id: string) {
    const list = await lists.list(id);
    if (list === undefined) throw new Fault("list-unknown", `There is no list ${id}; GET /api/v1/lists has them.`);
    return list;
  }
}
