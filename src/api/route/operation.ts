import { Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import type { ComponentState } from "../ports.ts";
import { problemResponses } from "../schema/common.ts";

const tags = ["operation"];

const readySchema = Type.Object({
  ready: Type.Boolean({ description: "Whether calls can be placed: every part is there, of several FreeSWITCH servers at least one." }),
  down: Type.Array(Type.String(), { description: "Names of the parts that are away." }),
  components: Type.Array(
    Type.Object({
      name: Type.String(),
      ready: Type.Boolean(),
      draining: Type.Optional(Type.Boolean({ description: "It takes no new calls, by order; such a one is not in `down`." })),
      note: Type.Optional(Type.String({ description: "What is wrong and what to do; told only to those with a key." })),
    }),
  ),
});

const metricsAnswer = {
  description: "The text format of Prometheus, 0.0.4.",
  content: { "text/plain": { schema: Type.String({ examples: ['carillon_campaigns{state="running"} 2\n'] }) } },
};

export function addOperation(app: App, { health, metrics }: ApiParts): void {
  app.get(
    "/healthz",
    {
      // It costs nothing, and whoever probes often must not hear that the process is dead.
      config: { urgent: true, rateLimit: false },
      schema: { tags, summary: "Whether the process lives", security: [], response: { 200: Type.Object({ alive: Type.Boolean() }) } },
    },
    async () => ({ alive: true }),
  );

  app.get(
    "/readyz",
    {
      config: { urgent: true },
      schema: {
        tags,
        summary: "Whether calls can be placed, part by part",
        security: [],
        response: { 200: readySchema, 503: readySchema, ...problemResponses(401, 429) },
      },
    },
    async (request, reply) => {
      const components = (await health.components()).map(({ name, ready, draining, note }) => ({
        name,
        ready,
        ...(draining && { draining }),
        ...(note === undefined || request.caller === undefined ? {} : { note }),
      }));
      const ready = canWork(components);
      const down = components.filter((component) => !component.ready && !component.draining).map(({ name }) => name);
      return reply.code(ready ? 200 : 503).send({ ready, down, components });
    },
  );

  app.get(
    "/metrics",
    {
      config: { urgent: true },
      schema: { tags, summary: "Metrics for Prometheus", response: { 200: metricsAnswer, ...problemResponses(401, 429) } },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

/** Whether of every kind of part at least one is there; the kind is the name up to its colon. */
function canWork(components: readonly ComponentState[]): boolean {
  const kindOf = ({ name }: ComponentState) => name.split(":")[0];
  const there = new Set(components.filter(({ ready }) => ready).map(kindOf));
  return components.every((component) => there.has(kindOf(component)));
}
