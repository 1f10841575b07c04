import underPressure from "@fastify/under-pressure";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { innerCaller } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route answers however busy the process is: an order to stop calling must always get through. */
    urgent?: boolean;
  }
  interface FastifyInstance {
    /** For a route that answers however busy the process is, and is asked for what can wait as well. @throws Fault `overloaded` */
    refuseWhenBusy(): void;
  }
}

/** Loading and the first compiling of everything hold up the event loop of a process that has just begun, and no call suffers yet: so long nothing is refused. */
const startMs = 10_000;

/**
 * What browsers are told with every answer (OWASP HTTP Headers Cheat Sheet). Nothing we serve but the documentation page is for one; that page brings its own policy, and the page
 * for unsubscribing sends its form to itself. `object-src` follows from `default-src`; it stands here for whoever looks for it.
 */
export const securityHeaders = {
  "content-security-policy": "default-src 'none';object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  // The filter that it would switch on can be turned against the page.
  "x-xss-protection": "0",
} as const;

/** HTTPS for a year from each answer on, for what is below this host's name as well; said over TLS and not otherwise (RFC 6797 §7.2). */
const overTls = { ...securityHeaders, "strict-transport-security": "max-age=31536000; includeSubDomains" };

/** Has nobody on the way keep an answer, unless its route says otherwise: most show people, or what is done with them. Must be added after what keeps answers. */
export function addNoStore(app: App): void {
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    done();
  });
}

/** Security headers, and a refusal of what can wait while the process is too busy. */
export async function addProtection(app: App, { maxEventLoopDelayMs = 500, clock }: ApiParts): Promise<void> {
  const startedAt = clock.now();
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(request.secure ? overTls : securityHeaders);
    done();
  });
  const starts = () => clock.now() - startedAt < startMs;
  const overloaded = () => new Fault("overloaded", "Carillon is busy with calls; try again in a few seconds.", { retryable: true });
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    exposeStatusRoute: false,
    pressureHandler: (request) => {
      if (request.routeOptions.config.urgent === true || innerCaller() !== undefined || starts()) return undefined;
      return Promise.reject(overloaded());
    },
  });
  app.decorate("refuseWhenBusy", () => {
    if (app.isUnderPressure() && !starts()) throw overloaded();
  });
}
