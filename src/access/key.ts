import { hash } from "node:crypto";
import type { Caller, Grant } from "./role.ts";

/** An API key as it is kept: never the key itself. */
export interface ApiKey extends Grant {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key text, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
  /** Epoch ms: it does not hold from then on. */
  readonly expiresAt: number | undefined;
  /** When it was used last, to the minute. */
  readonly lastUsedAt: number | undefined;
  /** Whose it is: it lets this agent log in, and does nothing else. Undefined for the keys of administrators and programs. */
  readonly agentId: string | undefined;
}

/** Whether it opens anything. @param now epoch ms */
export function holds({ revokedAt, expiresAt }: ApiKey, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

export function callerOf({ id, name, role, groupIds }: ApiKey): Caller {
  return { kind: "key", id, name, role, groupIds };
}

/** Random bytes in a key: 256 bits, twice what OWASP ASVS 5.0 asks of a secret that nobody can try off line. */
export const keyBytes = 32;

const form = /^carillon_[A-Za-z0-9_-]{43}$/;

/**
 * The text of a key, made of random bytes. It is shown once and never kept.
 * @param random exactly `keyBytes` bytes from a cryptographic source
 */
export function keyText(random: Uint8Array): string {
  if (random.length !== keyBytes) throw new RangeError(`keyText: ${keyBytes} bytes are needed`);
  return `carillon_${Buffer.from(random).toString("base64url")}`;
}

/** Whether a text has the form of a key. What has not is refused without a look into the database. */
export function isKeyText(text: string): boolean {
  return form.test(text);
}

/** What is kept of a key. No salt and no slow hash: 256 random bits cannot be guessed, and every request needs this. */
export function hashKey(text: string): string {
  return hash("sha256", text, "hex");
}
