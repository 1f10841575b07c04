import type { ClientFailure, ClientTransaction } from "../sip/client-transaction.ts";
import { callerDialog, nextHop } from "../sip/dialog-state.ts";
import { Headers } from "../sip/headers.ts";
import { phraseOf, type SipRequest, type SipResponse, writeMessage } from "../sip/message.ts";
import { cseqOf } from "../sip/parse.ts";
import { token } from "../sip/token.ts";
import type { Peer } from "../sip/transport.ts";
import { tagOf } from "../sip/uri.ts";
import type { AppConnection } from "./app-connection.ts";
import { type AppMessage, bracketed, contentTypeOf, inServerOrder, passedOn } from "./app-message.ts";
import { type DrachtioDialog, dialogIdOf } from "./drachtio-dialog.ts";
import type { ServerCore, Way } from "./server-core.ts";
import { authority, parseStartLine } from "./start-line.ts";

/** An INVITE of an app, until its final response has been acknowledged. */
interface Invitation {
  readonly transaction: ClientTransaction;
  readonly transactionId: string;
  cancelled: boolean;
}

/** Requests of apps outside dialogs, and what comes back for them. */
export class OutsideRequests {
  private readonly core: ServerCore;
  private readonly invitations = new Map<string, Invitation>();

  constructor(core: ServerCore) {
    this.core = core;
  }

  get size(): number {
    return this.invitations.size;
  }

  /** `proxy`: where to send it instead of the Request-URI's host (fifth token of the frame). */
  send(app: AppConnection, id: string, message: AppMessage, proxy: string | undefined): void {
    const start = parseStartLine(message.startLine);
    if (start === undefined) {
      app.reply(id, "NOK", `invalid request-uri: ${message.startLine}`);
      return;
    }
    const contentType = contentTypeOf(message);
    if (message.body !== "" && contentType === undefined) {
      app.reply(id, "NOK", "missing content-type");
      return;
    }
    if (authority(start.uri) === this.core.hostport()) {
      app.reply(id, "NOK", "can not send request to myself");
      return;
    }
    const { stack } = this.core;
    if (!stack.speaks(start.uri)) {
      app.reply(id, "NOK", "requested protocol/transport not available");
      return;
    }
    const peer = stack.peerFor(proxy ?? start.uri);
    const branch = stack.newBranch();
    const request = this.requestOf(message, start, contentType, peer === undefined ? undefined : { transport: peer.transport, branch });
    const transactionId = this.core.newId();
    const dialogId = start.method === "INVITE" ? this.dialogIdFor(request) : "";
    const meta = (text: string) => `${this.core.sentMeta(text, peer)}|${transactionId}|Msg sent:|\r\n${text}`;
    if (peer === undefined) {
      app.reply(id, "OK", meta(writeMessage(request)));
      request.headers.prepend("Via", this.core.viaFor("udp", branch));
      this.tellMadeUp(app, request, 503, "DNS Error", undefined, transactionId, dialogId);
      return;
    }
    if (start.method === "ACK") {
      // Such as one for another fork's answer: it goes out as it is, and nothing comes back for it.
      const text = writeMessage(request);
      stack.transmit(text, peer, true, request);
      app.reply(id, "OK", meta(text));
      return;
    }
    const transaction = stack.send(request, peer, branch, {
      response: (response, from) => {
        if (start.method === "INVITE") this.inviteResponse(app, transactionId, dialogId, request, response, from);
        else if (response.status > 100) this.tellResponse(app, response, from, transactionId, dialogId);
      },
      failed: (failure: ClientFailure) => {
        this.invitations.delete(transactionId);
        const status = failure === "timeout" ? 408 : 503;
        this.tellMadeUp(app, request, status, phraseOf(status), peer, transactionId, dialogId);
      },
    });
    if (start.method === "INVITE") this.invitations.set(transactionId, { transaction, transactionId, cancelled: false });
    app.reply(id, "OK", meta(transaction.text));
  }

  private requestOf(message: AppMessage, start: { method: string; uri: string }, contentType: string | undefined, way: Way | undefined): SipRequest {
    const { core } = this;
    const given = message.headers;
    const headers = new Headers();
    const hostport = core.hostport(way?.transport);
    if (way !== undefined) headers.append("Via", core.viaFor(way.transport, way.branch));
    const from = bracketed(given.get("from") ?? core.contact(way?.transport), hostport);
    headers.append("Max-Forwards", "70");
    headers.append("From", tagOf(from) === undefined ? `${from};tag=${token(core.stack.random, 13)}` : from);
    // A message that cannot be routed is shown as far as it got: no Via, and To as given (transcript 04j).
    const to = given.get("to") ?? start.uri;
    headers.append("To", way === undefined ? to : bracketed(to, hostport));
    headers.append("Call-ID", given.get("call-id") ?? core.newId());
    // The server counts from the clock; what matters is that it grows and stays below 2^31.
    headers.append("CSeq", given.get("cseq") ?? `${Math.floor(core.stack.clock.now() / 2000) % 0x7fff0000} ${start.method}`);
    for (const [name, value] of passedOn(message)) {
      headers.append(name, name.toLowerCase() === "contact" ? bracketed(value, hostport) : value);
    }
    if ((start.method === "INVITE" || start.method === "SUBSCRIBE") && !headers.has("contact"))
      headers.append("Contact", core.contact(way?.transport));
    if (message.body !== "" && contentType !== undefined) headers.append("Content-Type", contentType);
    return { kind: "request", method: start.method, uri: start.uri, headers: inServerOrder(headers), body: message.body };
  }

