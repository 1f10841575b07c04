/** The timer values of RFC 3261 §17.1.1.1 and appendix A, in milliseconds. */
export interface SipTimers {
  /** Round-trip estimate; first retransmission after it. */
  readonly t1Ms: number;
  /** First retransmission of an INVITE: T1; drachtio-server waits twice that (transcript 04j: 0, 1, 3, 7, 15, 31 s). */
  readonly inviteResendMs: number;
  /** Longest time between retransmissions of a non-INVITE request or an INVITE response. */
  readonly t2Ms: number;
  /** How long a message may live in the network. */
  readonly t4Ms: number;
  /** 64*T1: timers B, D, F, H, L, M. */
  readonly giveUpMs: number;
}

/** RFC 3261's values for T1 = 500 ms; another T1 scales T2 and T4 with it, so that tests need not wait. */
export function sipTimers(t1Ms = 500, inviteResendMs = t1Ms, giveUpMs = t1Ms * 64): SipTimers {
  return { t1Ms, inviteResendMs, t2Ms: t1Ms * 8, t4Ms: t1Ms * 10, giveUpMs };
}
