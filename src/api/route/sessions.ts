import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { csrfToken } from "../../access/login.ts";
import type { NewSession } from "../../access/login-engine.ts";
import { roles } from "../../access/role.ts";
import { type Credentials, userCaller } from "../../access/user.ts";
import { acceptInvitation } from "../../access/user-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses, timeSchema, timeText } from "../schema/common.ts";
import { codeSchema, passwordSchema, sessionSchema, showSession, showUser, userNameSchema, userSchema } from "../schema/user.ts";
import { loggedOut, sessionCookie } from "../session-cookie.ts";

const tags = ["access"];
const strict = { additionalProperties: false };
/** What somebody who has logged in gives once more. */
const again = Type.Object({ password: passwordSchema, code: Type.Optional(codeSchema) }, strict);

/** The person who asks. @throws Fault `people-only` for a key */
export async function personOf({ users }: Pick<ApiParts, "users">, { caller }: FastifyRequest): Promise<Credentials> {
  const user = caller?.kind === "user" ? await users.find(caller.id) : undefined;
  if (!user) throw new Fault("people-only", "That is for people who have logged in, not for keys.");
  return user;
}

const begunSchema = Type.Object({ user: userSchema, csrfToken: Type.String({ description: "For the header X-CSRF-Token." }), expiresAt: timeSchema });

/** Gives the browser a new session, and says what belongs to it. */
export function answerSession(reply: FastifyReply, { user, token, csrfToken, expiresAt }: NewSession, now: number) {
  reply.header("set-cookie", sessionCookie(token, Math.floor((expiresAt - now) / 1000))).header("cache-control", "no-store");
  return { user: showUser(user), csrfToken, expiresAt: timeText(expiresAt) };
}

/** People log in and out. */
export function addSessions(app: App, parts: Pick<ApiParts, "users" | "sessions" | "logins" | "passwordRules" | "clock">): void {
  const { users, sessions, logins, passwordRules, clock } = parts;

  app.post(
    "/api/v1/session",
    {
      schema: {
        tags,
        summary: "Log in",
        description:
          "The session is a cookie, `__Host-carillon`, which browsers take over HTTPS only. It ends 30 minutes after the last request, and 12 hours after it began. Changes want the header X-CSRF-Token besides. Tries that fail make the next one wait, for the account and for the address.",
        security: [],
        body: Type.Object({ name: userNameSchema, password: passwordSchema, code: Type.Optional(codeSchema) }, strict),
        response: { 200: begunSchema, ...problemResponses(400, 401, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { ip: address, headers } = request;
      const begun = await logins.login({ ...request.body, address, browser: headers["user-agent"] ?? "" });
      // From here on it is known who asks, for what is written down.
      request.caller = userCaller(begun.user);
      return answerSession(reply, begun, clock.now());
    },
  );

  app.post(
    "/api/v1/invitations",
    {
      schema: {
        tags,
        summary: "Choose a password, with an invitation",
        security: [],
        body: Type.Object({ invitation: Type.String({ minLength: 1, maxLength: 100 }), password: passwordSchema }, strict),
        response: { 204: Type.Null(), ...problemResponses(400, 404, 415, 422, 429, 503) },
      },
    },
    async ({ body: { invitation, password } }, reply) => {
      await acceptInvitation(users, invitation, password, passwordRules);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/me",
    {
      schema: {
        tags,
        summary: "Who asks",
        response: {
          200: Type.Object({
            kind: Type.Enum(["user", "key"]),
            id: Type.String(),
            name: Type.String(),
            role: Type.Enum([...roles]),
            groupIds: Type.Optional(Type.Array(Type.String())),
            csrfToken: Type.Optional(Type.String({ description: "For the header X-CSRF-Token, with a session." })),
          }),
          ...problemResponses(401, 429, 503),
        },
      },
    },
    async ({ caller, session }, reply) => {
      if (!caller) throw new Fault("unauthorized", "Nobody asks.");
      const { kind, id, name, role, groupIds } = caller;
      reply.header("cache-control", "no-store");
      return {
        ...{ kind, id, name, role },
        ...(groupIds !== undefined && { groupIds: [...groupIds] }),
        ...(session && { csrfToken: csrfToken(session.token) }),
      };
    },
  );

  app.delete(
    "/api/v1/session",
    { schema: { tags, summary: "Log out", response: { 204: Type.Null(), ...problemResponses(401, 403, 429, 503) } } },
    async (request, reply) => {
      const { id } = await personOf(parts, request);
      if (request.session) await sessions.end(id, request.session.id);
      return reply.code(204).headers(loggedOut).send(null);
    },
  );

  app.get(
    "/api/v1/sessions",
    {
      schema: {
        tags,
        summary: "Where you are logged in",
        response: { 200: Type.Object({ items: Type.Array(sessionSchema) }), ...problemResponses(401, 403, 429, 503) },
      },
    },
    async (request) => {
      const { id } = await personOf(parts, request);
      return { items: (await sessions.list(id)).map((each) => showSession(each, each.id === request.session?.id)) };
    },
  );

  // Whoever found a session open must not keep its person out with it: others are ended with the password only (OWASP ASVS 7.5.2).
  app.post(
    "/api/v1/sessions/:id/end",
    {
      schema: {
        tags,
        summary: "Log out there",
        params: idParams,
        body: again,
        response: { 204: Type.Null(), ...problemResponses(400, 401, 403, 404, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      await logins.confirm(user, request.body, request.ip);
      if (!(await sessions.end(user.id, request.params.id))) throw new Fault("session-unknown", `You have no session ${request.params.id}.`);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/sessions/end",
    {
      schema: {
        tags,
        summary: "Log out everywhere, here too",
        body: again,
        response: { 200: Type.Object({ ended: Type.Integer() }), ...problemResponses(400, 401, 403, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      await logins.confirm(user, request.body, request.ip);
      reply.headers(loggedOut);
      return { ended: await sessions.endAll(user.id) };
    },
  );
}
