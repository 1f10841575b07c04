import type { Random } from "../../kernel/random.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** `length` random characters of 0-9a-z, for tags, branches and nonces (RFC 3261 §19.3 asks for 32 random bits; 7 characters hold 36). */
export function token(random: Random, length: number): string {
  let text = "";
  for (let index = 0; index < length; index += 1) text += alphabet.charAt(Math.floor(random.next() * 36));
  return text;
}

/** A UUID-shaped id (version 4 bits set) from the given chance. */
export function uuid(random: Random): string {
  let digits = "";
  for (let index = 0; index < 4; index += 1) {
    digits += Math.floor(random.next() * 4294967296)
      .toString(16)
      .padStart(8, "0");
  }
  const variant = "89ab".charAt(Math.floor(random.next() * 4));
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
