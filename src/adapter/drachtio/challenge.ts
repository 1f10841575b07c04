import { type DigestAlgorithm, digestAlgorithm, digestAlgorithms, digestResponse } from "../../kernel/digest.ts";

/* Challenges that carriers give us, and what we answer (RFC 3261 §22, RFC 7616, RFC 8760). Whatever they write: nothing here throws. */

/** A challenge that can be met. Quoted values as they stood there, with their backslashes. */
export interface Challenge {
  readonly algorithm: DigestAlgorithm;
  /** The algorithm's name as it was written: `SHA-256-sess`. */
  readonly named: string | undefined;
  readonly session: boolean;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** Whether they want to have our count and our nonce in it. */
  readonly qop: "auth" | undefined;
}

const [longest, mostChallenges, mostParameters] = [8000, 10, 30] as const;
const scheme = /\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]+(?=[A-Za-z0-9_-]+\s*=)/y;
/** A scheme that says nothing else: `Negotiate`. */
const bare = /\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+\s*,/y;
const parameter = /\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*/y;

/**
 * The strongest of the challenges in a header that we know how to meet; of equal ones the first. A server may give several (RFC 8760 §2.3), whose lines come joined with commas.
 * @returns undefined when there is none: another scheme or algorithm, no nonce, only `auth-int`, or nothing that could be read
 */
export function strongestChallenge(header: string): Challenge | undefined {
  const known = header.length > longest ? [] : readAll(header);
  const rank = ({ algorithm }: Challenge) => digestAlgorithms.indexOf(algorithm);
  return known.toSorted((one, other) => rank(one) - rank(other))[0];
}

function readAll(header: string): readonly Challenge[] {
  const found: Challenge[] = [];
  let at = 0;
  for (let count = 0; count < mostChallenges && at < header.length; count++) {
    scheme.lastIndex = at;
    const name = scheme.exec(header)?.[1];
    if (name === undefined) {
      bare.lastIndex = at;
      if (!bare.test(header)) break;
      at = bare.lastIndex;
      continue;
    }
    at = scheme.lastIndex;
    const said = new Map<string, string>();
    let twice = false;
    for (let read = 0; read < mostParameters; read++) {
      parameter.lastIndex = at;
      const [, key, quoted, token] = parameter.exec(header) ?? [];
      if (key === undefined) break;
      at = parameter.lastIndex;
      twice ||= said.has(key.toLowerCase());
      said.set(key.toLowerCase(), quoted ?? token ?? "");
      if (header[at] !== ",") break;
      at += 1;
      // After a comma there may be another challenge.
      scheme.lastIndex = at;
      if (scheme.test(header)) break;
    }
    const challenge = name.toLowerCase() === "digest" && !twice ? challengeOf(said) : undefined;
    if (challenge) found.push(challenge);
  }
  return found;
}

function challengeOf(said: ReadonlyMap<string, string>): Challenge | undefined {
  const [realm, nonce, named, offered] = ["realm", "nonce", "algorithm", "qop"].map((name) => said.get(name));
  const session = /-sess$/i.test(named ?? "");
  const algorithm = digestAlgorithm((named ?? "MD5").replace(/-sess$/i, ""));
  const qops = offered?.split(",").map((word) => word.trim().toLowerCase());
  if (realm === undefined || nonce === undefined || algorithm === undefined || (qops && !qops.includes("auth"))) return undefined;
  // A session needs our nonce, which only goes with a qop.
  if (session && !qops) return undefined;
  return { algorithm, named, session, realm, nonce, opaque: said.get("opaque"), qop: qops && "auth" };
}

export interface Asked {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** Fresh, hexadecimal. */
  readonly cnonce: string;
}

/** The value of Authorization or Proxy-Authorization that meets it. */
export function answerTo(challenge: Challenge, { username, password, method, uri, cnonce }: Asked): string {
  const { algorithm, named, session, realm, nonce, opaque, qop } = challenge;
  const counted = qop && ({ qop, nc: "00000001", cnonce } as const);
  const parts = { username, realm: unquoted(realm), nonce: unquoted(nonce), method, uri, ...counted };
  return `Digest ${[
    `username="${username.replace(/[\\"]/g, "\\$&")}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${digestResponse(algorithm, parts, password, session)}"`,
    // Servers from before RFC 2617 do not name one, and may not expect one.
    ...(named === undefined && !qop ? [] : [`algorithm=${named ?? algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(counted ? [`qop=${qop}`, `nc=${counted.nc}`, `cnonce="${cnonce}"`] : []),
  ].join(",")}`;
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
