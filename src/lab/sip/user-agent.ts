import type { ClientFailure } from "./client-transaction.ts";
import type { SipDialog } from "./dialog.ts";
import { dialogKey } from "./dialog-state.ts";
import type { Credentials } from "./digest.ts";
import { Headers } from "./headers.ts";
import { type CallOwner, IncomingCall } from "./incoming-call.ts";
import { responseTo, type SipRequest, type SipResponse } from "./message.ts";
import { answerChallenge, type InviteOptions, OutgoingCall } from "./outgoing-call.ts";
import { cseqOf } from "./parse.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import { SipStack, type StackOptions, type WireMessage } from "./stack.ts";
import { failureResponse } from "./synthetic.ts";
import { token } from "./token.ts";
import type { TransportName } from "./transport.ts";
import { parseNameAddress, tagOf } from "./uri.ts";

export type { WireMessage };

export interface SipAgentOptions extends StackOptions {
  /** Server header of responses and User-Agent of requests. */
  readonly product?: string;
}

export interface RequestOptions {
  readonly method: string;
  readonly uri: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Answers one 401 or 407. */
  readonly auth?: Credentials | undefined;
}

const knownMethods = new Set([
  "INVITE",
  "ACK",
  "BYE",
  "CANCEL",
  "OPTIONS",
  "REGISTER",
  "MESSAGE",
  "INFO",
  "UPDATE",
  "SUBSCRIBE",
  "NOTIFY",
  "REFER",
  "PRACK",
  "PUBLISH",
]);
const allowed = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE";

/** A SIP user agent, both caller and called (RFC 3261). The lab's far sides are built on it. */
export class SipAgent implements CallOwner {
  readonly stack: SipStack;
  readonly product: string;
  /** An initial INVITE. Without a handler it is answered 480. */
  onInvite: (call: IncomingCall) => void = (call) => call.reject(480);
  /** Other requests outside dialogs; must reply. By default OPTIONS gets 200, known methods 405, unknown ones 501. */
  onRequest: (transaction: ServerTransaction) => void = answerByDefault;
  private readonly dialogs = new Map<string, SipDialog>();
  /** Those that ring, by the dialog that a provisional response of ours begins. */
  private readonly early = new Map<string, IncomingCall>();
  private readonly calls = new Set<OutgoingCall>();

  constructor(options: SipAgentOptions) {
    this.product = options.product ?? "Carillon lab";
    this.stack = new SipStack(options, {
      request: (transaction) => this.receive(transaction),
      ack: (request) => this.receiveAck(request),
    });
  }

  /** UDP and TCP share the number. */
  get port(): number {
    return this.stack.port;
  }

  get host(): string {
    return this.stack.host;
  }

  /** What is still open, for leak checks. */
  get counts(): { readonly dialogs: number; readonly clients: number; readonly servers: number; readonly connections: number } {
    return { dialogs: this.dialogs.size, ...this.stack.counts };
  }

  /** Rejects with the system's error (EADDRINUSE) when the port is taken. */
  listen(): Promise<void> {
    return this.stack.listen();
  }

  /** Closes sockets and timers; what was up is forgotten without a word to the far side. */
  async close(): Promise<void> {
    for (const dialog of [...this.dialogs.values()]) dialog.finish("lost");
    for (const call of this.calls) call.abandon();
    await this.stack.close();
  }

  contactFor(transport: TransportName, user: string): string {
    const name = user === "" ? "" : `${user}@`;
    // Who is called by sips must answer with sips (RFC 3261 §12.1.1), and drachtio-server's own Contact is such a one.
    const scheme = transport === "tls" ? "sips" : "sip";
    return `<${scheme}:${name}${this.host}:${this.stack.portOf(transport)}${transport === "udp" ? "" : `;transport=${transport}`}>`;
  }

  keepDialog(dialog: SipDialog): void {
    this.dialogs.set(dialog.id, dialog);
  }

  forgetDialog(dialog: SipDialog): void {
    this.dialogs.delete(dialog.id);
  }

  /** Places a call. The INVITE leaves within this very turn, so set the handlers right after. */
  invite(options: InviteOptions): OutgoingCall {
    const base = this.outside("INVITE", options);
    if (!base.headers.has("contact")) {
      const transport = this.stack.peerFor(options.uri)?.transport ?? "udp";
      base.headers.append("Contact", this.contactFor(transport, userPart(options.from)));
    }
    if (options.sdp !== undefined && !base.headers.has("content-type")) base.headers.append("Content-Type", "application/sdp");
    const call = new OutgoingCall(this, { ...base, body: options.sdp ?? "" }, options);
    this.calls.add(call);
    void call.final.then(() => this.calls.delete(call));
    call.start();
    return call;
  }

