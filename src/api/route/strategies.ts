import { Fault } from "../../kernel/fault.ts";
import { readStrategy } from "../../strategy/read-strategy.ts";
import type { StrategyStore, StrategyVersion } from "../../strategy/strategy-ports.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { pageOf, problemResponses } from "../schema/common.ts";
import {
  showStrategyHead,
  showStrategyVersion,
  strategyBody,
  strategyHeadSchema,
  strategyHistoryQuery,
  strategyParams,
  strategyPublishedSchema,
  strategyVersionParams,
  strategyVersionSchema,
} from "../schema/strategy.ts";
import { signatureOf } from "../script-faults.ts";
import { ruleFaults } from "../strategy-rules.ts";

const tags = ["strategies"];
/** In UTF-8, what the reader takes in characters. */
const maxStrategyBytes = 512 * 1024;

export function addStrategies(app: App, { strategies: store }: ApiParts): void {
  app.post(
    "/api/v1/strategies",
    {
      bodyLimit: maxStrategyBytes,
      schema: {
        tags,
        summary: "Publish a strategy",
        description:
          "The body is its document, as application/yaml or JSON; its name is in it. It becomes the next version of that name (201) and is current from then on. The current document again makes no new version (200). What is wrong with it is told place by place: of YAML in lines and columns, of JSON in pointers (RFC 6901). That what it names is there is looked at where a campaign is made of it.",
        consumes: ["application/yaml", "application/json"],
        body: strategyBody,
        response: { 200: strategyPublishedSchema, 201: strategyPublishedSchema, ...problemResponses(400, 401, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { version, fresh } = await store.publish(sourceOf(request.body), signatureOf(request, undefined).by);
      return reply
        .code(fresh ? 201 : 200)
        .header("location", `/api/v1/strategies/${version.name}/versions/${version.version}`)
        .send({ ...showStrategyHead(version), fresh });
    },
  );

  app.get(
    "/api/v1/strategies",
    {
      schema: {
        tags,
        summary: "All strategies, each with its current version",
        querystring: strategyHistoryQuery,
        response: { 200: pageOf(strategyHeadSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (rows) => store.all(rows));
      return { ...page, items: page.items.map(showStrategyHead) };
    },
  );

  app.get(
    "/api/v1/strategies/:name",
    {
      schema: {
        tags,
        summary: "The current version of a strategy, with its document",
        params: strategyParams,
        response: { 200: strategyVersionSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => showStrategyVersion(await versionOf(store, name), true),
  );

  app.get(
    "/api/v1/strategies/:name/versions",
    {
      schema: {
        tags,
        summary: "Its versions, the newest first",
        params: strategyParams,
        querystring: strategyHistoryQuery,
        response: { 200: pageOf(strategyHeadSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query }) => {
      await versionOf(store, name);
      const page = await readPage(query, (rows) => store.versions(name, rows));
      return { ...page, items: page.items.map(showStrategyHead) };
    },
  );

  app.get(
    "/api/v1/strategies/:name/versions/:version",
    {
      schema: {
        tags,
        summary: "One version, with its document",
        params: strategyVersionParams,
        response: { 200: strategyVersionSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name, version } }) => {
      const found = await versionOf(store, name, version);
      return showStrategyVersion(found, (await versionOf(store, name)).id === found.id);
    },
  );
}

/** The text of a document that can be published. @throws Fault `strategy-invalid` with its places, as the sender of YAML or of JSON sees them */
function sourceOf(body: unknown): string {
  const written = typeof body === "string";
  const source = written ? body : JSON.stringify(body, null, 2);
  const { faults } = readStrategy(source, ruleFaults);
  if (!faults) return source;
  const places = faults.map(({ pointer, line, column, message }) =>
    written ? { pointer: `${line}:${column}`, message: pointer === "" ? message : `${pointer}: ${message}` } : { pointer, message },
  );
  const counted = places.length === 1 ? "one fault; errors has it" : `${places.length} faults; errors has them`;
  throw placedFault("strategy-invalid", `The strategy has ${counted}, with its place.`, places);
}

async function versionOf(store: StrategyStore, name: string, version?: number): Promise<StrategyVersion> {
  const found = await store.find(name, version);
  if (found) return found;
  const told = version === undefined ? "" : `version ${version} of `;
  throw new Fault("strategy-unknown", `There is no ${told}strategy ${name}; GET /api/v1/strategies has them.`);
}
