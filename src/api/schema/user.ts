import { Type } from "typebox";
import { roles } from "../../access/role.ts";
import type { User, UserSession } from "../../access/user.ts";
import { groupIdsSchema, roleSchema } from "./access.ts";
import { timeSchema, timeText } from "./common.ts";

const strict = { additionalProperties: false };

export const userNameSchema = Type.String({ minLength: 1, maxLength: 100, examples: ["ann@example.com"] });
export const passwordSchema = Type.String({ minLength: 1, maxLength: 512, description: "12 to 128 characters where it is chosen." });
export const codeSchema = Type.String({
  minLength: 6,
  maxLength: 40,
  description: "Of the authenticator, or a recovery code.",
  examples: ["123456"],
});

export const newUserSchema = Type.Object({ name: userNameSchema, role: roleSchema, groupIds: Type.Optional(groupIdsSchema) }, strict);

export const userChangeSchema = Type.Object(
  {
    role: Type.Optional(roleSchema),
    groupIds: Type.Optional(Type.Union([groupIdsSchema, Type.Null({ description: "Everything." })])),
    active: Type.Optional(Type.Boolean()),
  },
  { ...strict, minProperties: 1 },
);

/** Shown once, with whoever was invited. */
export const invitationSchema = Type.String({ description: "For POST /api/v1/invitations; holds for three days, once." });

export const userSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum([...roles]),
  groupIds: Type.Optional(Type.Array(Type.String(), { description: "Absent: everything." })),
  active: Type.Boolean(),
  secondFactor: Type.Boolean(),
  createdAt: timeSchema,
  createdBy: Type.String(),
  passwordAt: Type.Optional(Type.String({ description: "When they chose their password; absent until they have." })),
});

/** Never what they log in with. */
export function showUser({ id, name, role, groupIds, active, secondFactor, createdAt, createdBy, passwordAt }: User) {
  return {
    ...{ id, name, role, active, secondFactor, createdAt: timeText(createdAt), createdBy },
    ...(groupIds !== undefined && { groupIds: [...groupIds] }),
    ...(passwordAt !== undefined && { passwordAt: timeText(passwordAt) }),
  };
}

export const sessionSchema = Type.Object({
  id: Type.String(),
  createdAt: timeSchema,
  seenAt: timeSchema,
  expiresAt: timeSchema,
  address: Type.String({ description: "Where from." }),
  browser: Type.String({ description: "What the browser says it is." }),
  current: Type.Boolean({ description: "Whether it is the one that asks." }),
});

export function showSession({ id, createdAt, seenAt, expiresAt, address, browser }: UserSession, current: boolean) {
  return { id, createdAt: timeText(createdAt), seenAt: timeText(seenAt), expiresAt: timeText(expiresAt), address, browser, current };
}
