import { type DialogOwner, SipDialog } from "./dialog.ts";
import { calleeDialog } from "./dialog-state.ts";
import { phraseOf, responseTo, type SipRequest, writeMessage } from "./message.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import { token } from "./token.ts";
import type { Peer } from "./transport.ts";
import { userOf } from "./uri.ts";

/** The agent, as an incoming call needs it. */
export interface CallOwner extends DialogOwner {
  keepDialog(dialog: SipDialog): void;
}

export interface ResponseOptions {
  readonly sdp?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An INVITE that came in, until and after it is answered. 100 Trying has been sent already. */
export class IncomingCall {
  readonly request: SipRequest;
  readonly peer: Peer;
  readonly callId: string;
  /** User part of the Request-URI: the number called. */
  readonly calledUser: string;
  /** User part of From: the caller id. */
  readonly callerUser: string;
  /** The SDP offer; undefined when the answer should carry the offer. */
  readonly offer: string | undefined;
  /** Seconds after which the caller wants the ringing to end (Expires, RFC 3261 §20.19); undefined when it did not say. */
  readonly expiresS: number | undefined;
  /** Resolves when a CANCEL, or a BYE in the early dialog, came in time. */
  readonly cancelled: Promise<void>;
  /** What to do on CANCEL (which is answered 200 already). By default the INVITE is answered 487; a persona may answer otherwise. */
  onCancel: (cancel: SipRequest) => void = () => void this.reject(487);
  /** No ACK came for our rejection within 64*T1. */
  onUnacknowledged: () => void = () => {};
  private readonly owner: CallOwner;
  private readonly transaction: ServerTransaction;
  private answers = 0;
  private latest: SipDialog | undefined;

  constructor(owner: CallOwner, transaction: ServerTransaction) {
    this.owner = owner;
    this.transaction = transaction;
    const { request } = transaction;
    this.request = request;
    this.peer = transaction.peer;
    this.callId = request.headers.get("call-id") ?? "";
    this.calledUser = userOf(request.uri);
    this.callerUser = userOf(request.headers.get("from") ?? "");
    this.offer = request.body === "" ? undefined : request.body;
    const expires = request.headers.get("expires") ?? "";
    this.expiresS = /^\d{1,10}$/.test(expires) ? Number(expires) : undefined;
    this.cancelled = new Promise((resolve) => {
      transaction.onCancel = (cancel) => {
        resolve();
        this.onCancel(cancel);
      };
    });
    transaction.onUnacknowledged = () => this.onUnacknowledged();
  }

  /** A BYE before the answer ends an early dialog, as a CANCEL does (RFC 3261 §15.1.2); it has been answered 200. */
  hungUp(bye: SipRequest): void {
    this.transaction.onCancel?.(bye, writeMessage(bye));
  }

  /** Whether a final response has been sent. */
  get isOver(): boolean {
    return !this.transaction.isOpen;
  }

  /** The dialog of the last answer, from the moment it was sent: nobody need wait for the ACK to end it. */
  get dialog(): SipDialog | undefined {
    return this.latest;
  }

  private contact(): string {
    return this.owner.contactFor(this.peer.transport, this.calledUser);
  }

  /** Sends 101..199; an SDP makes it early media. */
  provisional(status: number, reason = phraseOf(status), options: ResponseOptions = {}): void {
    const contact = status === 100 ? undefined : this.contact();
    if (!this.isOver) this.transaction.reply(status, { reason, contact, ...options });
  }

  /**
   * Answers 200 and repeats it until the ACK. Resolves with the dialog when the ACK has come; when none comes within 64*T1, BYE is sent and the dialog it
   * resolves with is ended. Resolves with undefined when it was too late to answer. A second call is the answer of another fork: it gets a To tag of its own.
   * @param sdp the answer, or our offer when the INVITE had none (the answer is then in the dialog's `ackSdp`)
   */
  answer(sdp: string | undefined, headers?: Readonly<Record<string, string>>): Promise<SipDialog | undefined> {
    const fork = this.answers > 0;
    const toTag = fork ? token(this.owner.stack.random, 12) : this.transaction.localTag;
    const contact = this.contact();
    const success = responseTo(this.request, 200, { toTag, contact, sdp, headers });
    if (this.transaction.respond(success) === undefined) return Promise.resolve(undefined);
    this.answers += 1;
    const dialog = new SipDialog(this.owner, calleeDialog(this.request, toTag), this.calledUser);
    dialog.localSdp = sdp;
    dialog.remoteSdp = this.offer;
    this.owner.keepDialog(dialog);
    this.latest = dialog;
    return new Promise((resolve) => {
      const repeat = () => void this.transaction.respond(success);
      dialog.awaitAck(repeat, (ack) => {
        if (ack === undefined) void dialog.bye();
        else if (ack.body !== "") {
          dialog.ackSdp = ack.body;
          if (this.offer === undefined) dialog.remoteSdp = ack.body;
        }
        resolve(dialog);
      });
    });
  }

  /** Sends a final response from 300 up. */
  reject(status: number, reason = phraseOf(status), headers?: Readonly<Record<string, string>>): void {
    if (!this.isOver) this.transaction.reply(status, { reason, headers, contact: status < 400 ? undefined : this.contact() });
  }
}
