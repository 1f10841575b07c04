import type { FastifyRequest } from "fastify";
import { auditable, digestOf, namesOnly } from "../../access/audit.ts";
import type { ApiParts, App } from "../parts.ts";
import { askInside } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** How the thing was that the request changes. */
    before: unknown;
  }
}

/** An answer that is looked into for the log, in characters. */
const longestAnswer = 64 * 1024;

/**
 * Writes every change that was made into the audit log, before it is answered: who, what, before, after, from where. What is recorded of each
 * route stands in the table of routes. Must be added after what asks who somebody is and before any route.
 */
export function addAudit(app: App, { audit, log }: Pick<ApiParts, "audit" | "log">): void {
  app.decorateRequest("before", undefined);
  app.addHook("preHandler", async (request) => {
    if (request.rule?.recorded !== "whole" || request.caller === undefined) return;
    const url = changedThing(app, request);
    if (url !== undefined) request.before = await askInside(app, request.caller, url).catch(() => undefined);
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const { caller, rule, before } = request;
    const facts = { method: request.method, route: request.routeOptions.url, address: request.ip };
    if (reply.statusCode === 403) log.warn({ ...facts, caller: caller?.name, role: caller?.role }, "a request was refused");
    if (rule === undefined || rule.recorded === "nothing" || reply.statusCode >= 400 || reply.hasHeader("idempotency-replayed")) return payload;
    const answer = answerOf(payload, String(reply.getHeader("content-type")));
    const asked = typeof request.body === "string" ? digestOf(request.body) : askedOf(request.body);
    const show = rule.recorded === "whole" ? auditable : namesOnly;
    const after = { asked: show(asked), now: show(answer) };
    const entry = {
      actorKind: caller?.kind ?? "nobody",
      ...(caller && { actorId: caller.id }),
      actor: caller?.name ?? "nobody",
      action: `${request.method} ${request.routeOptions.url ?? ""}`,
      target: request.url.split("?")[0] ?? "",
      before: auditable(before),
      ...((after.asked !== undefined || after.now !== undefined) && { after }),
      origin: request.ip,
    } as const;
    // The change is made: whoever asked for it learns so, and the line is in the log of the process.
    await audit.add(entry).catch((error: unknown) => log.error({ err: error, entry }, "a change could not be written into the audit log"));
    return payload;
  });
}

/** A body that is JSON; of a file that streamed by nothing is known here. */
function askedOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "pipe" in body ? undefined : body;
}

function answerOf(payload: unknown, type: string): unknown {
  if (typeof payload !== "string" || payload.length > longestAnswer || !type.includes("json")) return undefined;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** Where the thing that a request changes can be looked at: the path itself, or the nearest above it that is one thing. */
function changedThing(app: App, { method, url, routeOptions }: FastifyRequest): string | undefined {
  const pattern = (routeOptions.url ?? "").split("/");
  const path = (url.split("?")[0] ?? "").split("/");
  // A POST to what there are many of makes one more; what it was is nothing.
  let own = method !== "POST";
  for (; pattern.length > 4; pattern.pop(), path.pop(), own = false) {
    const isOne = own || pattern.at(-1)?.startsWith(":");
    if (isOne && app.hasRoute({ method: "GET", url: pattern.join("/") })) return path.join("/");
  }
  return own && app.hasRoute({ method: "GET", url: pattern.join("/") }) ? path.join("/") : undefined;
}
