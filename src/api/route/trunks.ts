import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { problemResponses } from "../schema/common.ts";
import {
  newTrunkSchema,
  reloadSchema,
  removalQuery,
  resealSchema,
  showTrunk,
  showTrunkDetail,
  trunkDetailSchema,
  trunkParams,
  trunkPatchSchema,
  trunkSchema,
} from "../schema/trunk.ts";

const tags = ["trunks"];

/** The body is judged by the check of the configuration, in its words; the rest as everywhere. */
const validatorCompiler: typeof TypeBoxValidatorCompiler = (part) =>
  part.httpPart === "body" ? (value) => ({ value }) : TypeBoxValidatorCompiler(part);

export function addTrunks(app: App, { trunkControl }: ApiParts): void {
  app.get(
    "/api/v1/trunks",
    {
      schema: {
        tags,
        summary: "All trunks, as they stand on this node",
        response: { 200: Type.Object({ items: Type.Array(trunkSchema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: trunkControl.all().map(showTrunk) }),
  );

  app.get(
    "/api/v1/trunks/:name",
    {
      schema: {
        tags,
        summary: "One trunk, with its settings",
        params: trunkParams,
        response: { 200: trunkDetailSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => showTrunkDetail(await trunkControl.find(request.params.name)),
  );

  app.post(
    "/api/v1/trunks",
    {
      validatorCompiler,
      schema: {
        tags,
        summary: "Add a trunk",
        description:
          "Settings are those of `trunks:` in the configuration, and held to the same. It can be dialled over at once on the node that is asked and within two seconds on the others, and outlives restarts. A password is sealed with `secret.key` and never shown.",
        body: newTrunkSchema,
        response: { 201: trunkDetailSchema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const added = await trunkControl.add(request.body);
      return reply.code(201).header("location", `/api/v1/trunks/${added.name}`).send(showTrunkDetail(added));
    },
  );

  app.patch(
    "/api/v1/trunks/:name",
    {
      validatorCompiler,
      schema: {
        tags,
        summary: "Change settings of a trunk",
        description:
          "A JSON Merge Patch (RFC 7396). Limits hold at once, calls that are up go on, and registration and OPTIONS follow. Trunks of the configuration are changed there (409).",
        params: trunkParams,
        body: trunkPatchSchema,
        response: { 200: trunkDetailSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request) => showTrunkDetail(await trunkControl.change(request.params.name, request.body)),
  );

  app.delete(
    "/api/v1/trunks/:name",
    {
      schema: {
        tags,
        summary: "Remove a trunk",
        description:
          "Calls that are up on it go on to their end; its registration is taken back. While routes or campaigns that are not over use it, that is refused with their names in `errors`, unless `force` is true.",
        params: trunkParams,
        querystring: removalQuery,
        response: { 204: Type.Null({ description: "It is gone." }), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await trunkControl.remove(request.params.name, request.query.force ?? false);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/trunks/reseal",
    {
      schema: {
        tags,
        summary: "Seal passwords with the present key",
        description: "After a change of `secret.key`: passwords that one of `secret.previousKeys` opens are sealed anew.",
        response: { 200: resealSchema, ...problemResponses(401, 422, 429, 503) },
      },
    },
    async () => {
      const { resealed, unreadable } = await trunkControl.reseal();
      return { resealed: [...resealed], unreadable: [...unreadable] };
    },
  );

  app.post(
    "/api/v1/trunks/reload",
    {
      schema: {
        tags,
        summary: "Read the configuration anew",
        description:
          "This node takes over `trunks`, `routes`, `callerIds`, `destinations`, `identity` and `secret` as SIGHUP does: calls that are up go on, and what is known of trunks that are as they were stays. A configuration with faults changes nothing; `errors` has them all.",
        response: { 200: reloadSchema, ...problemResponses(401, 422, 429, 503) },
      },
    },
    async () => {
      try {
        const { changed, needsRestart } = await trunkControl.reload();
        return { changed: [...changed], needsRestart: [...needsRestart] };
      } catch (error) {
        throw error instanceof Fault && error.code === "config-invalid" ? placed(error) : error;
      }
    },
  );
}

/** Each fault of a configuration begins with its place: `carillon.yaml:3:5 trunks.0.host: …`. */
function placed(fault: Fault): Fault {
  const faults: unknown = fault.detail["faults"];
  const lines = Array.isArray(faults) ? faults.map(String) : [];
  const places = lines.map((message) => ({ pointer: /(?:^|\s)([A-Za-z]\w*(?:\.\w+)*):\s/.exec(message)?.[1] ?? "", message }));
  return placedFault("config-invalid", fault.message, places, { cause: fault });
}
