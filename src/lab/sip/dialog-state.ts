import { Headers } from "./headers.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { cseqOf } from "./parse.ts";
import { parseNameAddress, parseUri, tagOf } from "./uri.ts";

/** What both ends of a dialog must remember (RFC 3261 §12.1). */
export interface DialogState {
  readonly callId: string;
  /** Our From (in requests) or To (in responses), with its tag. */
  readonly local: string;
  readonly remote: string;
  readonly localTag: string;
  readonly remoteTag: string;
  localCseq: number;
  /** Undefined until the far side has sent a request. */
  remoteCseq: number | undefined;
  /** The far side's Contact URI. */
  remoteTarget: string;
  readonly routes: readonly string[];
}

/** The dialog a 2xx (or a tagged provisional) makes for its caller (RFC 3261 §12.1.2). Undefined when the response has no To tag. */
export function callerDialog(request: SipRequest, response: SipResponse): DialogState | undefined {
  const remoteTag = tagOf(response.headers.get("to"));
  const localTag = tagOf(request.headers.get("from"));
  if (remoteTag === undefined || localTag === undefined) return undefined;
  return {
    callId: request.headers.get("call-id") ?? "",
    local: request.headers.get("from") ?? "",
    remote: response.headers.get("to") ?? "",
    localTag,
    remoteTag,
    localCseq: cseqOf(request)?.number ?? 1,
    remoteCseq: undefined,
    remoteTarget: contactUri(response.headers) ?? request.uri,
    routes: response.headers.list("record-route").reverse(),
  };
}

/** The dialog a call makes for the one who answers it with `localTag` (RFC 3261 §12.1.1). */
export function calleeDialog(request: SipRequest, localTag: string): DialogState {
  const from = request.headers.get("from") ?? "";
  const to = request.headers.get("to") ?? "";
  return {
    callId: request.headers.get("call-id") ?? "",
    local: tagOf(to) === undefined ? `${to};tag=${localTag}` : to,
    remote: from,
    localTag: tagOf(to) ?? localTag,
    remoteTag: tagOf(from) ?? "",
    localCseq: 0,
    remoteCseq: cseqOf(request)?.number,
    remoteTarget: contactUri(request.headers) ?? parseNameAddress(from)?.uri ?? request.uri,
    routes: request.headers.list("record-route"),
  };
}

/** The URI of the first Contact; undefined when there is none that can be read. */
export function contactUri(headers: Headers): string | undefined {
  const [contact] = headers.list("contact");
  const uri = contact === undefined ? undefined : parseNameAddress(contact)?.uri;
  return uri !== undefined && parseUri(uri) !== undefined ? uri : undefined;
}

/** A request within the dialog, still without Via and Contact (RFC 3261 §12.2.1.1). `cseq`: the INVITE's, for ACK; otherwise the next number is taken. */
export function dialogRequest(dialog: DialogState, method: string, cseq?: number): SipRequest {
  if (cseq === undefined) dialog.localCseq += 1;
  const headers = new Headers().append("Max-Forwards", "70");
  for (const route of dialog.routes) headers.append("Route", route);
  headers.append("From", dialog.local).append("To", dialog.remote).append("Call-ID", dialog.callId);
  headers.append("CSeq", `${cseq ?? dialog.localCseq} ${method}`);
  return { kind: "request", method, uri: dialog.remoteTarget, headers, body: "" };
}

/** The URI a request of the dialog is sent to: its first route, else the far side's Contact. */
export function nextHop(dialog: DialogState): string {
  const [route] = dialog.routes;
  return (route === undefined ? undefined : parseNameAddress(route)?.uri) ?? dialog.remoteTarget;
}

/** Key under which a dialog is found: Call-ID, our tag, their tag (RFC 3261 §12). */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}|${localTag}|${remoteTag}`;
}
