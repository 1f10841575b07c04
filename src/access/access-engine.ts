import { randomBytes, timingSafeEqual } from "node:crypto";
import { Fault } from "../kernel/fault.ts";
import { type ApiKey, hashKey, isKeyText, keyBytes, keyText } from "./key.ts";
import type { KeyStore } from "./ports.ts";
import { type Caller, checkGrant, type Role } from "./role.ts";

/** What a key is to be. */
export interface KeyWish {
  /** Whose it is; without one it is an administrator's or a program's. */
  readonly agentId?: string;
  /** Default admin, of an agent's key agent. */
  readonly role?: Role;
  /** As in `Caller`. */
  readonly groupIds?: readonly string[];
  /** Epoch ms; default never. */
  readonly expiresAt?: number;
}

/**
 * Makes a key and keeps its hash.
 * @param name for people: what the key is for; 1..100 characters
 * @param by who makes it; undefined at the machine's own terminal
 * @returns the key's text, which can never be read again
 * @throws Fault `key-name`, `access-invalid`, `forbidden`
 */
export async function issueKey(
  keys: KeyStore,
  name: string,
  { agentId, groupIds, expiresAt, ...wish }: KeyWish = {},
  by?: Pick<Caller, "role">,
): Promise<{ readonly key: ApiKey; readonly text: string }> {
  if (name.trim() === "" || name.length > 100) throw new Fault("key-name", "Give the key a name of 1 to 100 characters that says what it is for.");
  const role = agentId === undefined ? (wish.role ?? "admin") : "agent";
  // An agent's key sees what the agent does, which their groups say at each moment.
  if (agentId === undefined) checkGrant({ role, groupIds }, by);
  const text = keyText(randomBytes(keyBytes));
  return { key: await keys.add({ name, hash: hashKey(text), role, agentId, groupIds, expiresAt }), text };
}

/** The key that an `Authorization` header carries (RFC 6750 §2.1), or undefined when there is none or it does not hold. */
export async function authenticate(keys: KeyStore, header: string | undefined): Promise<ApiKey | undefined> {
  const text = /^Bearer ([^\s,]+)$/i.exec(header ?? "")?.[1];
  return text === undefined ? undefined : await findKey(keys, text);
}

/** The key of that text, or undefined when it does not hold. */
export async function findKey(keys: KeyStore, text: string): Promise<ApiKey | undefined> {
  if (!isKeyText(text)) return undefined;
  const hash = hashKey(text);
  const key = await keys.findByHash(hash);
  // The store looked the hash up, which says nothing of the key through its timing; the answer is still compared whole.
  return key !== undefined && timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash)) ? key : undefined;
}
