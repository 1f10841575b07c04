import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * What an e-mail carries so that whatever comes back finds its attempt: in the Message-ID, in the return path (VERP) and in links. Signed, so that nobody can
 * make one up for another attempt.
 */

/** 80 bits: not to be guessed, and short enough for a local part (64 octets, RFC 5321 §4.5.3.1.1). */
const signatureOctets = 10;
const shape = /^([1-9]\d{0,17})\.([a-z2-7]{16})$/;
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 §6, in small letters: some servers change the case of a local part. */
function base32(octets: Uint8Array): string {
  let bits = "";
  for (const octet of octets) bits += octet.toString(2).padStart(8, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join("");
}

/** The mark of an attempt, for one use: `1234.abcdefghij234567`. */
export function markOf(key: string, use: "message" | "bounce" | "unsubscribe", attemptId: string): string {
  return `${attemptId}.${signatureOf(key, use, attemptId)}`;
}

/** 16 letters, over anything. */
export function signatureOf(key: string, use: string, signed: string): string {
  return base32(createHmac("sha256", key).update(`${use}:${signed}`).digest().subarray(0, signatureOctets));
}

/** The attempt that a mark names; undefined when it is not one of ours for this use. Case does not matter. */
export function attemptOf(key: string, use: Parameters<typeof markOf>[1], mark: string): string | undefined {
  const [, attemptId] = shape.exec(mark.toLowerCase()) ?? [];
  if (attemptId === undefined) return undefined;
  const [given, right] = [Buffer.from(mark.toLowerCase()), Buffer.from(markOf(key, use, attemptId))];
  return given.length === right.length && timingSafeEqual(given, right) ? attemptId : undefined;
}
