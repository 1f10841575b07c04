import { rollBack } from "../../ivr/publish-engine.ts";
import { unknownScript } from "../../ivr/script-names-engine.ts";
import type { ScriptVersion } from "../../ivr/script-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { pageOf, problemResponses } from "../schema/common.ts";
import {
  diffQuery,
  diffSchema,
  historyQuery,
  nameParams,
  newReleaseSchema,
  releaseSchema,
  rolledBackSchema,
  showFinding,
  showRelease,
  showUsers,
  showVersion,
  versionParams,
  versionSchema,
  versionSourceSchema,
} from "../schema/script.ts";
import { signatureOf, withPlaces } from "../script-faults.ts";

const tags = ["scripts"];

export function addScriptVersions(app: App, { publishing }: ApiParts): void {
  const { store, reader } = publishing;

  app.get(
    "/api/v1/scripts/:name/versions",
    {
      schema: {
        tags,
        summary: "Its versions, the newest first",
        params: nameParams,
        querystring: historyQuery,
        response: { 200: pageOf(versionSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query }) => {
      await mustExist(name);
      const page = await readPage(query, (rows) => store.versions(name, rows));
      return { ...page, items: page.items.map(showVersion) };
    },
  );

  app.get(
    "/api/v1/scripts/:name/versions/:version",
    {
      schema: {
        tags,
        summary: "One version, with its text",
        params: versionParams,
        response: { 200: versionSourceSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name, version } }) => {
      const found = await versionOf(name, version);
      return { ...showVersion(found), source: found.source };
    },
  );

  app.get(
    "/api/v1/scripts/:name/diff",
    {
      schema: {
        tags,
        summary: "What changed from one version to another",
        params: nameParams,
        querystring: diffQuery,
        response: { 200: diffSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query: { from, to } }) => {
      const [before, after] = [await versionOf(name, from), await versionOf(name, to)];
      return { name, from, to, diff: await reader.compare({ from: before, to: after }) };
    },
  );

  app.get(
    "/api/v1/scripts/:name/releases",
    {
      schema: {
        tags,
        summary: "Which version was current since when, by whom and why; the newest first",
        params: nameParams,
        querystring: historyQuery,
        response: { 200: pageOf(releaseSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query }) => {
      await mustExist(name);
      const page = await readPage(query, (rows) => store.releases(name, rows));
      return { ...page, items: page.items.map(showRelease) };
    },
  );

  app.post(
    "/api/v1/scripts/:name/releases",
    {
      schema: {
        tags,
        summary: "Make a published version current again",
        description: "To go back. Campaigns that follow the script run it within two seconds; calls on the line stay on their version.",
        params: nameParams,
        body: newReleaseSchema,
        response: { 201: rolledBackSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { version, note } = request.body;
      await versionOf(name, version);
      const { release, findings, users } = await withPlaces(rollBack(publishing, name, version, signatureOf(request, note)));
      return reply.code(201).send({ ...showRelease(release), findings: findings.map(showFinding), campaigns: showUsers(users) });
    },
  );

  async function mustExist(name: string): Promise<void> {
    if ((await store.entry(name)) === undefined) throw await unknownScript(store, name);
  }

  async function versionOf(name: string, number: number): Promise<ScriptVersion> {
    const version = await store.version(name, number);
    if (version !== undefined) return version;
    await mustExist(name);
    throw new Fault("script-unknown", `There is no version ${number} of script ${name}.`);
  }
}
