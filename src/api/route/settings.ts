import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type TSchema, Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import { poolBodies, poolSchema, removalQuery, routeBodies, routeSchema, showPool, showRoute } from "../schema/setting.ts";
import { trunkParams } from "../schema/trunk.ts";
import type { SettingControl } from "../setting-ports.ts";

/** The body is judged by the check of the configuration, in its words; the rest as everywhere. */
const validatorCompiler: typeof TypeBoxValidatorCompiler = (part) =>
  part.httpPart === "body" ? (value) => ({ value }) : TypeBoxValidatorCompiler(part);

/** What is different about routes and pools here. */
interface Noun<View> {
  readonly control: SettingControl<View>;
  readonly path: string;
  readonly tag: string;
  readonly many: string;
  readonly one: string;
  readonly section: string;
  readonly change: string;
  readonly schema: TSchema;
  readonly bodies: { readonly made: TSchema; readonly patch: TSchema };
  readonly show: (view: View) => unknown;
}

/** Routes, and pools of caller ids. */
export function addSettings(app: App, { routes, pools }: ApiParts): void {
  addNoun(app, {
    control: routes,
    path: "/api/v1/routes",
    tag: "trunks",
    many: "All routes",
    one: "a route",
    section: "`routes:`",
    change: "The next call goes by it; calls that are up, and their transfers, go on over the trunks they are on.",
    schema: routeSchema,
    bodies: routeBodies,
    show: showRoute,
  });
  addNoun(app, {
    control: pools,
    path: "/api/v1/caller-id-pools",
    tag: "numbers",
    many: "All pools of caller ids",
    one: "a pool of caller ids",
    section: "`callerIds:`",
    change: "The next call goes by it. What is known of numbers, their caps and rests, stays with them, also when they leave the pool and come back.",
    schema: poolSchema,
    bodies: poolBodies,
    show: showPool,
  });
}

function addNoun<View extends { readonly name: string }>(app: App, noun: Noun<View>): void {
  const { control, path, tag, many, one, section, change, schema, bodies, show } = noun;
  const tags = [tag];
  app.get(
    path,
    {
      schema: {
        tags,
        summary: `${many}, as they stand on this node`,
        response: { 200: Type.Object({ items: Type.Array(schema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: control.all().map(show) }),
  );
  app.get(
    `${path}/:name`,
    { schema: { tags, summary: `Look at ${one}`, params: trunkParams, response: { 200: schema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async ({ params: { name } }) => show(await control.find(name)),
  );
  app.post(
    path,
    {
      validatorCompiler,
      schema: {
        tags,
        summary: `Add ${one}`,
        description: `Settings are those of ${section} in the configuration, and held to the same. Campaigns may name it at once on the node that is asked and within two seconds on the others; it outlives restarts.`,
        body: bodies.made,
        response: { 201: schema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const added = await control.add(request.body);
      return reply.code(201).header("location", `${path}/${added.name}`).send(show(added));
    },
  );
  app.patch(
    `${path}/:name`,
    {
      validatorCompiler,
      schema: {
        tags,
        summary: `Change ${one}`,
        description: `A JSON Merge Patch (RFC 7396). ${change} Those of the configuration are changed there (409).`,
        params: trunkParams,
        body: bodies.patch,
        response: { 200: schema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async ({ params: { name }, body }) => show(await control.change(name, body)),
  );
  app.delete(
    `${path}/:name`,
    {
      schema: {
        tags,
        summary: `Remove ${one}`,
        description: "While campaigns that are not over use it, that is refused with their names in `errors`, unless `force` is true.",
        params: trunkParams,
        querystring: removalQuery,
        response: { 204: Type.Null({ description: "It is gone." }), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async ({ params: { name }, query }, reply) => {
      await control.remove(name, query.force ?? false);
      return reply.code(204).send(null);
    },
  );
}
