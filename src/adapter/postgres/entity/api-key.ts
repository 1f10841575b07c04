import { defineEntity, p } from "@mikro-orm/core";
import { identity } from "./identity.ts";

export const ApiKeyEntity = defineEntity({
  name: "ApiKey",
  tableName: "api_key",
  properties: {
    id: identity(),
    name: p.text(),
    hash: p.text().unique("api_key_hash_unique"),
    /** Whose it is; null for the keys of administrators and programs. */
    agentId: p.bigint("string").nullable(),
    createdAt: p.datetime(3),
    revokedAt: p.datetime(3).nullable(),
  },
});
