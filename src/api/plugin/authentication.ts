import { isDeepStrictEqual } from "node:util";
import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import { authenticate } from "../../access/access-engine.ts";
import { callerOf } from "../../access/key.ts";
import { isCsrfToken } from "../../access/login.ts";
import { type Caller, callerKey } from "../../access/role.ts";
import { userCaller } from "../../access/user.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { sessionOf } from "../session-cookie.ts";
import { innerCaller } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; on an open route it may be nobody. */
    caller: Caller | undefined;
    /** The session of a person who asks with a cookie. */
    session: { readonly id: string; readonly token: string } | undefined;
  }
  interface FastifyInstance {
    /** Counts a wrong key from the address of the request. @throws Fault `rate-limited` when it was one too many */
    countWrongKey(request: FastifyRequest): Promise<void>;
  }
}

/** What changes nothing (RFC 9110 §9.2.1). */
const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/** What somebody may ask for before they have the second factor that is demanded of everybody. */
const ownAccount = /^\/api\/v1\/(me|session|sessions)(\/|$)/;

/** Wrong keys from one address per minute, at most; a person who mistypes has enough with these. */
const maxFailuresPerMinute = 30;

/**
 * Wants to know who asks, by `Authorization: Bearer KEY` (RFC 6750 §2.1) or the cookie of a session, on every route that is not open, and keeps each within their
 * requests per minute. Must be added before any route, and after the table of routes.
 */
export async function addAuthentication(app: App, parts: ApiParts): Promise<void> {
  const limited = (retryAfterS?: number) => new Fault("rate-limited", "Wait a minute, or spread the requests.", { detail: { retryAfterS } });
  await app.register(rateLimit, {
    hook: "preParsing",
    max: parts.maxRequestsPerMinute,
    timeWindow: 60_000,
    allowList: () => innerCaller() !== undefined,
    keyGenerator: ({ caller, ip }) => (caller ? callerKey(caller) : ip),
    errorResponseBuilder: () => limited(),
  });
  const countFailure = app.createRateLimit({ max: maxFailuresPerMinute, timeWindow: 60_000, keyGenerator: (request) => `failed ${request.ip}` });

  app.decorate("countWrongKey", async (request) => {
    const failures = await countFailure(request);
    if ("isExceeded" in failures && failures.isExceeded) throw limited(60);
  });

  app.decorateRequest("caller", undefined);
  app.decorateRequest("session", undefined);
  app.addHook("onRequest", async (request) => {
    request.caller = innerCaller();
    if (request.caller !== undefined) return;
    const { authorization, cookie } = request.headers;
    const open = request.rule?.roles === "open";
    const token = authorization === undefined && !open ? sessionOf(cookie) : undefined;
    if (token !== undefined) {
      const found = await parts.logins.find(token);
      if (found) {
        request.caller = userCaller(found.user);
        request.session = { id: found.session.id, token };
        checkOrigin(request, token);
        if (parts.logins.lacksFactor(found.user) && !ownAccount.test(request.route?.url ?? ""))
          throw new Fault("second-factor-missing", "Everybody needs a second factor here: POST /api/v1/me/second-factor begins yours.");
        return;
      }
    }
    const key = authorization === undefined ? undefined : await authenticate(parts.keys, authorization);
    if (key?.agentId !== undefined)
      throw new Fault("forbidden", "That is an agent's key: it logs an agent in at /api/v1/agent, and does nothing else.");
    request.caller = key && callerOf(key);
    if (request.caller !== undefined || (open && authorization === undefined)) return;
    await app.countWrongKey(request);
    const said = authorization === undefined ? "Send the header Authorization: Bearer KEY." : "That key is not known, is over, or has been revoked.";
    throw new Fault("unauthorized", `${said} \`carillon key create NAME\` makes one.`);
  });
}

/** Whether who has asked may go on, in an answer that takes long: with the same key or session, role and groups. What it costs is a look-up, of a key one a second. */
export async function isStillCaller(parts: Pick<ApiParts, "keys" | "logins">, { caller, session, headers }: FastifyRequest): Promise<boolean> {
  const key = session === undefined ? await authenticate(parts.keys, headers.authorization) : undefined;
  const user = session && (await parts.logins.find(session.token))?.user;
  const now = user ? userCaller(user) : key && callerOf(key);
  return isDeepStrictEqual(now, caller);
}

/**
 * A browser sends the cookie with whatever any page makes it send: a change is taken only from ours, which knows the token of the session.
 * @throws Fault `csrf`
 */
function checkOrigin({ method, headers }: FastifyRequest, session: string): void {
  if (safe.has(method)) return;
  const token = headers["x-csrf-token"];
  const site = headers["sec-fetch-site"];
  if (typeof token === "string" && isCsrfToken(session, token) && (site === undefined || site === "same-origin" || site === "none")) return;
  throw new Fault("csrf", "Send the header X-CSRF-Token with what GET /api/v1/me says as csrfToken, from a page of this server.");
}
