import type { Trunk } from "./trunk.ts";
import type { TrunkAnswer } from "./trunk-ports.ts";

/** How a trunk stands. Times are epoch ms. */
export interface TrunkState {
  /** Whether OPTIONS find somebody there. True until they do not. */
  readonly reachable: boolean;
  /** An OPTIONS was answered at least once. */
  readonly proven: boolean;
  /** OPTIONS in a row that speak against the present state. */
  readonly against: number;
  readonly optionsAt: number;
  /** Registered until then; 0 for not. */
  readonly registeredUntil: number;
  readonly registerAt: number;
  /** REGISTERs in a row that were not taken. */
  readonly refusals: number;
  /** Seconds to register for, after a 423. */
  readonly expiresS?: number;
  /** What was last said against it, for people. */
  readonly note?: string;
}

export const freshTrunk: TrunkState = {
  reachable: true,
  proven: false,
  against: 0,
  optionsAt: 0,
  registeredUntil: 0,
  registerAt: 0,
  refusals: 0,
};

export const defaultKeepAlive = { keepAliveMs: 30_000, downAfter: 3, upAfter: 2 } as const;
export const defaultRegisterExpiresS = 600;

/** Statuses of people who are there and cannot: everything else that comes from the far side is a sign of life (RFC 3261 §11). */
const lifeless: readonly number[] = [500, 502, 503, 504];

/** A refresh leaves when this share of the registration has passed. */
const refreshShare = 0.8;
/** After a refusal it is tried again after so long, twice as long each time, and at most so long. */
const firstRetryMs = 5_000;
const lastRetryMs = 300_000;
/** A registration shorter than that would be refreshed all the time. */
const shortestRegistrationS = 10;

/** Whether calls may be placed on it. */
export function isUp(trunk: Trunk, state: TrunkState, now: number): boolean {
  return state.reachable && (trunk.register !== true || state.registeredUntil > now);
}

/**
 * What an OPTIONS teaches. Hysteresis: `downAfter` failures in a row take it down, `upAfter` answers in a row bring it back. A carrier that has never answered
 * an OPTIONS may not answer them at all: its silence alone takes nothing down.
 */
export function afterOptions(state: TrunkState, answer: TrunkAnswer, trunk: Trunk, now: number): TrunkState {
  const { keepAliveMs = defaultKeepAlive.keepAliveMs, downAfter = defaultKeepAlive.downAfter, upAfter = defaultKeepAlive.upAfter } = trunk;
  const next = { ...state, optionsAt: now + keepAliveMs };
  const alive = !answer.madeUp && !lifeless.includes(answer.status);
  if (!alive && answer.madeUp && answer.status === 408 && !state.proven) return next;
  const told = alive ? { ...next, proven: true } : { ...next, note: `OPTIONS: ${describe(answer, trunk)}` };
  if (alive === state.reachable) return { ...told, against: 0 };
  const against = state.against + 1;
  if (against < (alive ? upAfter : downAfter)) return { ...told, against };
  return { ...told, against: 0, reachable: alive };
}

/** What a REGISTER teaches. */
export function afterRegister(state: TrunkState, answer: TrunkAnswer, trunk: Trunk, now: number): TrunkState {
  const wantedS = state.expiresS ?? trunk.registerExpiresS ?? defaultRegisterExpiresS;
  if (answer.status >= 200 && answer.status < 300) {
    const lastsMs = Math.max(shortestRegistrationS, answer.expiresS ?? wantedS) * 1000;
    return { ...state, refusals: 0, registeredUntil: now + lastsMs, registerAt: now + Math.round(lastsMs * refreshShare) };
  }
  const note = `REGISTER: ${describe(answer, trunk)}`;
  // Asked for too short a time (RFC 3261 §21.4.17): at once again, for longer.
  if (answer.status === 423 && answer.minExpiresS !== undefined && answer.minExpiresS > wantedS)
    return { ...state, note, expiresS: answer.minExpiresS, registerAt: now };
  const retryMs = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(state.refusals, 10));
  return { ...state, note, refusals: state.refusals + 1, registerAt: now + retryMs };
}

/** Whether the signalling server could not find the host in the DNS (RFC 3263): the words are sofia-sip's own, with which drachtio-server says it. */
export function isUnresolved({ status, phrase, madeUp }: { readonly status: number; readonly phrase: string; readonly madeUp?: boolean }): boolean {
  return madeUp === true && status === 503 && phrase === "DNS Error";
}

function describe(answer: TrunkAnswer, { transport, host }: Trunk): string {
  const { status, phrase, madeUp, note } = answer;
  if (note !== undefined) return note;
  if (isUnresolved(answer)) return `drachtio-server does not find ${host} in the DNS`;
  if (madeUp && status === 408) return "no answer";
  // drachtio-server does not tell the one from the other.
  if (madeUp)
    return transport === "tls"
      ? "no TLS connection: nobody listens there, or one side does not accept the other's certificate"
      : "nobody listens there";
  return `${status} ${phrase.slice(0, 80)}`.trim();
}