  /** Sends a request outside any dialog. Resolves with its final response, a made-up 408 or 503 when there is none. */
  async request(options: RequestOptions): Promise<SipResponse> {
    const base = { ...this.outside(options.method, { from: `<sip:lab@${this.host}>`, ...options }), body: options.body ?? "" };
    const response = await this.once(base);
    if (options.auth === undefined) return response;
    const answer = answerChallenge(base, response, options.auth, token(this.stack.random, 8));
    if (answer === undefined) return response;
    const headers = base.headers.clone().append(...answer);
    headers.set("CSeq", `${(cseqOf(base)?.number ?? 1) + 1} ${options.method}`);
    return this.once({ ...base, headers });
  }

  private once(base: SipRequest): Promise<SipResponse> {
    const peer = this.stack.peerFor(base.uri);
    const branch = this.stack.newBranch();
    const headers = base.headers.clone().prepend("Via", this.stack.viaFor(peer?.transport ?? "udp", branch));
    const request = { ...base, headers };
    if (peer === undefined) return Promise.resolve(failureResponse(request, "unreachable"));
    return new Promise((resolve) => {
      this.stack.send(request, peer, branch, {
        response: (response) => {
          if (response.status >= 200) resolve(response);
        },
        failed: (failure: ClientFailure) => resolve(failureResponse(request, failure)),
      });
    });
  }

  private outside(
    method: string,
    options: { uri: string; from?: string | undefined; to?: string | undefined; headers?: Readonly<Record<string, string>> | undefined },
  ): SipRequest {
    const from = options.from ?? `<sip:lab@${this.host}>`;
    const tagged = tagOf(from) === undefined ? `${from.includes("<") ? from : `<${from}>`};tag=${token(this.stack.random, 12)}` : from;
    const headers = new Headers().append("Max-Forwards", "70").append("From", tagged);
    headers.append("To", options.to ?? `<${options.uri}>`);
    headers.append("Call-ID", `${token(this.stack.random, 22)}@${this.host}:${this.port}`);
    headers.append("CSeq", `1 ${method}`).append("User-Agent", this.product);
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
    return { kind: "request", method, uri: options.uri, headers, body: "" };
  }

  private receiveAck(request: SipRequest): void {
    this.dialogs.get(keyOf(request))?.acknowledge(request);
  }

  private receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (tagOf(request.headers.get("to")) !== undefined) {
      const dialog = this.dialogs.get(keyOf(request));
      const call = this.early.get(keyOf(request));
      if (dialog !== undefined) dialog.receive(transaction);
      else if (request.method === "BYE" && call?.isOver === false) {
        transaction.reply(200);
        call.hungUp(request);
      } else transaction.reply(481);
    } else if (request.headers.has("require")) {
      // We support no extension that a request could require (RFC 3261 §8.2.2.3).
      transaction.reply(420, { headers: { Unsupported: request.headers.list("require").join(", ") } });
    } else if (request.method === "INVITE") {
      transaction.respond(responseTo(request, 100));
      const call = new IncomingCall(this, transaction);
      const key = keyOf(request, transaction.localTag);
      this.early.set(key, call);
      transaction.onTerminated = () => this.early.delete(key);
      this.onInvite(call);
    } else if (request.method === "BYE") transaction.reply(481);
    else this.onRequest(transaction);
  }
}

/** The dialog a request came in: of one outside any, the dialog that a tag of ours makes. */
function keyOf({ headers }: SipRequest, localTag = tagOf(headers.get("to")) ?? ""): string {
  return dialogKey(headers.get("call-id") ?? "", localTag, tagOf(headers.get("from")) ?? "");
}

function userPart(from: string): string {
  const uri = parseNameAddress(from)?.uri ?? from;
  return /^sips?:([^@;]+)@/i.exec(uri)?.[1] ?? "";
}

/** OPTIONS: 200 with what we can (RFC 3261 §11.2); known methods 405, unknown 501 (§8.2.1). */
export function answerByDefault(transaction: ServerTransaction): void {
  const { method } = transaction.request;
  if (method === "OPTIONS") transaction.reply(200, { headers: { Allow: allowed, Accept: "application/sdp" } });
  else transaction.reply(knownMethods.has(method) ? 405 : 501, { headers: { Allow: allowed } });
}
