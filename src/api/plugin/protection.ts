import helmet from "@fastify/helmet";
import underPressure from "@fastify/under-pressure";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { innerCaller } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route answers however busy the process is: an order to stop calling must always get through. */
    urgent?: boolean;
  }
}

/** Loading and the first compiling of everything hold up the event loop of a process that has just begun, and no call suffers yet: so long nothing is refused. */
const startMs = 10_000;

/** Security headers, and a refusal of what can wait while the process is too busy. */
export async function addProtection(app: App, { maxEventLoopDelayMs = 500, clock }: ApiParts): Promise<void> {
  const startedAt = clock.now();
  await app.register(helmet, {
    // Nothing we serve but the documentation page is for a browser; that page brings its own policy.
    contentSecurityPolicy: { useDefaults: false, directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] } },
    // Carillon speaks plain HTTP to its own machine; HTTPS and this header belong to the proxy in front.
    strictTransportSecurity: false,
  });
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    exposeStatusRoute: false,
    pressureHandler: (request) => {
      if (request.routeOptions.config.urgent === true || innerCaller() !== undefined || clock.now() - startedAt < startMs) return undefined;
      return Promise.reject(new Fault("overloaded", "Carillon is busy with calls; try again in a few seconds.", { retryable: true }));
    },
  });
}
