import { issueKey } from "../access/access-engine.ts";
import { type ApiKey, holds } from "../access/key.ts";
import type { Role } from "../access/role.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";

const dayMs = 86_400_000;
/** Groups looked through for a name. */
const mostGroups = 10_000;

interface KeyOptions extends CommonOptions {
  readonly role?: Role;
  readonly group?: readonly string[];
  readonly expires?: number;
}

/** @returns the key's text @throws Fault `key-name`, `access-invalid`, `group-unknown` */
export async function createKey(name: string, options: KeyOptions): Promise<string> {
  return await withStores(options, async (stores) => {
    const groupIds = await groupsNamed(stores, options.group);
    const expiresAt = options.expires === undefined ? undefined : systemClock.now() + options.expires * dayMs;
    const grant = { role: options.role ?? "admin", ...(groupIds && { groupIds }), ...(expiresAt !== undefined && { expiresAt }) } as const;
    return (await issueKey(stores.keys, name, grant)).text;
  });
}

export async function listKeys(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return await withStores(options, async (stores) => {
    const keys = await stores.keys.list();
    if (options.json) return JSON.stringify(keys.map(({ hash: _hash, ...key }) => key));
    const names = new Map((await stores.agents.groups({ limit: mostGroups })).map(({ id, name }) => [id, name]));
    const rows = keys.map((key) => [
      key.id,
      key.name,
      key.agentId === undefined ? key.role : `agent ${key.agentId}`,
      key.groupIds === undefined ? "" : key.groupIds.map((id) => names.get(id) ?? id).join(", "),
      stateOf(key),
      key.lastUsedAt === undefined ? "never" : timeCell(key.lastUsedAt),
    ]);
    return tableText(["ID", "NAME", "ROLE", "GROUPS", "STATE", "LAST USED"], rows);
  });
}

function stateOf(key: ApiKey): string {
  if (key.revokedAt !== undefined) return `revoked ${timeCell(key.revokedAt)}`;
  if (key.expiresAt === undefined) return "holds";
  return `${holds(key, systemClock.now()) ? "holds until" : "ended"} ${timeCell(key.expiresAt)}`;
}

/** @throws Fault `key-unknown` */
export async function revokeKey(id: string, options: CommonOptions): Promise<string> {
  return await withStores(options, async (stores) => {
    if (await stores.keys.revoke(id)) return `Key ${id} is revoked.`;
    const known = await stores.keys.find(id);
    if (!known) throw new Fault("key-unknown", `There is no key ${id}; carillon key list shows them.`);
    return `Key ${id} had been revoked already.`;
  });
}

/** The ids of the groups of those names; undefined when none was given. @throws Fault `group-unknown` */
export async function groupsNamed(stores: Pick<Stores, "agents">, given: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  if (given === undefined) return undefined;
  const ids = new Map((await stores.agents.groups({ limit: mostGroups })).map(({ id, name }) => [name, id]));
  return given.map((name) => {
    const id = ids.get(name);
    if (id === undefined) throw new Fault("group-unknown", `There is no group "${name}"; carillon group list shows them.`);
    return id;
  });
}
