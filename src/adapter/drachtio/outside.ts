import type { RequestOptions, SipMessage, SipRequest, SipResponse } from "./srf.ts";

/** A response to an INVITE that made a dialog, and where it came from: a 2xx, or an early one with a To tag (RFC 3261 §12.1). It holds all that a request in it needs. */
export interface Answer {
  readonly message: SipMessage;
  readonly from: { readonly host: string; readonly port: number; readonly transport: "udp" | "tcp" | "tls" };
}

/** We do not count our requests in a dialog; the number must only be higher than the last (RFC 3261 §12.2.1.1). */
const manyRequests = 1000;

/**
 * A request in a dialog that drachtio-server does not know: another telephone's, or one it has forgotten. It goes out as it is given here.
 * It takes the answer's Contact, and its Record-Route backwards (RFC 3261 §12.1.2). Without a route, a Contact that names another host than the one that
 * answered is behind NAT; drachtio-server sends to where the answer came from then, and so do we.
 */
export function outside(method: "ACK" | "BYE", { message, from }: Answer): RequestOptions {
  // A copy of what came in TLS only says that it came by TCP; its Via is ours, and says more.
  const transport = /^SIP\s*\/\s*2\.0\s*\/\s*TLS\s/i.test(message.get("via") ?? "") ? "tls" : from.transport;
  const source = `sip:${from.host}:${from.port}${transport === "udp" ? "" : `;transport=${transport}`}`;
  const uri = uriOf(message.get("contact") ?? "") ?? source;
  const routes = (message.get("record-route")?.match(/(?<![^,])(?:"[^"]*"|[^<,"])*<[^<>]*>[^,]*/g) ?? []).map((route) => route.trim()).reverse();
  const sequence = Number.parseInt(message.get("cseq") ?? "", 10);
  const headers = {
    From: message.get("from") ?? "",
    To: message.get("to") ?? "",
    "Call-ID": message.get("call-id") ?? "",
    CSeq: `${method === "ACK" ? sequence : sequence + manyRequests} ${method}`,
    ...(routes.length > 0 && { Route: routes.join(", ") }),
  };
  const proxy = uriOf(routes[0] ?? "") ?? behindNat(uri, from.host, source);
  return { method, uri, headers, ...(proxy !== undefined && { proxy }) };
}

/**
 * A BYE in the dialog in which this request was sent, for when drachtio-server has forgotten it: all that is needed stands in the request as it left.
 * @param answer what came back for it
 */
export function byeAfter(request: SipRequest, { source_address: host, source_port: port = 5060, protocol }: SipResponse): RequestOptions {
  const route = request.get("route");
  const source = host ? `sip:${host}:${port}${protocol === "tcp" || protocol === "tls" ? `;transport=${protocol}` : ""}` : undefined;
  const proxy = uriOf(route ?? "") ?? (host && source ? behindNat(request.uri, host, source) : undefined);
  const headers = {
    From: request.get("from") ?? "",
    To: request.get("to") ?? "",
    "Call-ID": request.get("call-id") ?? "",
    CSeq: `${Number.parseInt(request.get("cseq") ?? "", 10) + manyRequests} BYE`,
    ...(route !== undefined && { Route: route }),
  };
  return { method: "BYE", uri: request.uri, headers, ...(proxy !== undefined && { proxy }) };
}

/** Where to send it instead, when the URI names another host than the one it is really at. */
function behindNat(uri: string, host: string, source: string): string | undefined {
  return /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;?]*)/i.exec(uri)?.[1] === host ? undefined : source;
}

/** Undefined for one that made no dialog, or that drachtio-server made up. */
export function answerIn(message: SipResponse | undefined): Answer | undefined {
  const { status = 0, source_address: host, source_port: port, protocol } = message ?? {};
  if (!message || !host || status <= 100 || status >= 300 || tagOf(message.get("to")) === undefined) return undefined;
  return { message, from: { host, port: port ?? 5060, transport: protocol === "tcp" || protocol === "tls" ? protocol : "udp" } };
}

/** The tag of a From or To. */
export function tagOf(header: string | undefined): string | undefined {
  return /;\s*tag\s*=\s*([^\s;,]+)/i.exec(header?.replace(/^.*>/, "") ?? "")?.[1];
}

function uriOf(header: string): string | undefined {
  return (/<([^<>\s]+)>/.exec(header) ?? /^\s*(sips?:[^;,\s]+)/i.exec(header))?.[1];
}
