import { createHmac, timingSafeEqual } from "node:crypto";

/* Nonces that say by themselves whether they are ours and how old they are, so that nothing has to be kept for who never answers. */

/** A challenge is to be answered within this time; a nonce may be used for several requests until then (RFC 7616 §3.3). */
export const nonceMs = 300_000;
export const nonceRandomBytes = 12;

const form = /^([0-9a-z]{8,11})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{27})$/;

function sealOf(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url").slice(0, 27);
}

/** @param random `nonceRandomBytes` fresh bytes */
export function makeNonce(key: Uint8Array, now: number, random: Uint8Array): string {
  const text = `${now.toString(36)}.${Buffer.from(random).toString("base64url")}`;
  return `${text}.${sealOf(key, text)}`;
}

/** Until when it holds (epoch ms; it may be over); undefined for one that is not ours. */
export function nonceHoldsUntil(key: Uint8Array, nonce: string): number | undefined {
  const [, at = "", random = "", seal = ""] = form.exec(nonce) ?? [];
  const wanted = Buffer.from(sealOf(key, `${at}.${random}`));
  const given = Buffer.from(seal);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return Number.parseInt(at, 36) + nonceMs;
}