  private dialogIdFor(request: SipRequest): string {
    return dialogIdOf(request.headers.get("call-id") ?? "", tagOf(request.headers.get("from")) ?? "");
  }

  private inviteResponse(app: AppConnection, transactionId: string, dialogId: string, request: SipRequest, response: SipResponse, from: Peer): void {
    // 100 is never passed up (measured).
    if (response.status <= 100) return;
    if (response.status >= 300) this.invitations.delete(transactionId);
    else if (response.status >= 200 && !this.answered(app, transactionId, dialogId, request, response, from)) return;
    this.tellResponse(app, response, from, transactionId, dialogId);
  }

  /**
   * A 2xx. Over UDP the server takes every further one for a repetition of the first, another fork's too: it repeats the ACK and says nothing (measured, as
   * all of this). Over TCP and TLS another one before the ACK is passed up, and its Contact is where the ACK and the BYE of the first go; after the ACK it is dropped.
   * @returns whether the app is told of it
   */
  private answered(app: AppConnection, transactionId: string, dialogId: string, request: SipRequest, response: SipResponse, from: Peer): boolean {
    const state = callerDialog(request, response);
    if (state === undefined) return false;
    const known = this.core.dialogs.get(dialogId);
    if (known !== undefined) {
      if (from.transport === "udp") this.repeatAck(known);
      else if (known.ackCseq !== undefined) known.state.remoteTarget = state.remoteTarget;
      return from.transport !== "udp" && known.ackCseq !== undefined;
    }
    const invitation = this.invitations.get(transactionId);
    if (invitation === undefined) return false;
    this.core.dialogs.add({
      id: dialogId,
      state,
      owner: app,
      contact: request.headers.get("contact") ?? this.core.contact(from.transport),
      inviteTransactionId: transactionId,
      ackCseq: cseqOf(request)?.number,
      lastAck: undefined,
      ackedOnce: true,
      byeAfterAck: invitation.cancelled,
      repeater: undefined,
    });
    return true;
  }

  private repeatAck(dialog: DrachtioDialog): void {
    const peer = this.core.stack.peerFor(nextHop(dialog.state));
    if (dialog.lastAck !== undefined && peer !== undefined) this.core.stack.transmit(dialog.lastAck.text, peer, true);
  }

  private tellResponse(app: AppConnection, response: SipResponse, from: Peer, transactionId: string, dialogId: string): void {
    const text = this.core.receivedText(response);
    app.tell(`${this.core.networkMeta(Buffer.byteLength(text), from.transport, from.host, from.port)}|${transactionId}|${dialogId}`, text);
  }

  /** A final response nobody sent: no bytes, no address, port 0 (transcript 04j). */
  private tellMadeUp(
    app: AppConnection,
    request: SipRequest,
    status: number,
    reason: string,
    peer: Peer | undefined,
    transactionId: string,
    dialogId: string,
  ): void {
    const own = request.headers;
    const headers = new Headers().append("Via", own.get("via") ?? "").append("From", own.get("from") ?? "");
    const to = (own.get("to") ?? "").replace(/[<>]/g, "");
    headers
      .append("To", `${to};tag=${token(this.core.stack.random, 13)}`)
      .append("Call-ID", own.get("call-id") ?? "")
      .append("CSeq", own.get("cseq") ?? "");
    const text = writeMessage({ kind: "response", status, reason, headers, body: "" });
    app.tell(`${this.core.networkMeta(0, peer?.transport ?? "unknown", "", 0)}|${transactionId}|${dialogId}`, text);
  }

  /** CANCEL by the INVITE's transaction id, from whichever connection (measured: it need not be the one that sent the INVITE). */
  cancel(app: AppConnection, id: string, transactionId: string, message: AppMessage): void {
    const invitation = this.invitations.get(transactionId);
    if (invitation === undefined) {
      app.reply(id, "NOK", `unable to cancel unknown transaction id: ${transactionId}`);
      return;
    }
    const headers = new Headers();
    for (const [name, value] of passedOn(message)) headers.append(name, value);
    const { transaction } = invitation;
    const text = writeMessage(transaction.cancelRequest(headers));
    const done = transaction.cancel(headers);
    invitation.cancelled = true;
    if (!done) app.reply(id, "NOK", `internal server error canceling transaction id: ${transactionId}`);
    else app.reply(id, "OK", `${this.core.sentMeta(text, transaction.peer)}|${this.core.newId()}|Msg sent:|\r\n${text}`);
  }

  /** The app has acknowledged a 2xx: the INVITE can no longer be cancelled. */
  settled(transactionId: string): void {
    this.invitations.delete(transactionId);
  }
}
