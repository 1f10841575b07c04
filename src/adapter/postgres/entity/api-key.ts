import { defineEntity, p } from "@mikro-orm/core";
import { roles } from "../../../access/role.ts";
import { identity } from "./identity.ts";

export const ApiKeyEntity = defineEntity({
  name: "ApiKey",
  tableName: "api_key",
  properties: {
    id: identity(),
    name: p.text(),
    hash: p.text().unique("api_key_hash_unique"),
    role: p.enum(roles),
    /** Ids of groups; null: everything. */
    groupIds: p.array().nullable(),
    /** Whose it is; null for the keys of administrators and programs. */
    agentId: p.bigint("string").nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
  },
});
