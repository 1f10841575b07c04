import { isPhoneNumber } from "../kernel/phone.ts";

/** A number of ours that may be shown. */
export interface PoolNumber {
  /** E.164. */
  readonly number: string;
  /** E.164 prefixes of the numbers for which it is a local one. */
  readonly localTo: readonly string[];
}

/** Numbers of ours that a campaign shows in turn. */
export interface CallerIdPool {
  readonly name: string;
  readonly numbers: readonly PoolNumber[];
  /** Calls on which one number is shown in a day (UTC), at most, over all nodes. */
  readonly dailyCap?: number;
  /** Calls in a row answered 608 (RFC 8688) after which a number rests. */
  readonly quarantineAfter: number;
  readonly quarantineHours: number;
}

/** Why nothing can be shown for this caller id, and what to do, for people; undefined where it is a number, or a pool that there is. */
export function noPool(callerId: string, pools: readonly Pick<CallerIdPool, "name">[]): string | undefined {
  if (isPhoneNumber(callerId) || pools.some(({ name }) => name === callerId)) return undefined;
  return `There is no pool of caller ids ${callerId} any more. Nobody is called: put it back with carillon pool add, or in the configuration, or stop the campaign.`;
}

/** What is known of one number. */
export interface NumberState {
  /** Calls in a row that were answered 608. */
  readonly run: number;
  /** Not shown before that (epoch ms). */
  readonly restsUntil: number;
  /** The day (UTC, days since the epoch) for which its cap is known to be used up. */
  readonly spentDay?: number;
  /** How often this process has shown it. */
  readonly shown: number;
}

export const freshNumber: NumberState = { run: 0, restsUntil: 0, shown: 0 };

const dayMs = 86_400_000;

/** Days since the epoch, UTC. */
export function dayOf(now: number): number {
  return Math.floor(now / dayMs);
}

/** Whether it may be shown, as far as is known here. */
export function isFree(state: NumberState, now: number): boolean {
  return state.restsUntil <= now && state.spentDay !== dayOf(now);
}

/**
 * Which number of a pool is shown to `to`: the one with the longest local prefix of it; among equals the one that was shown least; then the first.
 * @param suits whether the trunk may show it
 * @returns undefined when all rest, are used up for today or may not be shown
 */
export function chooseCallerId(
  to: string,
  pool: CallerIdPool,
  stateOf: (number: string) => NumberState,
  now: number,
  suits: (number: string) => boolean,
): string | undefined {
  const matching = ({ localTo }: PoolNumber) => Math.max(0, ...localTo.filter((prefix) => to.startsWith(prefix)).map(({ length }) => length));
  const [best] = pool.numbers
    .filter(({ number }) => isFree(stateOf(number), now) && suits(number))
    .map((entry, at) => ({ number: entry.number, local: matching(entry), shown: stateOf(entry.number).shown, at }))
    .sort((a, b) => b.local - a.local || a.shown - b.shown || a.at - b.at);
  return best?.number;
}

/** SIP status 608: somebody between us and the person took the call for unwanted (RFC 8688). */
const unwanted = 608;

/**
 * What a call teaches of the number it showed.
 * @param status final SIP status; 200 when it was answered
 */
export function afterCall(state: NumberState, status: number, { quarantineAfter, quarantineHours }: CallerIdPool, now: number): NumberState {
  // The trunk's trouble says nothing of the number.
  if (status >= 500 && status < 600) return state;
  if (status !== unwanted) return state.run === 0 ? state : { ...state, run: 0 };
  if (state.run + 1 < quarantineAfter) return { ...state, run: state.run + 1 };
  return { ...state, run: 0, restsUntil: now + quarantineHours * 3_600_000 };
}
