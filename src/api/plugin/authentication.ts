import rateLimit from "@fastify/rate-limit";
import { authenticate } from "../../access/access-engine.ts";
import type { ApiKey } from "../../access/key.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route answers without a key. Every other route, also one that does not exist, wants one. */
    open?: boolean;
  }
  interface FastifyRequest {
    /** The key the request came with; on an open route there may be none. */
    apiKey: ApiKey | undefined;
  }
}

/** Wrong keys from one address per minute, at most; a person who mistypes has enough with these. */
const maxFailuresPerMinute = 30;

/**
 * Wants `Authorization: Bearer KEY` (RFC 6750 §2.1) on every route that is not `open`, and keeps each key within its
 * requests per minute. Must be added before any route.
 */
export async function addAuthentication(app: App, parts: ApiParts): Promise<void> {
  const limited = () => new Fault("rate-limited", "Wait a minute, or spread the requests.");
  await app.register(rateLimit, {
    hook: "preParsing",
    max: parts.maxRequestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.apiKey?.id ?? request.ip,
    errorResponseBuilder: limited,
  });
  const countFailure = app.createRateLimit({ max: maxFailuresPerMinute, timeWindow: 60_000, keyGenerator: (request) => `failed ${request.ip}` });

  app.decorateRequest("apiKey", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) request.apiKey = await authenticate(parts.keys, authorization);
    if (request.apiKey?.agentId !== undefined)
      throw new Fault("forbidden", "That is an agent's key: it logs an agent in at /api/v1/agent, and does nothing else.");
    if (request.apiKey !== undefined || (request.routeOptions.config.open === true && authorization === undefined)) return;
    const failures = await countFailure(request);
    if ("isExceeded" in failures && failures.isExceeded) {
      reply.header("retry-after", "60");
      throw limited();
    }
    const said = authorization === undefined ? "Send the header Authorization: Bearer KEY." : "That key is not known, or has been revoked.";
    throw new Fault("unauthorized", `${said} \`carillon key create NAME\` makes one.`);
  });
}
