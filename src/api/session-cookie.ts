/** The prefix has a browser keep it only from HTTPS, for this host and all of its paths (RFC 6265bis §4.1.3.2). */
const name = "__Host-carillon";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** The header that gives a browser its session. @param maxAgeS seconds until it forgets it */
export function sessionCookie(token: string, maxAgeS: number): string {
  return `${name}=${token}; Max-Age=${maxAgeS}; ${attributes}`;
}

/** The headers that take it away, and have the browser forget what it was shown (Clear Site Data, W3C). */
export const loggedOut = { "set-cookie": `${name}=; Max-Age=0; ${attributes}`, "clear-site-data": '"cache", "storage"' } as const;

/** What a request's Cookie header says of it (RFC 6265 §5.4). Of two of the name none holds. */
export function sessionOf(header: string | undefined): string | undefined {
  const found = (header ?? "").split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
