import type { Cause } from "./cause.ts";

/** The SIP side of a channel. */
export interface Leg {
  /** Answers the INVITE, when that has not been done. */
  answer(): void;
  /** Puts the far end on hold by re-INVITE, or takes it off. */
  hold(held: boolean): void;
  /** Ends the dialog; nothing happens when the far side has ended it already. */
  bye(cause: Cause): void;
}

/** The connection that `socket` opened for a channel. */
export interface ControlSocket {
  /** Sends the disconnect notice and closes. */
  finish(): void;
}
