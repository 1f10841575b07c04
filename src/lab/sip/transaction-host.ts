import type { Clock } from "../../kernel/clock.ts";
import type { SipMessage } from "./message.ts";
import type { SipTimers } from "./timers.ts";
import type { Peer } from "./transport.ts";

/** What transactions need of the stack that keeps them. */
export interface TransactionHost {
  readonly clock: Clock;
  readonly timers: SipTimers;
  /** Puts text on the wire. `tracked`: an unreachable far end fails its transactions. */
  transmit(text: string, peer: Peer, tracked: boolean, message?: SipMessage): void;
  /** Sends the CANCEL of a client transaction, as a transaction of its own with the same branch. */
  sendCancel(request: SipMessage & { kind: "request" }, peer: Peer, branch: string): void;
  /** The transaction is over. */
  forget(transaction: { readonly key: string }): void;
}
