import type { ClientFailure } from "./client-transaction.ts";
import { type DialogState, dialogKey, dialogRequest, nextHop } from "./dialog-state.ts";
import { type SipRequest, type SipResponse, writeMessage } from "./message.ts";
import { cseqOf } from "./parse.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import type { SipStack } from "./stack.ts";
import { SuccessRepeater } from "./success-repeater.ts";
import { failureResponse } from "./synthetic.ts";
import type { TransportName } from "./transport.ts";

/** How a re-INVITE is answered: an SDP, or a refusal. */
export type ReinviteAnswer = string | { readonly status: number; readonly reason?: string };

/** The agent that keeps dialogs. */
export interface DialogOwner {
  readonly stack: SipStack;
  contactFor(transport: TransportName, user: string): string;
  forgetDialog(dialog: SipDialog): void;
}

export interface RequestParts {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

/** One established call, from either side (RFC 3261 §12). */
export class SipDialog {
  /** Call-ID, our tag and their tag, joined by |. */
  readonly id: string;
  readonly callId: string;
  readonly state: DialogState;
  /** SDP we sent last and received last; undefined before there is one. */
  localSdp: string | undefined;
  remoteSdp: string | undefined;
  /** The body of the ACK, when the 2xx carried the offer. */
  ackSdp: string | undefined;
  /** Asked for an answer to a re-INVITE; by default the SDP we sent last is repeated. `offer` is undefined when the far side wants our offer. */
  onReinvite: (offer: string | undefined, request: SipRequest) => ReinviteAnswer | Promise<ReinviteAnswer> = () => this.localSdp ?? "";
  /** The ACK to a re-INVITE's 2xx came; with its body, when the 2xx carried the offer. */
  onReinviteAck: (answer: string | undefined) => void = () => {};
  /** Told of a BYE, which has been answered 200. */
  onBye: (request: SipRequest) => void = () => {};
  /** Other requests within the dialog (INFO, UPDATE, OPTIONS …); by default answered 200. It must reply. */
  onRequest: (transaction: ServerTransaction) => void = (transaction) => void transaction.reply(200);
  /** Resolves when the dialog is over, with the side that ended it; "lost" when no ACK came, or the agent closed. */
  readonly ended: Promise<"local" | "remote" | "lost">;
  private readonly owner: DialogOwner;
  private readonly user: string;
  private settle: (by: "local" | "remote" | "lost") => void = () => {};
  private over = false;
  private reinviting = false;
  private repeater: SuccessRepeater | undefined;
  private acknowledged: ((ack: SipRequest | undefined) => void) | undefined;
  private lastAck: { readonly cseq: number; readonly text: string } | undefined;

