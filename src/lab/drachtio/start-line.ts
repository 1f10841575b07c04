/** The method and URI of an app's request line; undefined when the server would call it an invalid request-uri: no known method, or no URI with a scheme. */
export function parseStartLine(line: string): { readonly method: string; readonly uri: string } | undefined {
  const match = /^([A-Z]+) (\S+)(?: SIP\/2\.0)?$/.exec(line.trim());
  const method = match?.[1];
  const uri = match?.[2];
  if (method === undefined || uri === undefined || !methods.has(method)) return undefined;
  return /^(?:sips?|tel|urn):/i.test(uri) ? { method, uri } : undefined;
}

const methods = new Set([
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "OPTIONS",
  "REGISTER",
  "INFO",
  "PRACK",
  "UPDATE",
  "MESSAGE",
  "SUBSCRIBE",
  "NOTIFY",
  "REFER",
  "PUBLISH",
]);

/** host:port of a URI, 5060 when it names no port. */
export function authority(uri: string): string {
  const rest = uri.slice(uri.indexOf(":") + 1).split(/[;?]/)[0] ?? "";
  const hostport = rest.slice(rest.lastIndexOf("@") + 1);
  return /:\d+$/.test(hostport) ? hostport : `${hostport}:5060`;
}
