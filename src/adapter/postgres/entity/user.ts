import { defineEntity, p } from "@mikro-orm/core";
import { roles } from "../../../access/role.ts";
import { identity } from "./identity.ts";

/** Somebody who logs in with a password. */
export const UserEntity = defineEntity({
  name: "User",
  tableName: "user_account",
  properties: {
    id: identity(),
    name: p.text().unique("user_account_name_unique"),
    role: p.enum(roles),
    /** Ids of groups; null: everything. */
    groupIds: p.array().nullable(),
    /** As `access/password.ts` writes it; null until they have chosen one. */
    password: p.text().nullable(),
    /** Of the second factor, sealed; there before it is in force. */
    sealedSeed: p.text().nullable(),
    secondFactor: p.boolean().default(false),
    /** The newest time step whose code was taken: none is taken twice. */
    lastStep: p.bigint("string").nullable(),
    recoveryHashes: p.array(),
    active: p.boolean().default(true),
    createdAt: p.datetime(3),
    createdBy: p.text(),
    passwordAt: p.datetime(3).nullable(),
  },
});

/** What lets somebody choose a password, once. */
export const InvitationEntity = defineEntity({
  name: "Invitation",
  tableName: "user_invitation",
  properties: { hash: p.text().primary(), userId: p.bigint("string"), createdAt: p.datetime(3), expiresAt: p.datetime(3) },
  indexes: [{ name: "user_invitation_user_id_index", properties: ["userId"] }],
});

export const UserSessionEntity = defineEntity({
  name: "UserSession",
  tableName: "user_session",
  properties: {
    id: identity(),
    hash: p.text().unique("user_session_hash_unique"),
    userId: p.bigint("string"),
    createdAt: p.datetime(3),
    seenAt: p.datetime(3),
    expiresAt: p.datetime(3),
    address: p.text(),
    browser: p.text(),
  },
  indexes: [
    { name: "user_session_user_id_index", properties: ["userId"] },
    { name: "user_session_expires_at_index", properties: ["expiresAt"] },
  ],
});

/** Failed logins in a row: of an account, an address, or an account at an address from which somebody has logged in. */
export const LoginFailureEntity = defineEntity({
  name: "LoginFailure",
  tableName: "login_failure",
  properties: { subject: p.text().primary(), failures: p.integer(), failedAt: p.datetime(3), blockedUntil: p.datetime(3) },
  indexes: [{ name: "login_failure_failed_at_index", properties: ["failedAt"] }],
});
