import { Headers } from "./headers.ts";

export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: string;
  /** What came over the wire, untouched; undefined for messages of our own. */
  readonly raw?: string | undefined;
}

export interface SipResponse {
  readonly kind: "response";
  /** 100..699 */
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
  /** What came over the wire, untouched; undefined for messages of our own. */
  readonly raw?: string | undefined;
}

export type SipMessage = SipRequest | SipResponse;

/** Reason phrases of RFC 3261 §21 and its neighbours, for those who give only a number. */
const phrases: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  181: "Call Is Being Forwarded",
  182: "Queued",
  183: "Session Progress",
  200: "OK",
  202: "Accepted",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Moved Temporarily",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  410: "Gone",
  415: "Unsupported Media Type",
  416: "Unsupported URI Scheme",
  420: "Bad Extension",
  480: "Temporarily Unavailable",
  481: "Call Does Not Exist",
  482: "Loop Detected",
  483: "Too Many Hops",
  484: "Address Incomplete",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  491: "Request Pending",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  504: "Gateway Time-out",
  505: "Version Not Supported",
  513: "Message Too Large",
  600: "Busy Everywhere",
  603: "Decline",
  604: "Does Not Exist Anywhere",
  606: "Not Acceptable",
};

export function phraseOf(status: number): string {
  return phrases[status] ?? "Unknown";
}

/**
 * The message as it goes on the wire, with a right Content-Length. Headers leave in their order; Content-Length stays where it stands, or goes last.
 */
export function writeMessage(message: SipMessage): string {
  let text = message.kind === "request" ? `${message.method} ${message.uri} SIP/2.0\r\n` : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  const length = message.body === "" ? 0 : Buffer.byteLength(message.body);
  let counted = false;
  for (const field of message.headers.all()) {
    if (field.key === "content-length") {
      if (!counted) text += `${field.name}: ${length}\r\n`;
      counted = true;
    } else text += `${field.name}: ${field.value}\r\n`;
  }
  if (!counted) text += `Content-Length: ${length}\r\n`;
  return `${text}\r\n${message.body}`;
}

/** What a response may bring besides its status. */
export interface ResponseParts {
  readonly reason?: string | undefined;
  /** Put on To when it has no tag yet. */
  readonly toTag?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly sdp?: string | undefined;
  readonly contact?: string | undefined;
}

/** A response to a request: Via, From, To, Call-ID, CSeq and Record-Route are copied as RFC 3261 §8.2.6.2 and §12.1.1 want. */
export function responseTo(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const headers = new Headers();
  for (const via of request.headers.lines("via")) headers.append("Via", via);
  if (status > 100 && status < 300) for (const route of request.headers.lines("record-route")) headers.append("Record-Route", route);
  headers.append("From", request.headers.get("from") ?? "");
  const to = request.headers.get("to") ?? "";
  headers.append("To", parts.toTag === undefined || /;\s*tag=/i.test(to) ? to : `${to};tag=${parts.toTag}`);
  headers.append("Call-ID", request.headers.get("call-id") ?? "");
  headers.append("CSeq", request.headers.get("cseq") ?? "");
  if (parts.contact !== undefined) headers.append("Contact", parts.contact);
  for (const [name, value] of Object.entries(parts.headers ?? {})) headers.append(name, value);
  if (parts.sdp !== undefined && !headers.has("content-type")) headers.append("Content-Type", "application/sdp");
  return { kind: "response", status, reason: parts.reason ?? phraseOf(status), headers, body: parts.sdp ?? "" };
}
