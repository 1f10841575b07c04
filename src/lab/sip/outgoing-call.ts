import type { ClientTransaction } from "./client-transaction.ts";
import { SipDialog } from "./dialog.ts";
import { callerDialog } from "./dialog-state.ts";
import { authorize, type Credentials } from "./digest.ts";
import { Headers } from "./headers.ts";
import type { CallOwner } from "./incoming-call.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { cseqOf } from "./parse.ts";
import { failureResponse } from "./synthetic.ts";
import { token } from "./token.ts";
import { tagOf, userOf } from "./uri.ts";

export interface InviteOptions {
  /** Request-URI; `;transport=tcp` chooses TCP. */
  readonly uri: string;
  /** From value, e.g. <sip:100@lab>; its tag is added. */
  readonly from: string;
  /** To value; the Request-URI when left out. */
  readonly to?: string | undefined;
  /** Undefined: the far side makes the offer, and `answerOffer` the answer that goes into the ACK. */
  readonly sdp?: string | undefined;
  readonly answerOffer?: ((offer: string) => string) | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Answers one 401 or 407. */
  readonly auth?: Credentials | undefined;
}

export type CallEnd =
  | { readonly ok: true; readonly dialog: SipDialog; readonly response: SipResponse }
  | { readonly ok: false; readonly response: SipResponse };

/** The headers of a challenge answered: Authorization or Proxy-Authorization, or undefined when it cannot be. */
export function answerChallenge(request: SipRequest, response: SipResponse, auth: Credentials, cnonce: string): [string, string] | undefined {
  const [asked, name] = response.status === 407 ? ["proxy-authenticate", "Proxy-Authorization"] : ["www-authenticate", "Authorization"];
  if (response.status !== 401 && response.status !== 407) return undefined;
  for (const challenge of response.headers.lines(asked)) {
    const value = authorize(challenge, request.method, request.uri, auth, cnonce);
    if (value !== undefined) return [name, value];
  }
  return undefined;
}

/** An INVITE of ours. */
export class OutgoingCall {
  readonly callId: string;
  /** 101..199; 100 too. */
  onProvisional: (response: SipResponse) => void = () => {};
  /** A further 2xx with another To tag (another fork answered). It has been acknowledged; by default it is ended at once (RFC 3261 §13.2.2.4). */
  onFork: (dialog: SipDialog, response: SipResponse) => void = (dialog) => void dialog.bye();
  /** Resolves once: answered (ACK sent), or not. Silence is a made-up 408, nobody there a made-up 503. Never rejects. */
  readonly final: Promise<CallEnd>;
  private readonly owner: CallOwner;
  private readonly options: InviteOptions;
  private readonly dialogs = new Map<string, SipDialog>();
  private settle: (end: CallEnd) => void = () => {};
  private transaction: ClientTransaction | undefined;
  private request: SipRequest;
  private cancelled = false;

  constructor(owner: CallOwner, request: SipRequest, options: InviteOptions) {
    this.owner = owner;
    this.options = options;
    this.request = request;
    this.callId = request.headers.get("call-id") ?? "";
    this.final = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** The INVITE as sent last. */
  get invite(): SipRequest {
    return this.request;
  }

  /** Sends the INVITE; the agent calls it. */
  start(): void {
    this.send(this.request);
  }

  private send(base: SipRequest): void {
    const { stack } = this.owner;
    const peer = stack.peerFor(this.options.uri);
    const branch = stack.newBranch();
    const headers = base.headers.clone().prepend("Via", stack.viaFor(peer?.transport ?? "udp", branch));
    const request: SipRequest = { ...base, headers };
    this.request = base;
    if (peer === undefined) {
      this.settle({ ok: false, response: failureResponse(request, "unreachable") });
      return;
    }
    this.transaction = stack.send(request, peer, branch, {
      response: (response) => this.receive(request, response),
      failed: (failure) => this.settle({ ok: false, response: failureResponse(request, failure) }),
    });
  }

  private receive(request: SipRequest, response: SipResponse): void {
    if (response.status < 200) this.onProvisional(response);
    else if (response.status < 300) this.success(request, response);
    else if (!this.tryAgain(request, response)) this.settle({ ok: false, response });
  }

  private tryAgain(request: SipRequest, response: SipResponse): boolean {
    const { auth } = this.options;
    if (auth === undefined || this.cancelled || request.headers.has("authorization") || request.headers.has("proxy-authorization")) return false;
    const answer = answerChallenge(request, response, auth, token(this.owner.stack.random, 8));
    if (answer === undefined) return false;
    const headers = this.request.headers.clone().append(...answer);
    headers.set("CSeq", `${(cseqOf(request)?.number ?? 1) + 1} INVITE`);
    this.send({ ...this.request, headers });
    return true;
  }

  private success(request: SipRequest, response: SipResponse): void {
    const cseq = cseqOf(request)?.number ?? 1;
    const tag = tagOf(response.headers.get("to")) ?? "";
    const known = this.dialogs.get(tag);
    if (known !== undefined) {
      known.sendAck(cseq);
      return;
    }
    const state = callerDialog(request, response);
    if (state === undefined) return;
    const dialog = new SipDialog(this.owner, state, userOf(request.headers.get("from") ?? ""));
    const answer = this.options.sdp === undefined ? this.options.answerOffer?.(response.body) : undefined;
    dialog.localSdp = this.options.sdp ?? answer;
    dialog.remoteSdp = response.body === "" ? undefined : response.body;
    const first = this.dialogs.size === 0;
    this.dialogs.set(tag, dialog);
    this.owner.keepDialog(dialog);
    dialog.sendAck(cseq, answer);
    if (first) this.settle({ ok: true, dialog, response });
    else this.onFork(dialog, response);
  }

  /** Ends the ringing; `final` then tells how it went, which may still be an answer that crossed. */
  cancel(headers?: Readonly<Record<string, string>>): void {
    this.cancelled = true;
    this.transaction?.cancel(Headers.from(headers));
  }

  /** The agent closes: nobody is going to answer. */
  abandon(): void {
    this.settle({ ok: false, response: failureResponse(this.request, "unreachable") });
  }
}
