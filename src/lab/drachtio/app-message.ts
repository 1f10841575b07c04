import { Headers } from "../sip/headers.ts";
import { placeOf, spellingOf } from "./header-order.ts";

/** A SIP message as an app writes it: start line, a few headers, a body. It lacks what the server fills in. */
export interface AppMessage {
  readonly startLine: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Reads what follows the first line of a `sip` frame. Lines that are no headers are skipped. */
export function readAppMessage(text: string): AppMessage {
  const gap = text.indexOf("\r\n\r\n");
  const [startLine = "", ...lines] = (gap === -1 ? text : text.slice(0, gap)).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return { startLine, headers, body: gap === -1 ? "" : text.slice(gap + 4) };
}

/** Whether the app said what its body is, or it is SDP by its looks. Undefined: "missing content-type". */
export function contentTypeOf(message: AppMessage): string | undefined {
  return message.headers.get("content-type") ?? (message.body.startsWith("v=0") ? "application/sdp" : undefined);
}

/** What the server itself puts in; the app's own values of these never count. */
const serverOwned = new Set(["via", "max-forwards", "from", "to", "call-id", "cseq", "content-length", "content-type", "route", "record-route"]);

/** The app's headers that go out as they are. */
export function passedOn(message: AppMessage): [string, string][] {
  const passed: [string, string][] = [];
  for (const { key, name, value } of message.headers.all()) {
    if (!serverOwned.has(key)) passed.push([name, key === "proxy-authorization" || key === "authorization" ? spaced(value) : value]);
  }
  return passed;
}

/** The server prints the parameters of an authorization with a blank after each comma. */
function spaced(value: string): string {
  return value.replace(/,(?=[a-zA-Z]+=)/g, ", ");
}

/** The headers in the server's order and spelling. Content-Length gets its place too; its value is written later. */
export function inServerOrder(headers: Headers): Headers {
  const ordered = new Headers();
  if (!headers.has("content-length")) headers.append("Content-Length", "0");
  const fields = headers.all().map((field) => ({ field, place: placeOf(field.key) }));
  fields.sort((left, right) => left.place - right.place);
  for (const { field } of fields) ordered.append(spellingOf(field.key, field.name), field.value);
  return ordered;
}

/** A URI or name-addr in brackets, `localhost` replaced by `hostport`; parameters of a bare URI become header parameters, as the server prints them. */
export function bracketed(value: string, hostport: string): string {
  const local = value.replace(/([@:])localhost(?::\d+)?(?=[;>?]|$)/, `$1${hostport}`);
  if (local.includes("<")) return local;
  const semicolon = local.indexOf(";");
  return semicolon === -1 ? `<${local}>` : `<${local.slice(0, semicolon)}>${local.slice(semicolon)}`;
}
