import { hostname } from "node:os";
import { checkChosenPassword } from "../access/known-password-engine.ts";
import type { Role } from "../access/role.ts";
import { resealSeeds } from "../access/second-factor-engine.ts";
import type { User } from "../access/user.ts";
import { addUser, changeUser, choosePassword, inviteUser } from "../access/user-engine.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { sealsOf } from "../start/access.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { groupsNamed } from "./key.ts";
import { tableText, timeCell } from "./table.ts";
import { passwordFrom } from "./trunk-write.ts";
import { byUser } from "./user.ts";

interface GrantOptions extends CommonOptions {
  readonly role?: Role;
  readonly group?: readonly string[];
  readonly allGroups?: boolean;
  readonly passwordFile?: string;
}

/** Users looked through for a name, and shown. */
const mostUsers = 10_000;

/** @returns what to tell: the invitation, unless a password was given */
export async function addUserAccount(name: string, options: GrantOptions): Promise<string> {
  const { password } = passwordFrom(options);
  return await withStores(options, async (stores, { access }) => {
    // Before anybody is added.
    if (password !== undefined) await checkChosenPassword(password, name, access);
    const groupIds = await groupsNamed(stores, options.group);
    const user = await addUser(stores.users, name, { role: options.role ?? "read-only", groupIds }, `${byUser()} at ${hostname()}`);
    if (password === undefined) return `${user.name} is added (${user.role}).\n${invited(await inviteUser(stores.users, user.id, systemClock))}`;
    await choosePassword(stores.users, user, password, access);
    return `${user.name} is added (${user.role}), and may log in.`;
  });
}

export async function listUserAccounts(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return await withStores(options, async (stores) => {
    const users = await stores.users.list({ limit: mostUsers });
    if (options.json) return JSON.stringify(users);
    const names = new Map((await stores.agents.groups({ limit: mostUsers })).map(({ id, name }) => [id, name]));
    const rows = users.map(({ name, role, groupIds, active, passwordAt, secondFactor, createdAt }) => [
      name,
      role,
      groupIds === undefined ? "" : groupIds.map((id) => names.get(id) ?? id).join(", "),
      active ? (passwordAt === undefined ? "invited" : "active") : "not active",
      secondFactor ? "yes" : "no",
      timeCell(createdAt),
    ]);
    return tableText(["NAME", "ROLE", "GROUPS", "STATE", "SECOND FACTOR", "ADDED"], rows);
  });
}

export async function changeUserAccount(name: string, { role, group, allGroups, ...options }: GrantOptions): Promise<string> {
  return await withStores(options, async (stores) => {
    const { id } = await named(stores, name);
    const groupIds = allGroups ? null : await groupsNamed(stores, group);
    const user = await changeUser(stores.users, id, { ...(role !== undefined && { role }), ...(groupIds !== undefined && { groupIds }) });
    return `${user.name} is ${user.role} now, and has to log in anew.`;
  });
}

export async function setUserActive(name: string, active: boolean, options: CommonOptions): Promise<string> {
  return await withStores(options, async (stores) => {
    const { id } = await named(stores, name);
    await changeUser(stores.users, id, { active });
    return active ? `${name} may log in again.` : `${name} may not log in any more, and is logged out everywhere.`;
  });
}

export async function inviteUserAccount(name: string, options: CommonOptions & { readonly withoutSecondFactor?: boolean }): Promise<string> {
  return await withStores(options, async (stores) => {
    const { id } = await named(stores, name);
    if (options.withoutSecondFactor) await stores.users.removeSeed(id);
    return `The password of ${name} does not hold any more.\n${invited(await inviteUser(stores.users, id, systemClock))}`;
  });
}

export async function logOutUser(name: string, options: CommonOptions): Promise<string> {
  return await withStores(options, async (stores) => {
    const ended = await stores.sessions.endAll((await named(stores, name)).id);
    return `${name} is logged out: ${ended} sessions ended.`;
  });
}

export async function resealUsers(options: CommonOptions): Promise<string> {
  return await withStores(options, async (stores, config) => {
    const { resealed, unreadable } = await resealSeeds(stores.users, sealsOf(config));
    return `${resealed} second factors are sealed with the present key; ${unreadable} cannot be read with any key of this configuration.`;
  });
}

/** @throws Fault `user-unknown` */
async function named({ users }: Pick<Stores, "users">, name: string): Promise<User> {
  const user = await users.findByName(name);
  if (!user) throw new Fault("user-unknown", `There is no user ${name}; carillon user list shows them.`);
  return user;
}

function invited(text: string): string {
  return `Give them this invitation: with it they choose a password (POST /api/v1/invitations), once and within three days.\n${text}`;
}
