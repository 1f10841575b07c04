import { Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses } from "../schema/common.ts";

const tags = ["operation"];

const readySchema = Type.Object({
  ready: Type.Boolean({ description: "Whether every part is." }),
  components: Type.Array(
    Type.Object({
      name: Type.String(),
      ready: Type.Boolean(),
      note: Type.Optional(Type.String({ description: "What is wrong and what to do; told only to those with a key." })),
    }),
  ),
});

export function addOperation(app: App, { health, metrics }: ApiParts): void {
  app.get(
    "/healthz",
    {
      config: { open: true, urgent: true, rateLimit: false },
      schema: { tags, summary: "Whether the process lives", security: [], response: { 200: Type.Object({ alive: Type.Boolean() }) } },
    },
    async () => ({ alive: true }),
  );

  app.get(
    "/readyz",
    {
      config: { open: true, urgent: true },
      schema: {
        tags,
        summary: "Whether calls can be placed, part by part",
        security: [],
        response: { 200: readySchema, 503: readySchema, ...problemResponses(401, 429) },
      },
    },
    async (request, reply) => {
      const components = (await health.components()).map(({ name, ready, note }) => ({
        name,
        ready,
        ...(note === undefined || request.apiKey === undefined ? {} : { note }),
      }));
      const ready = components.every((component) => component.ready);
      return reply.code(ready ? 200 : 503).send({ ready, components });
    },
  );

  app.get(
    "/metrics",
    { config: { urgent: true }, schema: { tags, summary: "Metrics for Prometheus", produces: ["text/plain"] } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
