import type { FastifyRequest } from "fastify";
import type { RouteRule, Scope, ScopeKind } from "../../access/route-rule.ts";
import { ruleOf } from "../../access/route-table.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Its route: `routeOptions`, which makes itself anew each time it is looked at, looked at once. */
    route: FastifyRequest["routeOptions"];
    /** The line of its route in the table; undefined for what is no route. */
    rule: RouteRule | undefined;
  }
}

/** How a thing that is not there is told; what is another group's is told in the same words, so that nobody learns that it is there. */
const unknown: Readonly<Record<ScopeKind, readonly [code: string, word: string]>> = {
  campaign: ["campaign-unknown", "campaign"],
  "strategy-campaign": ["campaign-unknown", "campaign"],
  list: ["list-unknown", "list"],
  contact: ["contact-unknown", "contact"],
  attempt: ["attempt-unknown", "attempt"],
  callback: ["callback-unknown", "callback"],
  agent: ["agent-unknown", "agent"],
  group: ["group-unknown", "group"],
};

/** Finds the line of each request in the table of routes. Must be added before what asks who somebody is. Refuses the start when a route has none. */
export function addRouteRules(app: App): void {
  const without: string[] = [];
  app.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      const rule = ruleOf(method, route.url);
      if (rule === undefined) without.push(`${method} ${route.url}`);
      else if (rule.roles !== "open") route.schema = { ...route.schema, ...{ "x-roles": [...rule.roles] } };
    }
  });
  app.addHook("onReady", async () => {
    if (without.length > 0)
      throw new Fault("route-without-rule", `Nobody may use ${without.join(", ")}: give each its line in src/access/route-table.ts.`);
  });
  app.decorateRequest("route");
  app.decorateRequest("rule", undefined);
  app.addHook("onRequest", (request, _reply, done) => {
    request.route = request.routeOptions;
    const { url } = request.route;
    request.rule = url === undefined ? undefined : ruleOf(request.method, url);
    done();
  });
}

/** Holds each request against the table of routes: the caller's role, and whose what it names is. Must be added after what asks who somebody is. */
export function addAuthorization(app: App, { groups }: Pick<ApiParts, "groups">): void {
  app.addHook("onRequest", ({ caller, rule, route: { url } }, _reply, done) => {
    // Of what is no route nothing is told but that.
    if (caller === undefined || rule === undefined || rule.roles === "open") {
      if (url !== undefined && rule === undefined) throw new Fault("forbidden", "Nobody may use that.");
      return done();
    }
    if (!rule.roles.has(caller.role)) throw new Fault("forbidden", `That is not for the role ${caller.role}.`);
    if (caller.groupIds !== undefined && rule.scopes === undefined)
      throw new Fault("forbidden", "That is only for those who see everything, and you see what belongs to your groups.");
    done();
  });

  const holdAgainst = async (request: FastifyRequest, part: Scope["part"]) => {
    for (const { groupIds, scope } of scopesOf(request)) {
      if (scope.part !== part) continue;
      const id = idIn(request, scope);
      if (id === undefined) throw missing(scope);
      if (!(await groups.visible(groupIds, scope.kind, [id])).has(id)) throw foreign(scope.kind, id);
    }
  };
  // Whose thing it is comes before what is wanted of it.
  app.addHook("preValidation", (request, _reply, done) => (isScoped(request) ? holdAgainst(request, "params") : done()));
  app.addHook("preHandler", (request, _reply, done) => (isScoped(request) ? holdAgainst(request, "body") : done()));

  app.addHook("preSerialization", (request, _reply, payload: unknown, done) => (isScoped(request) ? onlyOwn(request, payload) : done(null, payload)));
  const onlyOwn = async (request: FastifyRequest, payload: unknown) => {
    let shown = payload;
    for (const { groupIds, scope } of scopesOf(request)) {
      if (scope.part !== "items" || typeof shown !== "object" || shown === null || !("items" in shown) || !Array.isArray(shown.items)) continue;
      const items: readonly unknown[] = shown.items;
      const ids = items.flatMap((item) => propertyOf(item, scope.name) ?? []);
      const own = ids.length === 0 ? new Set<string>() : await groups.visible(groupIds, scope.kind, [...new Set(ids)]);
      shown = { ...shown, items: items.filter((item) => own.has(propertyOf(item, scope.name) ?? "")) };
    }
    return shown;
  };
}

/** Most see everything: for those nothing is waited for. */
function isScoped({ caller }: FastifyRequest): boolean {
  return caller?.groupIds !== undefined;
}

/** What is to be held against the groups of a caller who is limited to some. */
function scopesOf({ caller, rule }: FastifyRequest): readonly { readonly groupIds: readonly string[]; readonly scope: Scope }[] {
  const groupIds = caller?.groupIds;
  return groupIds === undefined ? [] : (rule?.scopes ?? []).map((scope) => ({ groupIds, scope }));
}

function idIn(request: FastifyRequest, { part, name }: Scope): string | undefined {
  return propertyOf(part === "params" ? request.params : request.body, name);
}

function propertyOf(thing: unknown, name: string): string | undefined {
  if (typeof thing !== "object" || thing === null || !Object.hasOwn(thing, name)) return undefined;
  const value: unknown = Object.entries(thing).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

function missing({ name }: Scope): Fault {
  const message = "is needed: you see what belongs to your groups";
  const pointer = `/${name}`;
  return placedFault("request-invalid", `${pointer} ${message}`, [{ pointer, message }]);
}

function foreign(kind: ScopeKind, id: string): Fault {
  const [code, word] = unknown[kind];
  return new Fault(code, `There is no ${word} ${id}.`);
}
