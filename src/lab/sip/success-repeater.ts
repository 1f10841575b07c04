import type { Clock, Timer } from "../../kernel/clock.ts";
import type { SipTimers } from "./timers.ts";

/**
 * Repeats the 2xx of an INVITE from T1 up to T2 until its ACK comes, whatever the transport, and gives up after 64*T1 (RFC 3261 §13.3.1.4).
 */
export class SuccessRepeater {
  private readonly clock: Clock;
  private resend: Timer | undefined;
  private end: Timer | undefined;

  constructor(clock: Clock, timers: SipTimers, repeat: () => void, giveUp: () => void) {
    this.clock = clock;
    const again = (delayMs: number): void => {
      this.resend = this.clock.after(delayMs, () => {
        repeat();
        again(Math.min(delayMs * 2, timers.t2Ms));
      });
    };
    again(timers.t1Ms);
    this.end = this.clock.after(timers.giveUpMs, () => {
      this.stop();
      giveUp();
    });
  }

  stop(): void {
    this.resend?.cancel();
    this.end?.cancel();
    this.resend = undefined;
    this.end = undefined;
  }
}
