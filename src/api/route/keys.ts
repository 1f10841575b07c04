import { Type } from "typebox";
import { issueKey } from "../../access/access-engine.ts";
import { checkGroups } from "../../access/group-engine.ts";
import { mayChange } from "../../access/role.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { keySchema, newKeySchema, showKey } from "../schema/access.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";

const tags = ["access"];

/** Keys of programs. Those of agents are made with the agent. */
export function addKeys(app: App, { keys, groups, clock, log }: Pick<ApiParts, "keys" | "groups" | "clock" | "log">): void {
  const find = async (id: string) => {
    const key = await keys.find(id);
    if (key === undefined) throw new Fault("key-unknown", `There is no key ${id}.`);
    return key;
  };
  const one = { 200: keySchema, ...problemResponses(400, 401, 403, 404, 429, 503) };

  app.get(
    "/api/v1/keys",
    {
      schema: {
        tags,
        summary: "All keys, without what they are",
        querystring: pageQuery,
        response: { 200: pageOf(keySchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => keys.list(rows));
      return { ...page, items: page.items.map(showKey) };
    },
  );

  app.post(
    "/api/v1/keys",
    {
      schema: {
        tags,
        summary: "Make a key for a program",
        description: "The key is shown only here; what is kept is its hash. Give it no more than it needs, and an end.",
        body: newKeySchema,
        response: { 201: Type.Object({ ...keySchema.properties, key: Type.String() }), ...problemResponses(400, 401, 403, 415, 422, 429, 503) },
      },
    },
    async ({ body: { name, role, groupIds, expiresAt: until }, caller }, reply) => {
      const expiresAt = until === undefined ? undefined : momentOf(until, "/expiresAt");
      if (expiresAt !== undefined && expiresAt <= clock.now())
        throw placedFault("access-invalid", "/expiresAt is over already", [{ pointer: "/expiresAt", message: "is over already" }]);
      await checkGroups(groups, groupIds);
      const grant = { role, ...(groupIds !== undefined && { groupIds }), ...(expiresAt !== undefined && { expiresAt }) };
      const { key, text } = await issueKey(keys, name, grant, caller);
      log.info({ key: key.id, role, by: caller?.name }, "a key was made");
      return reply
        .code(201)
        .header("location", `/api/v1/keys/${key.id}`)
        .header("cache-control", "no-store")
        .send({ ...showKey(key), key: text });
    },
  );

  app.get("/api/v1/keys/:id", { schema: { tags, summary: "One key, without what it is", params: idParams, response: one } }, async ({ params }) =>
    showKey(await find(params.id)),
  );

  app.post(
    "/api/v1/keys/:id/revoke",
    {
      schema: {
        tags,
        summary: "Revoke a key: it opens nothing any more on this node, and on others after a second",
        params: idParams,
        response: one,
      },
    },
    async ({ params: { id }, caller }) => {
      const { role } = await find(id);
      if (caller === undefined || !mayChange(caller, role)) throw new Fault("forbidden", "Only an owner revokes the key of an owner.");
      await keys.revoke(id);
      log.info({ key: id, by: caller.name }, "a key was revoked");
      return showKey(await find(id));
    },
  );
}
