import { randomBytes, timingSafeEqual } from "node:crypto";
import { Fault } from "../kernel/fault.ts";
import { type ApiKey, hashKey, isKeyText, keyBytes, keyText } from "./key.ts";
import type { KeyStore } from "./ports.ts";

/**
 * Makes a key and keeps its hash.
 * @param name for people: what the key is for; 1..100 characters. Fault `key-name` otherwise
 * @param agentId whose key it is; without one it is an administrator's or a program's
 * @returns the key's text, which can never be read again
 */
export async function issueKey(keys: KeyStore, name: string, agentId?: string): Promise<{ readonly key: ApiKey; readonly text: string }> {
  if (name.trim() === "" || name.length > 100) throw new Fault("key-name", "Give the key a name of 1 to 100 characters that says what it is for.");
  const text = keyText(randomBytes(keyBytes));
  return { key: await keys.add({ name, hash: hashKey(text), ...(agentId !== undefined && { agentId }) }), text };
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
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  // The store looked the hash up, which says nothing of the key through its timing; the answer is still compared whole.
  return timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash)) ? key : undefined;
}
