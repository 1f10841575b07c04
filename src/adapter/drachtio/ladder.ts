import { describeSdp, keptHeaders, ladderText, type SipNote } from "../../attempt/ladder.ts";
import type { SipDialog, SipMessage, SipRequest, SipResponse } from "./srf.ts";

/** Is told of every message of a leg. */
export type Tell = (note: SipNote) => void;

/**
 * Tells of an INVITE that has left and of every response to it. Attached before the library attaches its own listeners, so that a message is told before
 * what comes of it.
 */
export function watchInvite(request: SipRequest, tell: Tell): void {
  tell(requestNote(request, true));
  watchResponses(request, tell);
  request.on("authenticate", (again) => {
    // The library keeps the challenge to itself; which one it was is told by how it is answered.
    const [status, phrase] = again.has("Proxy-Authorization") ? [407, "Proxy Authentication Required"] : [401, "Unauthorized"];
    tell({ sent: false, status, phrase, ...cseqOf(request) });
    tell(requestNote(again, true));
  });
}

/** Tells of the CANCEL of an INVITE. Its answer is not passed up by drachtio-server. */
export function noteCancel(request: SipRequest, reason: string, tell: Tell): void {
  const { cseq = "" } = cseqOf(request);
  tell({ sent: true, method: "CANCEL", uri: ladderText(request.uri), cseq: cseq.replace("INVITE", "CANCEL"), headers: { Reason: reason } });
}

/** What a dialog of the library is made of: every request inside it goes out through `agent` and comes in through `handle`. */
interface Inner {
  agent: { request(options: object, callback: (error: Error | null, request?: SipRequest) => void): void };
  handle(request: SipRequest, response: InnerResponse): void;
}

interface InnerResponse {
  readonly statusCode?: number;
  once(event: "finish", listener: () => void): void;
}

/** Tells of every request inside an answered leg, by whomever, and of the responses. */
export function watchDialog(dialog: SipDialog, tell: Tell): void {
  const inner = dialog as unknown as Inner;
  const { agent } = inner;
  inner.agent = {
    request: (options, callback) =>
      agent.request(options, (error, request) => {
        if (request) {
          tell(requestNote(request, true));
          watchResponses(request, tell);
        }
        callback(error, request);
      }),
  };
  const handle = inner.handle.bind(dialog);
  inner.handle = (request, response) => {
    // drachtio-server ends a dialog by itself whose ACK does not come through, and says so with the BYE that it sent.
    const ours = request.source === "application";
    tell(requestNote(request, ours));
    if (!ours) response.once("finish", () => tell({ sent: true, status: response.statusCode ?? 200, phrase: "", ...cseqOf(request) }));
    handle(request, response);
  };
}

function watchResponses(request: SipRequest, tell: Tell): void {
  request.on("response", (response) => {
    tell(responseNote(response));
    // The library acknowledges at once (RFC 3261 §13.2.2.4); the ACK of a refusal is drachtio-server's own.
    const { cseq } = cseqOf(response);
    if (response.status >= 200 && response.status < 300 && cseq?.endsWith("INVITE"))
      tell({ sent: true, method: "ACK", cseq: cseq.replace("INVITE", "ACK") });
  });
}

/** A request as the ladder has it. */
export function requestNote(request: Pick<SipRequest, "method" | "uri" | "get" | "body">, sent: boolean): SipNote {
  return {
    sent,
    method: ladderText(request.method),
    uri: ladderText(request.uri),
    ...cseqOf(request),
    ...(!sent && headersOf(request)),
    ...sdpOf(request),
  };
}

export function responseNote(response: SipResponse): SipNote {
  const { status, reason, source_address: host, source_port: port, protocol } = response;
  return {
    sent: false,
    status,
    phrase: ladderText(reason ?? ""),
    ...cseqOf(response),
    ...(host ? { from: ladderText(`${host}:${port ?? 5060}/${protocol ?? "udp"}`) } : { madeUp: true }),
    ...(status >= 180 && headersOf(response)),
    ...sdpOf(response),
  };
}

function cseqOf(message: Pick<SipMessage, "get">): { cseq?: string } {
  const cseq = message.get("CSeq");
  return cseq === undefined ? {} : { cseq: ladderText(cseq) };
}

function headersOf(message: Pick<SipMessage, "get">): { headers?: Record<string, string> } {
  const kept = keptHeaders.flatMap((name) => {
    const value: unknown = message.get(name);
    return typeof value === "string" ? [[name, ladderText(value)]] : [];
  });
  return kept.length > 0 ? { headers: Object.fromEntries(kept) } : {};
}

function sdpOf({ body }: Pick<SipMessage, "body">): { sdp?: string } {
  const sdp = describeSdp(body);
  return sdp === undefined ? {} : { sdp };
}
