import { Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";
import { serverParams, serverSchema, showServer } from "../schema/server.ts";

const tags = ["servers"];

const orders = {
  drain: "Place no new calls on a server, for maintenance; calls that are up go on",
  resume: "Place calls on it again",
} as const;

export function addServers(app: App, { servers }: ApiParts): void {
  app.get(
    "/api/v1/servers",
    {
      schema: {
        tags,
        summary: "The servers that carry the calls, as every node sees them",
        response: { 200: Type.Object({ items: Type.Array(serverSchema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: (await servers.servers()).map(showServer) }),
  );

  for (const order of ["drain", "resume"] as const) {
    app.post(
      `/api/v1/servers/:server/${order}`,
      {
        schema: {
          tags,
          summary: orders[order],
          description: "Every node follows within two seconds, and the order outlives a restart.",
          params: serverParams,
          response: { 200: serverSchema, ...problemResponses(400, 401, 404, 429, 503) },
        },
      },
      async (request) => showServer(await servers.drain(request.params.server, order === "drain")),
    );
  }
}
