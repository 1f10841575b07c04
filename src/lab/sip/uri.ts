/** A sip: or sips: URI, taken apart (RFC 3261 §19.1). */
export interface SipUri {
  readonly scheme: "sip" | "sips";
  /** Undefined when there is no user part. A password is left in it. */
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ReadonlyMap<string, string>;
}

/** Undefined when the text is no sip: or sips: URI. */
export function parseUri(text: string): SipUri | undefined {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme !== "sip" && scheme !== "sips") return undefined;
  if (/[\s<>"]/.test(text)) return undefined;
  const question = text.indexOf("?", colon);
  const rest = question === -1 ? text.slice(colon + 1) : text.slice(colon + 1, question);
  const at = rest.lastIndexOf("@");
  const user = at === -1 ? undefined : rest.slice(0, at);
  const [hostport = "", ...parts] = rest.slice(at + 1).split(";");
  const split = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(hostport);
  const host = split?.[1];
  if (host === undefined || user === "") return undefined;
  const port = split?.[2] === undefined ? undefined : Number(split[2]);
  if (port !== undefined && (port === 0 || port > 65535)) return undefined;
  return { scheme, user, host, port, params: paramsOf(parts) };
}

function paramsOf(parts: readonly string[]): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== "") params.set(name, equals === -1 ? "" : part.slice(equals + 1).trim());
  }
  return params;
}

/** A From, To, Contact, Route or Record-Route value, taken apart (RFC 3261 §20.10). */
export interface NameAddress {
  /** Without its quotes; empty when there is none. */
  readonly display: string;
  readonly uri: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Undefined when quotes or brackets are not closed, or there is no URI. */
export function parseNameAddress(text: string): NameAddress | undefined {
  let rest = text.trim();
  let display = "";
  if (rest.startsWith('"')) {
    const end = closingQuote(rest);
    if (end === -1) return undefined;
    display = rest.slice(1, end).replace(/\\(.)/g, "$1");
    rest = rest.slice(end + 1).trimStart();
    if (!rest.startsWith("<")) return undefined;
  }
  const open = rest.indexOf("<");
  if (open !== -1) {
    const close = rest.indexOf(">", open);
    if (close === -1) return undefined;
    if (display === "") display = rest.slice(0, open).trim();
    const uri = rest.slice(open + 1, close).trim();
    return isUri(uri)
      ? {
          display,
          uri,
          params: paramsOf(
            rest
              .slice(close + 1)
              .split(";")
              .slice(1),
          ),
        }
      : undefined;
  }
  // Without brackets, parameters belong to the header, not to the URI (§20.10).
  const [uri = "", ...parts] = rest.split(";");
  return isUri(uri.trim()) ? { display, uri: uri.trim(), params: paramsOf(parts) } : undefined;
}

function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/.test(text);
}

function closingQuote(text: string): number {
  for (let index = 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === '"') return index;
  }
  return -1;
}

/** The tag of a From or To value; undefined when it has none or cannot be read. */
export function tagOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : parseNameAddress(value)?.params.get("tag");
}

/** The user part of the URI in a From, To or request line; empty when there is none. */
export function userOf(value: string): string {
  return parseUri(parseNameAddress(value)?.uri ?? value)?.user ?? "";
}

/** A Via value, taken apart (RFC 3261 §20.42). */
export interface Via {
  /** Upper case: UDP, TCP, TLS. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ReadonlyMap<string, string>;
}

export function parseVia(text: string): Via | undefined {
  const [head = "", ...parts] = text.split(";");
  const split = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9]+)\s+(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)\s*(?::\s*(\d{1,5}))?$/i.exec(head.trim());
  if (split?.[1] === undefined || split[2] === undefined) return undefined;
  const port = split[3] === undefined ? undefined : Number(split[3]);
  if (port !== undefined && (port === 0 || port > 65535)) return undefined;
  return { transport: split[1].toUpperCase(), host: split[2], port, params: paramsOf(parts) };
}
