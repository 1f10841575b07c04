import { createHash } from "node:crypto";

/* What both sides of digest authentication compute (RFC 7616; RFC 8760 for SIP). */

/** The strongest first. */
export const digestAlgorithms = ["SHA-512-256", "SHA-256", "MD5"] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hashes: Readonly<Record<DigestAlgorithm, string>> = { "SHA-512-256": "sha512-256", "SHA-256": "sha256", MD5: "md5" };

/** The one of that name, in any spelling (RFC 7616 §3.3: names are tokens, which have no case). */
export function digestAlgorithm(name: string): DigestAlgorithm | undefined {
  return digestAlgorithms.find((known) => known === name.toUpperCase());
}

/** What a response is made of, besides the password. `qop` undefined: as before RFC 2617, without a count. */
export interface DigestParts {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly qop?: string | undefined;
  /** Eight hexadecimal digits. */
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
}

/** The response, in lower-case hexadecimal (RFC 7616 §3.4.1). @param session whether the algorithm's name ends with `-sess` (§3.4.2) */
export function digestResponse(algorithm: DigestAlgorithm, parts: DigestParts, password: string, session = false): string {
  const { username, realm, nonce, method, uri, qop, nc = "", cnonce = "" } = parts;
  const hash = (text: string) => createHash(hashes[algorithm]).update(text).digest("hex");
  const secret = hash(`${username}:${realm}:${password}`);
  const one = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const two = hash(`${method}:${uri}`);
  return hash([one, nonce, ...(qop === undefined ? [] : [nc, cnonce, qop]), two].join(":"));
}
