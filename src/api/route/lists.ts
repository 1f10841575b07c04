import type { Rejection } from "../../contact/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import { importQuery, importReportSchema, showReport } from "../schema/import.ts";
import { contactSchema, listSchema, showContact, showList } from "../schema/list.ts";
import { fileTypes, wishesOf, withFile } from "./imports.ts";

const tags = ["lists"];
/** Rejections told in the answer, at most; the counts are always whole. */
const maxRejectionsTold = 100;

export function addLists(app: App, parts: ApiParts): void {
  const { lists, imports } = parts;
  // The file is never held: it goes through the import engine as it comes in.
  app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));

  app.post(
    "/api/v1/lists",
    {
      schema: {
        tags,
        summary: "Import a list",
        description:
          "The body is the file, of any size. Rows that cannot be used are told with row, column and reason; the rest goes in, all or nothing. To see first what would become of it, POST /api/v1/imports.",
        consumes: fileTypes,
        querystring: importQuery,
        response: { 201: importReportSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name, ...query } = request.query;
      const wishes = await wishesOf(parts, query);
      const rejections: Omit<Rejection, "raw">[] = [];
      const rejected = ({ row, line, column, reason }: Rejection) => {
        if (rejections.length < maxRejectionsTold) rejections.push({ row, line, column, reason });
      };
      const { listId, ...report } = await withFile(request.body, reply, parts.clock, (csv) => imports.run({ name, ...wishes, csv, rejected }));
      return reply
        .code(201)
        .header("location", `/api/v1/lists/${listId}`)
        .send({ listId, ...showReport({ ...report, rejections }) });
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
      const { id } = request.params;
      const page = await readPage(request.query, (rows) => lists.contacts(id, rows));
      // Of a list with people nobody needs to ask whether it is there.
      if (page.items.length === 0) await findList(id);
      return { ...page, items: page.items.map(showContact) };
    },
  );

  async function findList(id: string) {
    const list = await lists.list(id);
    if (list === undefined) throw new Fault("list-unknown", `There is no list ${id}; GET /api/v1/lists has them.`);
    return list;
  }
}
