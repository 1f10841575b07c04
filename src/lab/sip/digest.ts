import { createHash } from "node:crypto";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type LabAlgorithm = "MD5" | "SHA-256" | "SHA-512-256";

const algorithms: Readonly<Record<string, string>> = { md5: "md5", "sha-256": "sha256", "sha-512-256": "sha512-256" };

/** The parameters of a Digest challenge or authorization, names in lower case, quotes taken off. Undefined for another scheme. */
export function parseDigest(value: string): Map<string, string> | undefined {
  if (!/^digest\s/i.test(value)) return undefined;
  const params = new Map<string, string>();
  for (const match of value.slice(6).matchAll(/([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    params.set((match[1] ?? "").toLowerCase(), match[2] ?? match[3] ?? "");
  }
  return params;
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

interface Question {
  readonly algorithm: string;
  readonly realm: string;
  readonly nonce: string;
  readonly qop: string | undefined;
  readonly nc: string;
  readonly cnonce: string;
  readonly method: string;
  readonly uri: string;
}

/** The request-digest of RFC 7616 §3.4.1 (RFC 2617 §3.2.2.1 when there is no qop). */
function digestOf(question: Question, credentials: Credentials): string {
  const { algorithm, nonce, nc, cnonce, qop } = question;
  const a1 = hash(algorithm, `${credentials.username}:${question.realm}:${credentials.password}`);
  const a2 = hash(algorithm, `${question.method}:${question.uri}`);
  return hash(algorithm, qop === undefined ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`);
}

/** The value of an Authorization or Proxy-Authorization header, or undefined when the challenge cannot be met. */
export function authorize(challenge: string, method: string, uri: string, credentials: Credentials, cnonce: string): string | undefined {
  const asked = parseDigest(challenge);
  const name = asked?.get("algorithm") ?? "MD5";
  const algorithm = algorithms[name.toLowerCase()];
  const realm = asked?.get("realm");
  const nonce = asked?.get("nonce");
  if (asked === undefined || algorithm === undefined || realm === undefined || nonce === undefined) return undefined;
  const offered = asked
    .get("qop")
    ?.split(",")
    .map((part) => part.trim().toLowerCase());
  if (offered !== undefined && !offered.includes("auth")) return undefined;
  const qop = offered === undefined ? undefined : "auth";
  const nc = "00000001";
  const response = digestOf({ algorithm, realm, nonce, qop, nc, cnonce, method, uri }, credentials);
  const opaque = asked.get("opaque");
  return [
    `Digest username="${credentials.username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    `algorithm=${name}`,
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`]),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ].join(", ");
}

/** A challenge to put into WWW-Authenticate or Proxy-Authenticate. */
export function challenge(realm: string, nonce: string, algorithm: LabAlgorithm = "MD5"): string {
  return `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"`;
}

/** The headers of several challenges, a line each in this order: one name in different spellings, of which there are three. */
export function challenges(
  name: "WWW-Authenticate" | "Proxy-Authenticate",
  realm: string,
  nonce: string,
  algorithms: readonly LabAlgorithm[],
): Readonly<Record<string, string>> {
  const spellings = [name, name.toLowerCase(), name.toUpperCase()];
  return Object.fromEntries(algorithms.map((algorithm, at) => [spellings[at] ?? name, challenge(realm, nonce, algorithm)]));
}

/** Whether an authorization answers our challenge: same realm and nonce, and a digest made with that user's password. */
export function isAuthorized(value: string | undefined, method: string, realm: string, nonce: string, credentials: Credentials): boolean {
  const given = value === undefined ? undefined : parseDigest(value);
  const algorithm = algorithms[(given?.get("algorithm") ?? "MD5").toLowerCase()];
  const uri = given?.get("uri");
  if (given === undefined || algorithm === undefined || uri === undefined) return false;
  if (given.get("realm") !== realm || given.get("nonce") !== nonce || given.get("username") !== credentials.username) return false;
  const [qop, nc, cnonce] = [given.get("qop"), given.get("nc") ?? "", given.get("cnonce") ?? ""];
  return given.get("response") === digestOf({ algorithm, realm, nonce, qop, nc, cnonce, method, uri }, credentials);
}
