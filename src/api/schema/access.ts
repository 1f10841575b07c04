import { Type } from "typebox";
import type { ApiKey } from "../../access/key.ts";
import { roles } from "../../access/role.ts";
import { givenTimeSchema } from "./agent.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

/** What keys and users are given. */
export const roleSchema = Type.Enum([...roles], {
  description: "What they may do; docs/security.md has the table. An owner everything, an administrator all but make owners.",
  examples: ["supervisor"],
});
export const groupIdsSchema = Type.Array(idSchema, {
  maxItems: 200,
  uniqueItems: true,
  description: "The groups to whose campaigns, lists and people they are limited. An agent must be; owners and administrators cannot be.",
});
export const accessNameSchema = Type.String({ minLength: 1, maxLength: 100, examples: ["crm"] });

export const newKeySchema = Type.Object(
  {
    name: accessNameSchema,
    role: roleSchema,
    groupIds: Type.Optional(groupIdsSchema),
    expiresAt: Type.Optional(givenTimeSchema),
  },
  { additionalProperties: false },
);

export const keySchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum([...roles]),
  groupIds: Type.Optional(Type.Array(Type.String(), { description: "Absent: everything." })),
  agentId: Type.Optional(Type.String({ description: "Of an agent's key: whose it is. It logs them in and opens nothing else." })),
  createdAt: timeSchema,
  expiresAt: Type.Optional(timeSchema),
  revokedAt: Type.Optional(timeSchema),
  lastUsedAt: Type.Optional(timeSchema),
});

export function showKey(key: ApiKey) {
  const { id, name, role, groupIds, agentId, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return {
    ...{ id, name, role, createdAt: timeText(createdAt) },
    ...(groupIds !== undefined && { groupIds: [...groupIds] }),
    ...(agentId !== undefined && { agentId }),
    ...(expiresAt !== undefined && { expiresAt: timeText(expiresAt) }),
    ...(revokedAt !== undefined && { revokedAt: timeText(revokedAt) }),
    ...(lastUsedAt !== undefined && { lastUsedAt: timeText(lastUsedAt) }),
  };
}
