import type { SipNote } from "../attempt/ladder.ts";
import type { Dialog } from "./ports.ts";

/** Where a message came from, as the signalling server saw it: not what it says of itself. */
export interface SipSource {
  readonly address: string;
  readonly port: number;
  readonly transport: string;
}

/** A call that was answered. */
export interface Accepted {
  readonly dialog: Dialog;
  /**
   * The caller's SDP: at once when it made the offer; with its ACK when the offer was ours (RFC 3261 §13.2.1). Undefined when the call is over
   * before that, or the ACK has none.
   */
  readonly sdp: Promise<string | undefined>;
}

/** One INVITE from outside that nobody has answered yet. */
export interface IncomingCall {
  readonly callId: string;
  /** As in `Dialog`, known before anybody answers: whoever stored it can end the leg. */
  readonly dialogId: string;
  readonly transactionId: string;
  /** The signalling server it came to. */
  readonly via: string;
  readonly source: SipSource;
  readonly requestUri: string;
  /** Header values as they came. */
  readonly from: string;
  readonly to: string;
  /** P-Asserted-Identity (RFC 3325), when it has one. */
  readonly assertedIdentity?: string;
  /** Privacy (RFC 3323), when it has one. */
  readonly privacy?: string;
  /** The caller's SDP; undefined when it leaves the offer to us. */
  readonly offer: string | undefined;
  /** Resolves when the caller gave up before it was answered or refused, or the connection it came by is gone. */
  readonly gone: Promise<"canceled" | "lost">;
  /** From now on `tell` is told of every message of the leg, from the INVITE on. Must not throw. */
  watch(tell: (note: SipNote) => void): void;
  /** 180 Ringing. */
  ring(): void;
  /**
   * 200 OK. The caller hears us from now on.
   * @param sdp the answer to its offer, or our offer when it made none
   * @param reoffer answers a later offer of the caller within the call (RFC 3264 §8): a hold, or media that move. Rejected, the caller is told 488 and all stays as it was.
   * @returns undefined when there is nobody to be answered any more
   */
  answer(sdp: string, reoffer: (offer: string) => Promise<string>): Promise<Accepted | undefined>;
  /** A final response of 300 or more. Harmless when the call is over. */
  refuse(status: number, phrase?: string, headers?: Readonly<Record<string, string>>): void;
}

/** Calls from outside, as voice needs them. */
export interface InboundSignalling {
  /**
   * Asks the signalling servers for calls. Each call is given once, to one of those who ask.
   * @param onCall must answer or refuse every one of them, and not throw; `draining`: its server is to take no new calls, so it is to be refused
   */
  takeCalls(onCall: (call: IncomingCall, draining: boolean) => void): void;
  /** Takes no more of them; other processes get them, and without any the far side is told 503. */
  leaveCalls(): void;
}