  constructor(owner: DialogOwner, state: DialogState, user: string) {
    this.owner = owner;
    this.state = state;
    this.user = user;
    this.callId = state.callId;
    this.id = dialogKey(state.callId, state.localTag, state.remoteTag);
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get isEnded(): boolean {
    return this.over;
  }

  /** Where our requests go, unless there is a route. */
  get remoteTarget(): string {
    return this.state.remoteTarget;
  }

  /** Repeats a 2xx until its ACK comes. `done` gets the ACK, or undefined when none came within 64*T1. */
  awaitAck(repeat: () => void, done: (ack: SipRequest | undefined) => void): void {
    const { clock, timers } = this.owner.stack;
    this.acknowledged = done;
    this.repeater = new SuccessRepeater(clock, timers, repeat, () => this.acknowledge(undefined));
  }

  /** An ACK of this dialog came, or never will. */
  acknowledge(ack: SipRequest | undefined): void {
    this.repeater?.stop();
    this.repeater = undefined;
    const done = this.acknowledged;
    this.acknowledged = undefined;
    done?.(ack);
  }

  /** Sends (and keeps, for repeated 2xx) the ACK of a 2xx to an INVITE of ours (RFC 3261 §13.2.2.4). */
  sendAck(cseq: number, sdp?: string): void {
    const { stack } = this.owner;
    const peer = stack.peerFor(nextHop(this.state));
    if (this.lastAck?.cseq !== cseq) {
      const request = dialogRequest(this.state, "ACK", cseq);
      request.headers.prepend("Via", stack.viaFor(peer?.transport ?? "udp", stack.newBranch()));
      if (sdp !== undefined) request.headers.append("Content-Type", "application/sdp");
      this.lastAck = { cseq, text: writeMessage({ ...request, body: sdp ?? "" }) };
    }
    if (peer !== undefined) stack.transmit(this.lastAck.text, peer, true);
  }

  /** Any request within the dialog. Resolves with the final response, a made-up 408 or 503 when there is none. */
  request(method: string, parts: RequestParts = {}, onSuccess?: (response: SipResponse, cseq: number) => void): Promise<SipResponse> {
    const { stack } = this.owner;
    const base = dialogRequest(this.state, method);
    const cseq = this.state.localCseq;
    const peer = stack.peerFor(nextHop(this.state));
    const branch = stack.newBranch();
    base.headers.prepend("Via", stack.viaFor(peer?.transport ?? "udp", branch));
    if (method === "INVITE" || method === "UPDATE") base.headers.append("Contact", this.owner.contactFor(peer?.transport ?? "udp", this.user));
    for (const [name, value] of Object.entries(parts.headers ?? {})) base.headers.append(name, value);
    if (parts.body !== undefined) base.headers.append("Content-Type", parts.contentType ?? "application/sdp");
    const request = { ...base, body: parts.body ?? "" };
    if (peer === undefined) return Promise.resolve(failureResponse(request, "unreachable"));
    return new Promise((resolve) => {
      stack.send(request, peer, branch, {
        response: (response) => {
          if (response.status < 200) return;
          if (response.status < 300) onSuccess?.(response, cseq);
          resolve(response);
        },
        failed: (failure: ClientFailure) => resolve(failureResponse(request, failure)),
      });
    });
  }

  /** Ends the call. Resolves with the answer to the BYE, or with a made-up 481 when it was over already. */
  async bye(headers?: Readonly<Record<string, string>>): Promise<SipResponse> {
    if (this.over) return failureResponse(dialogRequest(this.state, "BYE"), "gone");
    const answer = this.request("BYE", { headers });
    this.finish("local");
    return answer;
  }

  /** Sends a re-INVITE and acknowledges its answer. Without an SDP the far side makes the offer and `answerOffer` the answer, which goes into the ACK. */
  async reinvite(
    sdp: string | undefined,
    options: { headers?: Readonly<Record<string, string>>; answerOffer?: (offer: string) => string } = {},
  ): Promise<SipResponse> {
    this.reinviting = true;
    const response = await this.request("INVITE", { headers: options.headers, body: sdp }, (success, cseq) => {
      const answer = sdp === undefined ? (options.answerOffer?.(success.body) ?? this.localSdp) : undefined;
      this.sendAck(cseq, answer);
      this.remoteSdp = success.body;
      this.localSdp = sdp ?? answer;
    });
    this.reinviting = false;
    return response;
  }

  info(body: string, contentType: string): Promise<SipResponse> {
    return this.request("INFO", { body, contentType });
  }

  /** Forgets the call without a word, as a device that lost power: later requests of the far side get 481. */
  vanish(): void {
    this.finish("local");
  }

  /** A request of the far side within this dialog. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    const cseq = cseqOf(request)?.number ?? 0;
    if (this.state.remoteCseq !== undefined && cseq < this.state.remoteCseq) {
      transaction.reply(500, { headers: { Warning: '399 carillon "CSeq went backwards"' } });
      return;
    }
    this.state.remoteCseq = cseq;
    if (request.method === "BYE") {
      transaction.reply(200);
      this.finish("remote");
      this.onBye(request);
    } else if (request.method === "INVITE") void this.receiveReinvite(transaction);
    else this.onRequest(transaction);
  }

  private async receiveReinvite(transaction: ServerTransaction): Promise<void> {
    if (this.reinviting || this.repeater !== undefined) {
      // Both sides at once: RFC 3261 §14.2.
      transaction.reply(491);
      return;
    }
    const { request } = transaction;
    const target = request.headers.list("contact")[0];
    transaction.reply(100);
    const offer = request.body === "" ? undefined : request.body;
    const answer = await this.onReinvite(offer, request);
    if (typeof answer !== "string") {
      transaction.reply(answer.status, { reason: answer.reason });
      return;
    }
    if (target !== undefined) this.retarget(target);
    const contact = this.owner.contactFor(transaction.peer.transport, this.user);
    const respond = () => transaction.reply(200, { contact, sdp: answer });
    if (respond() === undefined) return;
    this.localSdp = answer;
    if (offer !== undefined) this.remoteSdp = offer;
    this.awaitAck(respond, (ack) => {
      if (ack === undefined) void this.bye();
      else {
        if (offer === undefined && ack.body !== "") this.remoteSdp = ack.body;
        this.onReinviteAck(ack.body === "" ? undefined : ack.body);
      }
    });
  }

  private retarget(contact: string): void {
    const uri = /<([^>]+)>/.exec(contact)?.[1] ?? contact.split(";")[0];
    if (uri !== undefined) this.state.remoteTarget = uri;
  }

  /** Marks the dialog as over and lets go of its timers. */
  finish(by: "local" | "remote" | "lost"): void {
    if (this.over) return;
    this.over = true;
    this.acknowledge(undefined);
    this.owner.forgetDialog(this);
    this.settle(by);
  }
}
