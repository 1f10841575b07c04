import type { Timer } from "../../kernel/clock.ts";
import { type ResponseParts, responseTo, type SipRequest, type SipResponse, writeMessage } from "./message.ts";
import type { TransactionHost } from "./transaction-host.ts";
import type { Peer } from "./transport.ts";

/**
 * One request that came in (RFC 3261 §17.2, with RFC 6026's accepted state for INVITE). It answers retransmissions by itself, and retransmits a final response
 * from 300 up until the ACK; retransmitting a 2xx is its user's business (§13.3.1.4).
 */
export class ServerTransaction {
  readonly request: SipRequest;
  /** Where the request came from, and where responses go. */
  readonly peer: Peer;
  readonly key: string;
  /** The To tag of our responses (RFC 3261 §8.2.6.2), the same for all of them. */
  readonly localTag: string;
  /** Set by its user: a CANCEL came for this INVITE (it has been answered 200 already). */
  onCancel: ((cancel: SipRequest, text: string) => void) | undefined;
  /** Set by its user: no ACK came for a final response within 64*T1. */
  onUnacknowledged: (() => void) | undefined;
  /** Set by its user: the transaction is over and will not be heard of again. */
  onTerminated: (() => void) | undefined;
  private readonly host: TransactionHost;
  private readonly isInvite: boolean;
  private state: "trying" | "proceeding" | "accepted" | "completed" | "confirmed" | "terminated" = "trying";
  private last: string | undefined;
  private resend: Timer | undefined;
  private end: Timer | undefined;

  constructor(host: TransactionHost, request: SipRequest, peer: Peer, key: string, localTag: string) {
    this.host = host;
    this.request = request;
    this.peer = peer;
    this.key = key;
    this.localTag = localTag;
    this.isInvite = request.method === "INVITE";
  }

  /** Whether no final response has been sent yet. */
  get isOpen(): boolean {
    return this.state === "trying" || this.state === "proceeding";
  }

  /** Whether a 2xx has been sent. */
  get wasAccepted(): boolean {
    return this.state === "accepted";
  }

  /** The request came again. */
  repeat(): void {
    if (this.last !== undefined && (this.state === "proceeding" || this.state === "completed")) this.host.transmit(this.last, this.peer, false);
  }

  /** Sends a response that copies what it must from the request (`responseTo`), with this transaction's To tag. */
  reply(status: number, parts: ResponseParts = {}): string | undefined {
    return this.respond(responseTo(this.request, status, status === 100 ? parts : { toTag: this.localTag, ...parts }));
  }

  /**
   * Sends a response. After a final one only further 2xx of an INVITE leave (another fork's, or a retransmission).
   * @returns the text that left, or undefined when it came too late
   */
  respond(response: SipResponse): string | undefined {
    const success = response.status >= 200 && response.status < 300;
    const furtherSuccess = this.state === "accepted" && success;
    if (!this.isOpen && !furtherSuccess) return undefined;
    const text = writeMessage(response);
    this.last = text;
    this.host.transmit(text, this.peer, false, response);
    if (response.status < 200) this.state = "proceeding";
    else if (!furtherSuccess) this.settle(success);
    return text;
  }

  private settle(success: boolean): void {
    const { t1Ms, giveUpMs } = this.host.timers;
    const udp = this.peer.transport === "udp";
    if (!this.isInvite) this.linger("completed", udp ? giveUpMs : 0);
    else if (success) this.linger("accepted", giveUpMs);
    else {
      this.state = "completed";
      if (udp) this.again(t1Ms);
      this.end = this.host.clock.after(giveUpMs, () => {
        this.terminate();
        this.onUnacknowledged?.();
      });
    }
  }

  private again(delayMs: number): void {
    this.resend = this.host.clock.after(delayMs, () => {
      if (this.last !== undefined) this.host.transmit(this.last, this.peer, false);
      this.again(Math.min(delayMs * 2, this.host.timers.t2Ms));
    });
  }

  private linger(state: "accepted" | "completed" | "confirmed", lingerMs: number): void {
    this.state = state;
    this.end?.cancel();
    if (lingerMs === 0) this.terminate();
    else this.end = this.host.clock.after(lingerMs, () => this.terminate());
  }

  /** The ACK of a final response from 300 up. */
  acknowledge(): void {
    if (this.state !== "completed") return;
    this.resend?.cancel();
    this.linger("confirmed", this.peer.transport === "udp" ? this.host.timers.t4Ms : 0);
  }

  terminate(): void {
    this.resend?.cancel();
    this.end?.cancel();
    this.state = "terminated";
    this.host.forget(this);
    this.onTerminated?.();
  }
}
