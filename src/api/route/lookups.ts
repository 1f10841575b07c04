import { Type } from "typebox";
import { askable } from "../../contact/lookup/exchange.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  answersBody,
  lookupAnswerSchema,
  lookupParams,
  lookupRunSchema,
  lookupSchema,
  lookupTestBody,
  lookupTestSchema,
  newRunSchema,
  showAnswer,
  showLookup,
  showRun,
  showTest,
} from "../schema/lookup.ts";

const tags = ["lists"];

/** Servers that are asked about numbers and people. Which there are is in the configuration. */
export function addLookups(app: App, { lookups: { options, store, ask } }: ApiParts): void {
  app.get(
    "/api/v1/lookups",
    {
      schema: {
        tags,
        summary: "Servers that are asked about numbers and people, and how much was asked of them",
        response: { 200: Type.Object({ items: Type.Array(lookupSchema) }), ...problemResponses(401, 403, 429, 503) },
      },
    },
    async () => ({
      items: (await store.counts()).map((counts) =>
        showLookup(
          counts,
          options.find(({ name }) => name === counts.name),
        ),
      ),
    }),
  );

  app.post(
    "/api/v1/lookups/:name/test",
    {
      schema: {
        tags,
        summary: "Ask once, now, and keep nothing of the answer",
        description: "This server asks, so its configuration must have the look-up. Whoever is asked may charge for it.",
        params: lookupParams,
        body: lookupTestBody,
        response: { 200: lookupTestSchema, ...problemResponses(400, 401, 403, 404, 415, 422, 429, 503) },
      },
    },
    async ({ params: { name }, body: { subject, date = "" } }) => {
      const lookup = options.find((each) => each.name === name);
      if (lookup === undefined)
        throw new Fault("lookup-unknown", `There is no look-up ${name} in this server's configuration; GET /api/v1/lookups has those there are.`);
      const { tookMs, end } = await ask(name, askable(lookup, subject, date));
      return showTest(name, tookMs, end);
    },
  );

  app.post(
    "/api/v1/lookup-answers/search",
    {
      schema: {
        tags,
        summary: "What look-ups said of a number, or of a client id; the newest first, 100 at most",
        body: answersBody,
        response: { 200: Type.Object({ items: Type.Array(lookupAnswerSchema) }), ...problemResponses(400, 401, 403, 415, 429, 503) },
      },
    },
    async ({ body: { subject } }) => ({ items: (await store.find(subject)).map(showAnswer) }),
  );
}

/** Lists, and whom imports brought, looked up one person after the other. */
export function addLookupRuns(app: App, { lookups: { runs } }: ApiParts): void {
  const path = "/api/v1/lookup-runs";
  const show = async (id: string) => {
    const [run] = await runs.find([id]);
    if (run === undefined) throw new Fault("lookup-run-unknown", `There is no run ${id}; GET ${path} has them.`);
    return showRun(run);
  };
  app.get(
    path,
    {
      schema: {
        tags,
        summary: "Lists that are looked up, and those that were; the newest first",
        querystring: pageQuery,
        response: { 200: pageOf(lookupRunSchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, ({ limit, afterId }) => runs.runs(limit, afterId));
      return { ...page, items: page.items.map(showRun) };
    },
  );
  app.post(
    path,
    {
      schema: {
        tags,
        summary: "Have everybody on a list looked up",
        description: "The servers that run carry it out, in the pace of whoever is asked; what was asked of late and is good is not asked again.",
        body: newRunSchema,
        response: { 201: lookupRunSchema, ...problemResponses(400, 401, 403, 404, 415, 422, 429, 503) },
      },
    },
    async ({ body: { listId, lookups } }, reply) => {
      const run = await runs.begin(listId, lookups);
      return reply.code(201).header("location", `${path}/${run.id}`).send(showRun(run));
    },
  );
  const one = (summary: string, ...more: number[]) => ({
    tags,
    summary,
    params: idParams,
    response: { 200: lookupRunSchema, ...problemResponses(400, 401, 403, 404, 429, 503, ...more) },
  });
  app.get(`${path}/:id`, { schema: one("How far a run is, and what came of it") }, async ({ params: { id } }) => await show(id));
  app.post(`${path}/:id/cancel`, { schema: one("Ask nothing more for a run; what is known by now stays", 409) }, async ({ params: { id } }) => {
    const canceled = await runs.cancel(id);
    const run = await show(id);
    if (!canceled && run.state !== "canceled") throw new Fault("lookup-run-state", `Run ${id} is ${run.state}; only one that runs can be canceled.`);
    return run;
  });
}
