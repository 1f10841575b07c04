import type { Timer } from "../../kernel/clock.ts";
import { Headers } from "./headers.ts";
import { type SipRequest, type SipResponse, writeMessage } from "./message.ts";
import type { TransactionHost } from "./transaction-host.ts";
import type { Peer } from "./transport.ts";

/** Why a request got no answer: nobody listens there, or nothing came for 64*T1. */
export type ClientFailure = "unreachable" | "timeout";

/** What a client transaction tells its user. `response` may come several times: provisionals, and every 2xx of an INVITE. */
export interface ClientWatcher {
  response(response: SipResponse, peer: Peer): void;
  failed(failure: ClientFailure): void;
}

/**
 * One request on its way (RFC 3261 §17.1, with RFC 6026's accepted state for INVITE). It acknowledges final responses from 300 up by itself; the ACK to a 2xx
 * is its user's business.
 */
export class ClientTransaction {
  readonly request: SipRequest;
  readonly peer: Peer;
  readonly branch: string;
  /** What went on the wire. */
  readonly text: string;
  private readonly host: TransactionHost;
  private readonly watcher: ClientWatcher;
  private readonly isInvite: boolean;
  private state: "calling" | "proceeding" | "accepted" | "completed" | "terminated" = "calling";
  private resend: Timer | undefined;
  private end: Timer | undefined;
  private ack: string | undefined;
  private cancelHeaders: Headers | undefined;
  private cancelled = false;

  constructor(host: TransactionHost, request: SipRequest, peer: Peer, branch: string, watcher: ClientWatcher) {
    this.host = host;
    this.request = request;
    this.peer = peer;
    this.branch = branch;
    this.watcher = watcher;
    this.isInvite = request.method === "INVITE";
    this.text = writeMessage(request);
  }

  get key(): string {
    return `${this.branch}|${this.request.method}`;
  }

  /** Whether a final response has come, or never will. */
  get isOver(): boolean {
    return this.state !== "calling" && this.state !== "proceeding";
  }

  /** Sends the request and starts timers A and B, or E and F. */
  start(): void {
    this.transmit();
    const { t1Ms, inviteResendMs, giveUpMs } = this.host.timers;
    if (this.peer.transport === "udp") this.again(this.isInvite ? inviteResendMs : t1Ms);
    this.end = this.host.clock.after(giveUpMs, () => this.fail("timeout"));
  }

  private transmit(): void {
    this.host.transmit(this.text, this.peer, true, this.request);
  }

  private again(delayMs: number): void {
    this.resend = this.host.clock.after(delayMs, () => {
      this.transmit();
      // Timer A doubles without limit, timer E up to T2, and stays there once a provisional has come.
      const { t2Ms } = this.host.timers;
      this.again(this.isInvite ? delayMs * 2 : this.state === "proceeding" ? t2Ms : Math.min(delayMs * 2, t2Ms));
    });
  }

  /** A response that belongs to this transaction. */
  receive(response: SipResponse, peer: Peer): void {
    if (this.state === "terminated") return;
    if (this.state === "completed") {
      if (this.ack !== undefined && response.status >= 300) this.host.transmit(this.ack, this.peer, true);
      return;
    }
    if (this.state === "accepted") {
      if (response.status >= 200 && response.status < 300) this.watcher.response(response, peer);
      return;
    }
    if (response.status < 200) this.provisional();
    else this.final(response);
    this.watcher.response(response, peer);
  }

  private provisional(): void {
    if (this.state !== "calling") return;
    this.state = "proceeding";
    if (!this.isInvite) return;
    this.stopTimers();
    if (this.cancelHeaders !== undefined) this.sendCancel(this.cancelHeaders);
  }

  private final(response: SipResponse): void {
    this.stopTimers();
    const { giveUpMs, t4Ms } = this.host.timers;
    const udp = this.peer.transport === "udp";
    if (!this.isInvite) this.linger("completed", udp ? t4Ms : 0);
    else if (response.status < 300) this.linger("accepted", giveUpMs);
    else {
      const ack = this.follow("ACK", response.headers.get("to"));
      this.ack = writeMessage(ack);
      this.host.transmit(this.ack, this.peer, true, ack);
      this.linger("completed", udp ? giveUpMs : 0);
    }
  }

  private linger(state: "accepted" | "completed", lingerMs: number): void {
    this.state = state;
    if (lingerMs === 0) this.terminate();
    else this.end = this.host.clock.after(lingerMs, () => this.terminate());
  }

  /** ACK and CANCEL of this very transaction: same Via, From, Call-ID and CSeq number (RFC 3261 §9.1, §17.1.1.3). */
  private follow(method: "ACK" | "CANCEL", to: string | undefined, extra?: Headers): SipRequest {
    const own = this.request.headers;
    const headers = new Headers().append("Via", own.lines("via")[0] ?? "").append("Max-Forwards", "70");
    headers
      .append("From", own.get("from") ?? "")
      .append("To", to ?? own.get("to") ?? "")
      .append("Call-ID", own.get("call-id") ?? "");
    headers.append("CSeq", `${(own.get("cseq") ?? "1").split(/\s/)[0]} ${method}`);
    for (const route of own.lines("route")) headers.append("Route", route);
    for (const field of extra?.all() ?? []) headers.append(field.name, field.value);
    return { kind: "request", method, uri: this.request.uri, headers, body: "" };
  }

  /**
   * Asks the far side to end the INVITE. It leaves at once after a provisional response, else as soon as one comes (RFC 3261 §9.1). Does nothing
   * when a final response is there, or the second time.
   * @returns whether there was something to cancel
   */
  cancel(headers: Headers = new Headers()): boolean {
    if (!this.isInvite || this.isOver || this.cancelled) return false;
    this.cancelled = true;
    this.cancelHeaders = headers;
    if (this.state === "proceeding") this.sendCancel(headers);
    return true;
  }

  private sendCancel(headers: Headers): void {
    const request = this.follow("CANCEL", undefined, headers);
    this.host.sendCancel(request, this.peer, this.branch);
    // No 487 within 64*T1: the INVITE is over all the same (§9.1).
    this.end ??= this.host.clock.after(this.host.timers.giveUpMs, () => this.fail("timeout"));
  }

  /** What the CANCEL of this transaction looks like. */
  cancelRequest(headers?: Headers): SipRequest {
    return this.follow("CANCEL", undefined, headers);
  }

  /** Ends the wait for an answer. */
  fail(failure: ClientFailure): void {
    if (this.isOver) return;
    this.terminate();
    this.watcher.failed(failure);
  }

  private stopTimers(): void {
    this.resend?.cancel();
    this.end?.cancel();
    this.resend = undefined;
    this.end = undefined;
  }

  terminate(): void {
    this.stopTimers();
    this.state = "terminated";
    this.host.forget(this);
  }
}
