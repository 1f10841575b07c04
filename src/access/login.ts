import { createHash, timingSafeEqual } from "node:crypto";

/** A session ends when nothing was asked for so long, and in any case after that (OWASP ASVS 5.0 7.3; a shift of work). */
export const idleMs = 30 * 60_000;
export const longestMs = 12 * 3_600_000;

/** Random bytes in the text of a session or of an invitation. */
export const tokenBytes = 32;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

/** How long somebody may take to choose a password. */
export const invitationMs = 72 * 3_600_000;

export function isToken(text: string): boolean {
  return tokenForm.test(text);
}

/** What is kept of one: 256 random bits need no salt. */
export function hashToken(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a page of ours sends with each change: whoever makes a browser send its cookie from elsewhere does not know it. */
export function csrfToken(session: string): string {
  return createHash("sha256").update(`carillon csrf\n${session}`).digest("base64url");
}

export function isCsrfToken(session: string, given: string): boolean {
  const expected = Buffer.from(csrfToken(session));
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Failures in a row that cost nothing but the time to type; then each doubles the wait, up to the longest. */
export const freeFailures = { account: 5, address: 20, place: 5 } as const;
/** Who has logged in from an address within so long is not kept out there by whoever guesses elsewhere. */
export const knownPlaceMs = 30 * 86_400_000;
export const firstBlockMs = 1000;
export const longestBlockMs = 15 * 60_000;

/** How long nobody may try after so many failures in a row. */
export function blockMs(kind: keyof typeof freeFailures, failures: number): number {
  const over = failures - freeFailures[kind];
  return over < 0 ? 0 : Math.min(longestBlockMs, firstBlockMs * 2 ** Math.min(over, 30));
}

/** How a row of failures is named: says nothing of the account or address to who reads it. */
export function failureSubject(kind: keyof typeof freeFailures, value: string): string {
  return createHash("sha256").update(`${kind}\n${value.toLowerCase()}`).digest("hex");
}
