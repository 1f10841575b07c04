import type { FastifyReply, FastifyRequest } from "fastify";
import { callerKey } from "../../access/role.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { type Counted, Rate } from "../rate.ts";
import { innerCaller } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** How often one caller may ask for the route in a minute, counted by itself; Infinity: always. Without it a request counts with all others of the caller. */
    perMinute?: number;
  }
  interface FastifyInstance {
    /** Counts a request with all others of the caller, for a route that is not always counted. @throws Fault `rate-limited` */
    countRequest(request: FastifyRequest, reply: FastifyReply): void;
  }
}

/**
 * Keeps each caller, or each address where nobody said who they are, within their requests per minute. What the server asks itself was counted as what it is part of. Must be
 * added after what asks who somebody is and before any route.
 */
export function addRateLimit(app: App, { maxRequestsPerMinute, clock }: Pick<ApiParts, "maxRequestsPerMinute" | "clock">): void {
  const all = new Rate(maxRequestsPerMinute);
  const count = (rate: Rate, { caller, ip }: FastifyRequest, reply: FastifyReply) => {
    if (innerCaller() !== undefined) return;
    const now = clock.now();
    const counted = rate.count(caller === undefined ? ip : callerKey(caller), now);
    tell(reply, rate.most, counted, now);
  };

  app.decorate("countRequest", (request, reply) => count(all, request, reply));
  app.addHook("onRoute", (route) => {
    const { perMinute } = route.config ?? {};
    if (perMinute === Number.POSITIVE_INFINITY) return;
    const rate = perMinute === undefined ? all : new Rate(perMinute);
    // After all of onRequest: what is refused there costs nobody anything, and wrong keys are counted there.
    const own = route.preParsing === undefined ? [] : [route.preParsing].flat();
    route.preParsing = [
      ...own,
      (request, reply, payload, done) => {
        count(rate, request, reply);
        done(null, payload);
      },
    ];
  });
}

/** Says in the answer how often the caller may ask yet. @throws Fault `rate-limited` when it was once too often */
function tell(reply: FastifyReply, most: number, { times, endsAt }: Readonly<Counted>, now: number): void {
  const resetS = String(Math.ceil((endsAt - now) / 1000));
  reply.header("x-ratelimit-limit", String(most));
  reply.header("x-ratelimit-remaining", String(Math.max(0, most - times)));
  reply.header("x-ratelimit-reset", resetS);
  if (times <= most) return;
  reply.header("retry-after", resetS);
  throw new Fault("rate-limited", "Wait a minute, or spread the requests. Orders to pause and stop are not counted.");
}
