import { Headers } from "./headers.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import { parseNameAddress, parseVia } from "./uri.ts";

/** Longest message taken, in bytes; a UDP datagram cannot be longer, and a longer TCP message is an attack. */
export const maxMessageBytes = 65_535;
/** RFC 3261 has no limit; the longest honest message seen has some 40 lines. */
const maxHeaderLines = 256;

/**
 * The outcome of reading bytes as SIP. `answer` is set when the message is a request that is broken but still says where to send a 4xx or 5xx.
 */
export type Parsed =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly why: string; readonly answer?: { readonly request: SipRequest; readonly status: number } };

const startOfRequest = /^([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP\/(\d+\.\d+)$/i;
const startOfResponse = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;
const headerName = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/**
 * Reads one SIP message (RFC 3261 §7). Never throws: whatever the bytes are, the outcome is a value. Both CRLF and lone LF end a line; folded lines
 * are joined with one blank (§7.3.1); a body longer than Content-Length is cut (§18.3), a shorter one is a fault.
 */
export function parseMessage(datagram: Buffer): Parsed {
  if (datagram.length > maxMessageBytes) return { ok: false, why: "longer than 64 kB" };
  // Line ends before the start line are ignored (§7.5).
  let start = 0;
  while (datagram[start] === 13 || datagram[start] === 10) start += 1;
  const bytes = start === 0 ? datagram : datagram.subarray(start);
  const raw = bytes.toString("utf8");
  const end = headerEnd(raw);
  const head = raw.slice(0, end.head);
  const lines = unfold(head);
  const [startLine = "", ...rest] = lines;
  if (rest.length > maxHeaderLines) return { ok: false, why: "too many header lines" };
  const headers = new Headers();
  let fault = "";
  for (const line of rest) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? "" : line.slice(0, colon).trimEnd();
    if (headerName.test(name)) headers.append(name, line.slice(colon + 1).trim());
    else fault = fault || "a header line without a name";
  }
  if (head.includes("\0")) fault = fault || "a NUL in the headers";
  // Content-Length counts bytes; when every character is one byte, positions in text and bytes are the same.
  const plain = raw.length === bytes.length;
  const bodyStart = plain ? end.body : Buffer.byteLength(raw.slice(0, end.body));
  const length = contentLength(headers, bytes.length - bodyStart);
  if (typeof length === "string") fault = fault || length;
  const size = typeof length === "number" ? length : 0;
  const body = plain ? raw.slice(end.body, end.body + size) : bytes.toString("utf8", bodyStart, bodyStart + size);
  fault = fault || faultOf(headers);

  const response = startOfResponse.exec(startLine);
  if (response !== null) {
    if (fault !== "") return { ok: false, why: fault };
    return { ok: true, message: { kind: "response", status: Number(response[1]), reason: response[2] ?? "", headers, body, raw } };
  }
  const request = startOfRequest.exec(startLine);
  const method = request?.[1];
  const uri = request?.[2];
  if (method === undefined || uri === undefined) return { ok: false, why: "no SIP start line" };
  const message: SipRequest = { kind: "request", method, uri, headers, body, raw };
  if (fault === "" && cseqOf(message)?.method !== method) fault = "CSeq names another method";
  const version = request?.[3] ?? "";
  if (fault === "" && version === "2.0") return { ok: true, message };
  // An ACK is never answered (§17.1.1.3), and without a readable Via nobody knows where to.
  if (method === "ACK" || !answerable(headers)) return { ok: false, why: fault || "wrong version" };
  return fault === ""
    ? { ok: false, why: "wrong version", answer: { request: message, status: 505 } }
    : { ok: false, why: fault, answer: { request: message, status: 400 } };
}

function headerEnd(raw: string): { readonly head: number; readonly body: number } {
  const crlf = raw.indexOf("\r\n\r\n");
  if (crlf !== -1) return { head: crlf, body: crlf + 4 };
  const lf = raw.indexOf("\n\n");
  return lf === -1 ? { head: raw.length, body: raw.length } : { head: lf, body: lf + 2 };
}

function unfold(head: string): string[] {
  const lines: string[] = [];
  for (const raw of head.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const folded = line.startsWith(" ") || line.startsWith("\t");
    const last = lines.length - 1;
    if (folded && last > 0) lines[last] = `${lines[last]} ${line.trim()}`;
    else if (line !== "" || lines.length > 0) lines.push(line);
  }
  return lines;
}

/** How many bytes of what follows the headers are the body, or what is wrong. */
function contentLength(headers: Headers, available: number): number | string {
  const lines = headers.lines("content-length");
  if (lines.length === 0) return available;
  const [first = ""] = lines;
  if (!/^\d{1,9}$/.test(first) || lines.some((line) => line !== first)) return "a Content-Length that is no number";
  const length = Number(first);
  return length > available ? "Content-Length beyond the end of the message" : length;
}

function answerable(headers: Headers): boolean {
  const [via] = headers.list("via");
  return (
    via !== undefined && parseVia(via) !== undefined && headers.has("from") && headers.has("to") && headers.has("call-id") && headers.has("cseq")
  );
}

/** What keeps the headers from being usable in a transaction (RFC 3261 §8.1.1); empty when nothing does. */
function faultOf(headers: Headers): string {
  const [via] = headers.list("via");
  if (via === undefined || parseVia(via) === undefined) return "no readable Via";
  for (const name of ["from", "to"]) {
    const lines = headers.lines(name);
    const [value] = lines;
    if (value === undefined || lines.length > 1 || parseNameAddress(value) === undefined) return `no readable ${name} header`;
  }
  const callIds = headers.lines("call-id");
  if (callIds.length !== 1 || !/^\S+$/.test(callIds[0] ?? "")) return "no readable Call-ID";
  if (readCseq(headers) === undefined) return "no readable CSeq";
  const hops = headers.get("max-forwards");
  if (hops !== undefined && !/^\d{1,5}$/.test(hops)) return "a Max-Forwards that is no number";
  return "";
}

/** CSeq: number 0..2^31-1 and method (RFC 3261 §20.16); undefined when it cannot be read. */
export function cseqOf(message: SipMessage): { readonly number: number; readonly method: string } | undefined {
  return readCseq(message.headers);
}

function readCseq(headers: Headers): { readonly number: number; readonly method: string } | undefined {
  const lines = headers.lines("cseq");
  const match = lines.length === 1 ? /^(\d{1,10})\s+(\S+)$/.exec(lines[0] ?? "") : null;
  const number = Number(match?.[1]);
  const method = match?.[2];
  return method === undefined || number > 0x7fffffff ? undefined : { number, method };
}
