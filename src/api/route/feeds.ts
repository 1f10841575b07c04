import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import { feedParams, feedRunSchema, feedRunsQuery, feedSchema, showFeed, showFeedRun } from "../schema/feed.ts";

const tags = ["lists"];
const runsShown = 50;

/** Files that come in by themselves, and results that go out. What they are is in the configuration. */
export function addFeeds(app: App, { feeds: { options, store } }: ApiParts): void {
  app.get(
    "/api/v1/feeds",
    {
      schema: {
        tags,
        summary: "Folders from which lists come in by themselves",
        response: { 200: Type.Object({ items: Type.Array(feedSchema) }), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async () => ({
      items: (await store.list()).map((view) =>
        showFeed(
          view,
          options.find(({ name }) => name === view.name),
        ),
      ),
    }),
  );

  app.get(
    "/api/v1/feeds/:name",
    {
      schema: {
        tags,
        summary: "One feed, how it stands and what trouble it has",
        params: feedParams,
        response: { 200: feedSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => {
      const found = (await store.list()).find((view) => view.name === name);
      if (found === undefined) throw feedUnknown(name);
      return showFeed(
        found,
        options.find((each) => each.name === name),
      );
    },
  );

  app.get(
    "/api/v1/feeds/:name/runs",
    {
      schema: {
        tags,
        summary: "What a feed took, or put there; the newest first",
        params: feedParams,
        querystring: feedRunsQuery,
        response: { 200: Type.Object({ items: Type.Array(feedRunSchema) }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query: { limit = runsShown } }) => {
      if (!(await store.list()).some((view) => view.name === name)) throw feedUnknown(name);
      return { items: (await store.runs(name, limit)).map(showFeedRun) };
    },
  );

  app.post(
    "/api/v1/feeds/:name/look",
    {
      schema: {
        tags,
        summary: "Look at once",
        description: "Whichever node has the feed does so within a second or two; what came of it is among its runs.",
        params: feedParams,
        response: { 202: Type.Object({ name: Type.String() }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }, reply) => {
      if (!(await store.ask(name))) throw feedUnknown(name);
      return reply.code(202).send({ name });
    },
  );
}

function feedUnknown(name: string): Fault {
  return new Fault("feed-unknown", `No server has a feed ${name}; GET /api/v1/feeds has those there are.`);
}
