import type { FastifyReply, FastifyRequest } from "fastify";
import { type AuditEntry, auditable, digestOf, namesOnly } from "../../access/audit.ts";
import type { Change } from "../../access/ports.ts";
import type { RouteRule } from "../../access/route-rule.ts";
import type { ApiParts, App } from "../parts.ts";
import { askInside } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** How the thing was that the request changes. */
    before: unknown;
    /** What the request changes, and its line in the audit log; undefined for what changes nothing. */
    change: Change | undefined;
  }
}

/** An answer that is looked into for the log, in characters. */
const longestAnswer = 64 * 1024;

/**
 * Writes every change that was made into the audit log, in one transaction with it and before it is answered: who, what, before, after, from where. What is recorded
 * of each route stands in the table of routes. What was refused is undone, and so is everything when the line cannot be written. Must be added after what asks who
 * somebody is and before any route.
 */
export function addAudit(app: App, { changes }: Pick<ApiParts, "changes">): void {
  app.decorateRequest("before", undefined);
  app.decorateRequest("change", undefined);
  app.addHook("preHandler", (request, _reply, done) =>
    request.rule === undefined || request.rule.recorded === "nothing" ? done() : begin(request, request.rule),
  );
  const begin = async (request: FastifyRequest, rule: RouteRule) => {
    const { caller } = request;
    const url = rule.recorded === "whole" && caller !== undefined ? changedThing(app, request) : undefined;
    if (url !== undefined && caller !== undefined) request.before = await askInside(app, caller, url).catch(() => undefined);
    request.change = changes.begin((now) => lineOf(request, now), app.thingOf(request));
  };

  app.addHook("onSend", (request, reply, payload, done) => (request.change === undefined ? done() : end(request.change, reply, payload)));
  const end = async (change: Change, reply: FastifyReply, payload: unknown) => {
    // An answer that is given again changed nothing.
    if (reply.statusCode >= 400 || reply.hasHeader("idempotency-replayed")) await change.undo();
    else await change.keep(answerOf(payload, String(reply.getHeader("content-type"))));
    return payload;
  };
  // Of an answer that never was.
  app.addHook("onResponse", ({ change }, _reply, done) => (change === undefined ? done() : change.undo()));
}

/** What is done for a request from here on belongs to its change. Must be added after every other hook that goes before a route. */
export function addChanges(app: App): void {
  app.addHook("preHandler", ({ change }, _reply, done) => {
    if (change) change.run(done);
    else done();
  });
}

function lineOf(request: FastifyRequest, now: unknown): AuditEntry {
  const { caller, rule, before, body } = request;
  const show = rule?.recorded === "whole" ? auditable : namesOnly;
  const after = { asked: show(typeof body === "string" || body instanceof Uint8Array ? digestOf(body) : askedOf(body)), now: show(now) };
  return {
    actorKind: caller?.kind ?? "nobody",
    ...(caller && { actorId: caller.id }),
    actor: caller?.name ?? "nobody",
    action: `${request.method} ${request.route.url ?? ""}`,
    target: request.url.split("?")[0] ?? "",
    before: auditable(before),
    ...((after.asked !== undefined || after.now !== undefined) && { after }),
    origin: request.ip,
  };
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
function changedThing(app: App, { method, url, route }: FastifyRequest): string | undefined {
  const pattern = (route.url ?? "").split("/");
  const path = (url.split("?")[0] ?? "").split("/");
  // A POST to what there are many of makes one more; what it was is nothing.
  let own = method !== "POST";
  for (; pattern.length > 4; pattern.pop(), path.pop(), own = false) {
    const isOne = own || pattern.at(-1)?.startsWith(":");
    if (isOne && app.hasRoute({ method: "GET", url: pattern.join("/") })) return path.join("/");
  }
  return own && app.hasRoute({ method: "GET", url: pattern.join("/") }) ? path.join("/") : undefined;
}
