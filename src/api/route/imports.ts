import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { mappingSchema, readMapping } from "../../contact/mapping.ts";
import { whileItMoves } from "../../contact/moving-engine.ts";
import type { StagedImport } from "../../contact/staged-ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { mappingEntry, mappingParams, showImport, stagedQuery, stagedSchema, type WishQuery } from "../schema/import.ts";

const tags = ["lists"];
export const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/** What a file may come as; what it is, is found out by looking. */
export const fileTypes = ["text/csv", "application/x-ndjson", "application/octet-stream", workbookType];

/** Imports in two steps, and the mappings that say which column is what. */
export function addImports(app: App, parts: ApiParts): void {
  const { stagedImports, staged, lookups } = parts;
  const show = async (one: StagedImport) => showImport(one, await lookups.runs.find(one.report?.lookupRuns ?? []));
  app.addContentTypeParser(
    fileTypes.filter((type) => !app.hasContentTypeParser(type)),
    (_request, payload, done) => done(null, payload),
  );

  app.post(
    "/api/v1/imports",
    {
      schema: {
        tags,
        summary: "Look at a file before it goes into a list",
        description:
          "The body is the file, of any size: CSV or other delimited text, NDJSON, lines of fixed width, or a workbook (.xlsx). The answer says what would become of it; nothing has changed. Commit it, or drop it.",
        consumes: fileTypes,
        querystring: stagedQuery,
        response: { 201: stagedSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { list: listName, ...query } = request.query;
      const wishes = await wishesOf(parts, query);
      const made = await withFile(request.body, reply, parts.clock, (file) =>
        stagedImports.send({ listName, wishes, createdBy: request.caller?.name ?? "" }, file),
      );
      return reply.code(201).header("location", `/api/v1/imports/${made.id}`).send(showImport(made));
    },
  );

  app.get(
    "/api/v1/imports",
    {
      schema: {
        tags,
        summary: "The latest imports that were looked at first",
        response: { 200: Type.Object({ items: Type.Array(stagedSchema) }), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async () => ({ items: (await staged.latest(100)).map((one) => showImport(one)) }),
  );

  const one = (summary: string) => ({
    tags,
    summary,
    params: idParams,
    response: { 200: stagedSchema, ...problemResponses(400, 401, 404, 409, 422, 429, 503) },
  });
  app.get("/api/v1/imports/:id", { schema: one("One import") }, async (request) => await show(await stagedImports.find(request.params.id)));
  app.post("/api/v1/imports/:id/commit", { schema: one("Bring the file into its list") }, async (request) =>
    show(await stagedImports.commit(request.params.id)),
  );
  app.post("/api/v1/imports/:id/drop", { schema: one("Forget the file") }, async (request) =>
    showImport(await stagedImports.drop(request.params.id)),
  );
  addMappings(app, parts);
}

function addMappings(app: App, { staged }: ApiParts): void {
  app.get(
    "/api/v1/import-mappings",
    {
      schema: {
        tags,
        summary: "All mappings of columns",
        response: { 200: Type.Object({ items: Type.Array(mappingEntry) }), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async () => ({ items: (await staged.mappings()).map((each) => ({ ...each })) }),
  );
  app.get(
    "/api/v1/import-mappings/:name",
    {
      schema: { tags, summary: "One mapping", params: mappingParams, response: { 200: mappingEntry, ...problemResponses(400, 401, 404, 429, 503) } },
    },
    async ({ params: { name } }) => {
      const mapping = await staged.mapping(name);
      if (mapping === undefined) throw mappingUnknown(name);
      return { name, mapping };
    },
  );
  app.put(
    "/api/v1/import-mappings/:name",
    {
      schema: {
        tags,
        summary: "Say which column of a file is what, for files that come again",
        params: mappingParams,
        body: mappingSchema,
        response: { 200: mappingEntry, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      const mapping = readMapping(request.body);
      await staged.keep(name, mapping, request.caller?.name ?? "");
      return { name, mapping };
    },
  );
  app.delete(
    "/api/v1/import-mappings/:name",
    {
      schema: {
        tags,
        summary: "Forget a mapping",
        params: mappingParams,
        response: { 204: Type.Null(), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      if (!(await staged.forget(request.params.name))) throw mappingUnknown(request.params.name);
      return reply.code(204).send(null);
    },
  );
}

/** What is to become of a file, its mapping found by name. @throws Fault `mapping-unknown` */
export async function wishesOf({ staged }: Pick<ApiParts, "staged">, { append = false, existing, enter, mapping: name, lookups }: WishQuery) {
  const mapping = name === undefined ? undefined : await staged.mapping(name);
  if (name !== undefined && mapping === undefined) throw mappingUnknown(name);
  const asked = lookups !== undefined && { lookups: lookups.split(",") };
  return { append, ...(existing && { existing }), ...(enter !== undefined && { enter }), ...(mapping && { mapping }), ...asked };
}

/** Does the work with a body that is a file. @throws Fault `media-type` */
export async function withFile<T>(body: unknown, reply: FastifyReply, clock: Clock, work: (file: Readable) => Promise<T>): Promise<T> {
  if (!(body instanceof Readable)) throw new Fault("media-type", `Send the file as the body, with content-type ${fileTypes.join(" or ")}.`);
  try {
    return await work(whileItMoves(body, clock));
  } catch (error) {
    // What has not been read of the file must not be taken for the next request.
    if (!body.readableEnded) reply.header("connection", "close");
    throw error;
  }
}

function mappingUnknown(name: string): Fault {
  return new Fault("mapping-unknown", `There is no mapping ${name}; GET /api/v1/import-mappings has them.`);
}
