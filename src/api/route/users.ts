import { Type } from "typebox";
import { checkGroups } from "../../access/group-engine.ts";
import { mayChange } from "../../access/role.ts";
import { resealSeeds } from "../../access/second-factor-engine.ts";
import { addUser, changeUser, inviteUser } from "../../access/user-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import { invitationSchema, newUserSchema, showUser, userChangeSchema, userSchema } from "../schema/user.ts";

const tags = ["access"];
const invitedSchema = Type.Object({ invitation: invitationSchema });

/** Who may log in. */
export function addUsers(
  app: App,
  { users, sessions, groups, seals, clock }: Pick<ApiParts, "users" | "sessions" | "groups" | "seals" | "clock">,
): void {
  const find = async (id: string) => {
    const user = await users.find(id);
    if (!user) throw new Fault("user-unknown", `There is no user ${id}.`);
    return user;
  };
  const one = { 200: userSchema, ...problemResponses(400, 401, 403, 404, 429, 503) };

  app.get(
    "/api/v1/users",
    {
      schema: {
        tags,
        summary: "All users",
        querystring: pageQuery,
        response: { 200: pageOf(userSchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => users.list(rows));
      return { ...page, items: page.items.map(showUser) };
    },
  );

  app.post(
    "/api/v1/users",
    {
      schema: {
        tags,
        summary: "Add a user",
        description: "They choose a password with the invitation, which is shown only here. There is no default password.",
        body: newUserSchema,
        response: {
          201: Type.Object({ ...userSchema.properties, ...invitedSchema.properties }),
          ...problemResponses(400, 401, 403, 404, 409, 415, 422, 429, 503),
        },
      },
    },
    async ({ body: { name, role, groupIds }, caller }, reply) => {
      await checkGroups(groups, groupIds);
      const user = await addUser(users, name, { role, groupIds }, `${caller?.kind} ${caller?.name}`, caller);
      const invitation = await inviteUser(users, user.id, clock, caller);
      return reply
        .code(201)
        .header("location", `/api/v1/users/${user.id}`)
        .header("cache-control", "no-store")
        .send({ ...showUser(user), invitation });
    },
  );

  app.get("/api/v1/users/:id", { schema: { tags, summary: "One user", params: idParams, response: one } }, async ({ params }) =>
    showUser(await find(params.id)),
  );

  app.patch(
    "/api/v1/users/:id",
    {
      schema: {
        tags,
        summary: "Change what somebody may do, or whether they may log in",
        description: "Ends their sessions. One owner has to be left.",
        params: idParams,
        body: userChangeSchema,
        response: { ...one, ...problemResponses(409, 415, 422) },
      },
    },
    async ({ params: { id }, body, caller }) => {
      await checkGroups(groups, body.groupIds ?? undefined);
      return showUser(await changeUser(users, id, body, caller));
    },
  );

  app.post(
    "/api/v1/users/:id/invitation",
    {
      schema: {
        tags,
        summary: "Have somebody choose a new password",
        description: "The one they have does not hold any more, and their sessions end.",
        params: idParams,
        response: { 201: invitedSchema, ...problemResponses(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id }, caller }, reply) =>
      reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ invitation: await inviteUser(users, id, clock, caller) }),
  );

  for (const [what, summary, act] of [
    ["sessions/end", "Log somebody out everywhere", (id: string) => sessions.endAll(id)],
    ["second-factor/remove", "Take away a second factor that was lost", (id: string) => users.removeSeed(id)],
  ] as const) {
    app.post(`/api/v1/users/:id/${what}`, { schema: { tags, summary, params: idParams, response: one } }, async ({ params: { id }, caller }) => {
      if (caller === undefined || !mayChange(caller, (await find(id)).role)) throw new Fault("forbidden", "Only an owner changes an owner.");
      await act(id);
      return showUser(await find(id));
    });
  }

  app.post(
    "/api/v1/users/reseal",
    {
      schema: {
        tags,
        summary: "After a change of secret.key: seal second factors with the present key",
        response: { 200: Type.Object({ resealed: Type.Integer(), unreadable: Type.Integer() }), ...problemResponses(401, 403, 422, 429, 503) },
      },
    },
    async () => ({ ...(await resealSeeds(users, seals)) }),
  );
}
