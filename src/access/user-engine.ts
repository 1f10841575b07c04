import { randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { checkChosenPassword } from "./known-password-engine.ts";
import { hashToken, invitationMs, isToken, tokenBytes } from "./login.ts";
import type { PasswordRules } from "./options.ts";
import { hashPassword } from "./password-engine.ts";
import { type Caller, checkGrant, type Grant, mayChange } from "./role.ts";
import type { User, UserChange, UserStore } from "./user.ts";

const nameForm = /^[a-z0-9](?:[a-z0-9._@+-]{0,98}[a-z0-9])?$/;

/**
 * Adds somebody, who cannot log in before they have chosen a password.
 * @param by undefined at the machine's own terminal
 * @throws Fault `user-name`, `user-exists`, `access-invalid`, `forbidden`
 */
export async function addUser(users: UserStore, name: string, grant: Grant, createdBy: string, by?: Pick<Caller, "role">): Promise<User> {
  if (!nameForm.test(name))
    throw new Fault("user-name", "A name has small letters, digits, and . _ @ + - between them, such as ann or ann@example.com.");
  checkGrant(grant, by);
  return await users.add({ ...grant, name, createdBy });
}

/** @throws Fault `user-unknown`, `user-last-owner`, `access-invalid`, `forbidden` */
export async function changeUser(users: UserStore, id: string, change: UserChange, by?: Pick<Caller, "role">): Promise<User> {
  const user = await known(users, id);
  if (by !== undefined && !mayChange(by, user.role)) throw new Fault("forbidden", "Only an owner changes an owner.");
  const groupIds = change.groupIds === undefined ? user.groupIds : (change.groupIds ?? undefined);
  checkGrant({ role: change.role ?? user.role, groupIds }, by);
  return await users.change(id, change);
}

/**
 * Lets somebody choose a password, once and within three days. The one they had does not hold any more.
 * @returns the text of the invitation, which is shown only here
 * @throws Fault `user-unknown`, `forbidden`
 */
export async function inviteUser(users: UserStore, id: string, clock: Clock, by?: Pick<Caller, "role">): Promise<string> {
  const user = await known(users, id);
  if (by !== undefined && !mayChange(by, user.role)) throw new Fault("forbidden", "Only an owner invites an owner.");
  const text = randomBytes(tokenBytes).toString("base64url");
  await users.invite(id, hashToken(text), clock.now() + invitationMs);
  return text;
}

/**
 * Spends the invitation; in a change, a password that is refused leaves it unspent.
 * @throws Fault `invitation-unknown`, `password-weak`
 */
export async function acceptInvitation(users: UserStore, invitation: string, password: string, rules: PasswordRules): Promise<void> {
  // What nobody may choose costs no look into the database.
  await checkChosenPassword(password, "", rules);
  const id = isToken(invitation) ? await users.takeInvitation(hashToken(invitation)) : undefined;
  const user = id === undefined ? undefined : await users.find(id);
  if (user === undefined) throw new Fault("invitation-unknown", "That invitation is not known, is over, or was used; ask for another one.");
  await choosePassword(users, user, password, rules);
}

/** @returns its hash. @throws Fault `password-weak` */
export async function choosePassword(users: UserStore, user: Pick<User, "id" | "name">, password: string, rules: PasswordRules): Promise<string> {
  await checkChosenPassword(password, user.name, rules);
  const hash = await hashPassword(password);
  await users.setPassword(user.id, hash);
  return hash;
}

async function known(users: UserStore, id: string): Promise<User> {
  const user = await users.find(id);
  if (!user) throw new Fault("user-unknown", `There is no user ${id}.`);
  return user;
}
