import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** RFC 6238 as every authenticator has it: HMAC-SHA-1, steps of 30 s, 6 digits. */
const stepMs = 30_000;
const digits = 6;
/** Bytes of a seed: RFC 4226 §4 R6 recommends 160 bits. */
export const seedBytes = 20;
/** Steps that a clock may be off, to either side (RFC 6238 §5.2). */
const drift = 1;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6, without padding: what people type into an authenticator. */
export function base32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

/** The code of a step (RFC 4226 §5.3). */
export function codeAt(seed: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", seed).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** length).padStart(length, "0");
}

export function stepOf(now: number): number {
  return Math.floor(now / stepMs);
}

/**
 * The step whose code was given, or undefined when it is none of now.
 * @param lastStep the newest step whose code was taken: neither it nor one before it is taken again (RFC 6238 §5.2)
 */
export function matchingStep(seed: Uint8Array, code: string, now: number, lastStep: number | undefined): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const current = stepOf(now);
  let found: number | undefined;
  // All of them, so that the time it takes says nothing.
  for (let step = current - drift; step <= current + drift; step += 1) {
    const same = timingSafeEqual(Buffer.from(codeAt(seed, step)), Buffer.from(code));
    if (same && (lastStep === undefined || step > lastStep)) found ??= step;
  }
  return found;
}

/** What an authenticator reads as a QR code. */
export function enrolmentUri(name: string, seed: Uint8Array): string {
  return `otpauth://totp/Carillon:${encodeURIComponent(name)}?secret=${base32(seed)}&issuer=Carillon`;
}

/** Bytes of a recovery code: 120 bits, so that a plain hash keeps it (OWASP ASVS 5.0 6.5.2). */
export const recoveryBytes = 15;
export const recoveryCodes = 10;

/** @param bytes `recoveryBytes` from a cryptographic source @returns six groups of four characters */
export function recoveryText(bytes: Uint8Array): string {
  return (base32(bytes).match(/.{4}/g) ?? []).join("-");
}

/** What is kept of one. However it is typed: capitals, hyphens and blanks do not matter. */
export function recoveryHash(text: string): string {
  return createHash("sha256")
    .update(text.toUpperCase().replace(/[^A-Z2-7]/g, ""))
    .digest("hex");
}
