import { Type } from "typebox";
import { bulkBodyLimit, bulkResponse, changeMany, each, itemsOf, mostAtOnce, secretResponse } from "../many.ts";
import type { App } from "../parts.ts";
import { newKeySchema } from "../schema/access.ts";
import { idSchema } from "../schema/common.ts";
import { invitationSchema, newUserSchema, userChangeSchema } from "../schema/user.ts";

const tags = ["access"];
const strict = { additionalProperties: false };

/** Many users and keys with one request. */
export function addAccessBulk(app: App): void {
  app.post(
    "/api/v1/users/bulk",
    {
      bodyLimit: bulkBodyLimit,
      schema: {
        tags,
        summary: "Add users",
        description: `The invitation of each is shown only here. ${each}`,
        body: itemsOf(newUserSchema),
        response: secretResponse("invitation", invitationSchema),
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const wishes = request.body.items.map((payload) => ({ method: "POST" as const, url: "/api/v1/users", payload }));
      return await changeMany(app, request, wishes, "invitation");
    },
  );

  const change = Type.Object({ id: idSchema, change: userChangeSchema }, { ...strict, examples: [{ id: "7", change: { role: "supervisor" } }] });
  app.post(
    "/api/v1/users/bulk/change",
    {
      bodyLimit: bulkBodyLimit,
      schema: {
        tags,
        summary: "Change what users may do, or whether they may log in",
        description: `Ends their sessions. ${each}`,
        body: itemsOf(change),
        response: bulkResponse,
      },
    },
    async (request) =>
      await changeMany(
        app,
        request,
        request.body.items.map(({ id, change: payload }) => ({ id, method: "PATCH", url: `/api/v1/users/${id}`, payload })),
      ),
  );

  app.post(
    "/api/v1/keys/bulk",
    {
      bodyLimit: bulkBodyLimit,
      schema: {
        tags,
        summary: "Make keys for programs",
        description: `Each key is shown only here. ${each}`,
        body: itemsOf(newKeySchema),
        response: secretResponse("key", Type.String()),
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const wishes = request.body.items.map((payload) => ({ method: "POST" as const, url: "/api/v1/keys", payload }));
      return await changeMany(app, request, wishes, "key");
    },
  );

  const ids = Type.Array(idSchema, { minItems: 1, maxItems: mostAtOnce, uniqueItems: true });
  app.post(
    "/api/v1/keys/bulk/revoke",
    { schema: { tags, summary: "Revoke keys", description: each, body: Type.Object({ ids }, strict), response: bulkResponse } },
    async (request) =>
      await changeMany(
        app,
        request,
        request.body.ids.map((id) => ({ id, method: "POST", url: `/api/v1/keys/${id}/revoke` })),
      ),
  );
}
