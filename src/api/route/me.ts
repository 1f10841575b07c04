import { Type } from "typebox";
import { checkChosenPassword } from "../../access/known-password-engine.ts";
import { beginSecondFactor, confirmSecondFactor } from "../../access/second-factor-engine.ts";
import { choosePassword } from "../../access/user-engine.ts";
import type { ApiParts, App } from "../parts.ts";
import { problemResponses, timeSchema } from "../schema/common.ts";
import { codeSchema, passwordSchema, userSchema } from "../schema/user.ts";
import { loggedOut } from "../session-cookie.ts";
import { answerSession, personOf } from "./sessions.ts";

const tags = ["access"];
const strict = { additionalProperties: false };
const again = { password: passwordSchema, code: Type.Optional(codeSchema) };

/** What people change of how they log in. Each wants the password once more, and a code of whoever has a second factor: a session may have been left open. */
export function addMe(app: App, parts: Pick<ApiParts, "users" | "logins" | "passwordRules" | "seals" | "clock">): void {
  const { users, logins, passwordRules, seals, clock } = parts;

  app.put(
    "/api/v1/me/password",
    {
      schema: {
        tags,
        summary: "Choose another password",
        description: "Ends all your sessions, and begins a new one here.",
        body: Type.Object({ ...again, newPassword: passwordSchema }, strict),
        response: {
          200: Type.Object({ user: userSchema, csrfToken: Type.String(), expiresAt: timeSchema }),
          ...problemResponses(400, 401, 403, 415, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      // A code is spent once it was given: not for a password that nobody may choose.
      await checkChosenPassword(request.body.newPassword, user.name, passwordRules);
      await logins.confirm(user, request.body, request.ip);
      const password = await choosePassword(users, user, request.body.newPassword, passwordRules);
      return answerSession(reply, await logins.begin({ ...user, password }, request.ip, request.headers["user-agent"] ?? ""), clock.now());
    },
  );

  app.post(
    "/api/v1/me/second-factor",
    {
      schema: {
        tags,
        summary: "Begin a second factor",
        description: "Gives the secret for an authenticator (RFC 6238). It is in force once a code of it was given.",
        body: Type.Object({ password: passwordSchema }, strict),
        response: {
          200: Type.Object({ secret: Type.String({ description: "Base32." }), uri: Type.String({ description: "What a QR code for it says." }) }),
          ...problemResponses(400, 401, 403, 409, 415, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      // Who has a second factor is refused by what follows; there is no code to ask for.
      await logins.confirm({ ...user, secondFactor: false }, request.body, request.ip);
      reply.header("cache-control", "no-store");
      return await beginSecondFactor(users, seals, user);
    },
  );

  app.post(
    "/api/v1/me/second-factor/confirm",
    {
      schema: {
        tags,
        summary: "Put the second factor in force",
        description: "The recovery codes are shown only here; each opens once, where the authenticator is lost.",
        body: Type.Object({ code: codeSchema }, strict),
        response: {
          200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }),
          ...problemResponses(400, 401, 403, 409, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      reply.header("cache-control", "no-store");
      return { recoveryCodes: [...(await confirmSecondFactor(users, seals, user, request.body.code, clock.now()))] };
    },
  );

  app.post(
    "/api/v1/me/second-factor/remove",
    {
      schema: {
        tags,
        summary: "Log in without a second factor again",
        description: "Ends all your sessions.",
        body: Type.Object(again, strict),
        response: { 204: Type.Null(), ...problemResponses(400, 401, 403, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const user = await personOf(parts, request);
      await logins.confirm(user, request.body, request.ip);
      await users.removeSeed(user.id);
      return reply.code(204).headers(loggedOut).send(null);
    },
  );
}
