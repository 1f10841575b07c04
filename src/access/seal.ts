import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

/** A key that secrets in the database are sealed with; `id` tells keys apart and says nothing of the key. */
export interface SealKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Bytes of a key (AES-256) and of a nonce (NIST SP 800-38D §8.2: 96 bits, never twice with one key; random ones are good for 2^32 seals). */
const keyBytes = 32;
export const nonceBytes = 12;
const tagBytes = 16;

const form = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** @param base64 32 bytes. RangeError otherwise */
export function sealKey(base64: string): SealKey {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== keyBytes) throw new RangeError(`sealKey: ${keyBytes} bytes are needed`);
  return { id: createHash("sha256").update("carillon seal key\n").update(bytes).digest("hex").slice(0, 8), bytes };
}

/**
 * Seals a text with AES-256-GCM (NIST SP 800-38D), so that it can be kept in a database.
 * @param place what it belongs to: it can be opened there and nowhere else, so that rows cannot be exchanged
 * @param nonce `nonceBytes` fresh bytes from a cryptographic source
 * @returns `v1.KEYID.NONCE.TEXT`, in base64url
 */
export function seal(key: SealKey, place: string, text: string, nonce: Uint8Array): string {
  const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return ["v1", key.id, Buffer.from(nonce).toString("base64url"), sealed.toString("base64url")].join(".");
}

/** The text, when one of the keys is the one it was sealed with for this place; undefined otherwise, and when somebody has changed it. */
export function unseal(keys: readonly SealKey[], place: string, sealed: string): string | undefined {
  const [, id, nonce = "", rest = ""] = form.exec(sealed) ?? [];
  const key = keys.find((known) => known.id === id);
  if (!key) return undefined;
  const bytes = Buffer.from(rest, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, Buffer.from(nonce, "base64url"), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

/** Whether it was sealed with this key. */
export function isSealedWith(key: SealKey, sealed: string): boolean {
  return form.exec(sealed)?.[1] === key.id;
}
