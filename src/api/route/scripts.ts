import type { Static } from "typebox";
import { checkScript } from "../../ivr/check-engine.ts";
import { publishScript } from "../../ivr/publish-engine.ts";
import { unknownScript } from "../../ivr/script-names-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  entrySchema,
  lintBody,
  lintQuery,
  lintSchema,
  nameParams,
  type publicationSchema,
  publishedSchema,
  publishQuery,
  scriptBody,
  scriptSchema,
  showEntry,
  showFinding,
  showPublished,
  showUsers,
} from "../schema/script.ts";
import { signatureOf, withPlaces } from "../script-faults.ts";

const tags = ["scripts"];
/** The media type of YAML is application/yaml (RFC 9512); the other two were in use before. */
const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];
/** Some hundred steps with their texts; what is larger is no call flow. */
const maxScriptBytes = 512 * 1024;
/** How findings name a script that came without a file. */
const file = "script";

export function addScripts(app: App, { publishing, lists }: ApiParts): void {
  const { store } = publishing;
  app.addContentTypeParser(yamlTypes, { parseAs: "string", bodyLimit: maxScriptBytes }, (_request, body, done) => done(null, body));

  app.post(
    "/api/v1/scripts",
    {
      bodyLimit: maxScriptBytes,
      schema: {
        tags,
        summary: "Publish a script",
        description:
          "The body is the script, as application/yaml, or JSON with its tests; its name is in it. It becomes the next version of that name (201) and is current from then on. The same text again makes no new version (200). Campaigns that follow the script run it within two seconds.",
        consumes: ["application/yaml", "application/json"],
        querystring: publishQuery,
        body: scriptBody,
        response: { 200: publishedSchema, 201: publishedSchema, ...problemResponses(400, 401, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { source, tests, note = request.query.note } = publicationOf(request.body);
      const signature = signatureOf(request, note);
      const publication = { file, source, signature, ...(tests !== undefined && { tests: { file: "tests", source: tests } }) };
      const end = await withPlaces(publishScript(publishing, publication));
      const { name, version, fresh } = end.published;
      return reply
        .code(fresh ? 201 : 200)
        .header("location", `/api/v1/scripts/${name}/versions/${version}`)
        .send(showPublished(end));
    },
  );

  app.post(
    "/api/v1/scripts/lint",
    {
      bodyLimit: maxScriptBytes,
      schema: {
        tags,
        summary: "Look for mistakes in a script",
        description: "As publishing does, also for the lists of the campaigns that follow it. Nothing is written.",
        consumes: ["application/yaml"],
        querystring: lintQuery,
        body: lintBody,
        response: { 200: lintSchema, ...problemResponses(400, 401, 404, 413, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      const { source } = publicationOf(request.body);
      const { listId } = request.query;
      const list = listId === undefined ? undefined : await lists.list(listId);
      if (listId !== undefined && list === undefined) throw new Fault("list-unknown", `There is no list ${listId}; GET /api/v1/lists has them.`);
      const { findings, sound } = await checkScript(publishing, { file, source, ...(list && { list }) });
      return { valid: sound, findings: findings.map(showFinding) };
    },
  );

  app.get(
    "/api/v1/scripts",
    {
      schema: {
        tags,
        summary: "All scripts",
        querystring: pageQuery,
        response: { 200: pageOf(entrySchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => store.entries(rows));
      return { ...page, items: page.items.map(showEntry) };
    },
  );

  app.get(
    "/api/v1/scripts/:name",
    {
      schema: {
        tags,
        summary: "One script, with the version that is current and who uses it",
        params: nameParams,
        response: { 200: scriptSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => {
      const entry = await store.entry(name);
      if (entry === undefined) throw await unknownScript(store, name);
      return { ...showEntry(entry), campaigns: showUsers(await store.users(name)) };
    },
  );
}

/** A body that was held against its schema already, if it came with a content type that has one. */
function publicationOf(body: unknown): Static<typeof publicationSchema> {
  if (typeof body === "string") return { source: body };
  if (typeof body === "object" && body !== null && "source" in body) return body as Static<typeof publicationSchema>;
  throw new Fault("media-type", "Send the script as the body, with content-type application/yaml.");
}
