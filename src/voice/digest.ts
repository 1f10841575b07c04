import { timingSafeEqual } from "node:crypto";
import { type DigestAlgorithm, digestResponse } from "../kernel/digest.ts";

/* Digest authentication as a server does it: RFC 3261 §22, RFC 7616, RFC 8760. */

/** What somebody says to a challenge. Names of users and realms as they stood there. */
export interface DigestAnswer {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: string;
  readonly qop: string | undefined;
  /** Eight hexadecimal digits. */
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
}

const longest = 4000;
const parameter = /^\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/;

/** Reads an Authorization header. Undefined when it is none, is of another scheme, says something twice, or lacks what it must have. */
export function readDigest(header: string): DigestAnswer | undefined {
  const scheme = /^\s*digest\s+/i.exec(header);
  if (!scheme || header.length > longest) return undefined;
  const said = new Map<string, string>();
  for (let rest = header.slice(scheme[0].length); rest.trim() !== ""; ) {
    const match = parameter.exec(rest);
    const name = match?.[1]?.toLowerCase();
    if (!match || name === undefined || said.has(name)) return undefined;
    said.set(name, match[2]?.replace(/\\(.)/g, "$1") ?? match[3] ?? "");
    rest = rest.slice(match[0].length);
  }
  const [username, realm, nonce, uri, response] = ["username", "realm", "nonce", "uri", "response"].map((name) => said.get(name));
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined) return undefined;
  const [qop, nc, cnonce] = [said.get("qop"), said.get("nc"), said.get("cnonce")];
  return { username, realm, nonce, uri, response, algorithm: said.get("algorithm") ?? "MD5", qop, nc, cnonce };
}

/** A WWW-Authenticate header. @param stale the answer was right, and only its nonce was not: nobody needs to be asked for the password again */
export function challengeOf(realm: string, nonce: string, algorithm: DigestAlgorithm, stale: boolean): string {
  return `Digest realm="${realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}${stale ? ", stale=true" : ""}`;
}

/** Whether it was made with this password, for this method (RFC 7616 §3.4.1). Takes as long whether it was or not. */
export function isRight(answer: DigestAnswer, method: string, algorithm: DigestAlgorithm, password: string): boolean {
  const { response, qop = "", ...parts } = answer;
  const wanted = Buffer.from(digestResponse(algorithm, { ...parts, method, qop }, password));
  const given = Buffer.from(response.toLowerCase());
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
