import { daysOf, type FieldTime, fieldTimes, whenOf, zoneOf } from "./due.ts";
import type { CalledBack, Follows, Onward, Told } from "./follows.ts";
import { meets } from "./meets.ts";
import { next } from "./next.ts";
import { inPassAlready, noPast, type Past, triedBefore } from "./past.ts";
import type { Candidate, Verdict } from "./ports.ts";
import type { Ending, Pass, Strategy, Onward as StrategyOnward } from "./strategy.ts";

/** A pass as it runs. */
export interface PassPlace {
  readonly strategy: Strategy;
  readonly pass: Pass;
  /** Its campaign. */
  readonly campaignId: string;
  /** Where people are whose zone is not known. */
  readonly defaultTimeZone: string;
  /** Campaigns of the passes, by their names. */
  readonly passes: Readonly<Record<string, string>>;
  /** Other campaigns that treatments name, as far as there are any of these names. */
  readonly others: Readonly<Record<string, string>>;
}

/** Whom another pass is calling is asked about again after so long. */
const busyLookMs = 60_000;

/**
 * The word on one candidate of a pass: whether they are being contacted already, the pass is meant for them and the limits leave an attempt, then the gate; with a yes, what follows each ending of the attempt.
 * Whom the pass is not meant for goes on at once.
 * @param now epoch ms
 * @param gate the gate's word
 */
export function judgePass(now: number, candidate: Candidate, gate: (candidate: Candidate) => Verdict, place: PassPlace): Verdict {
  const own = judgeOwn(now, candidate, place);
  if (own !== undefined) return own;
  const verdict = gate(candidate);
  return verdict.go ? { ...verdict, follows: followsOf(candidate.past ?? noPast, place, candidate, now) } : verdict;
}

/** The refusal for good of somebody who waits in a pass, where that needs neither the gate nor whoever would contact them; undefined for whoever stays. */
export function judgeStay(now: number, candidate: Candidate, place: PassPlace): Verdict | undefined {
  const own = judgeOwn(now, candidate, place);
  return own === undefined || own.go || own.retryAt !== undefined || own.rule === inPassAlready ? undefined : own;
}

/** What the pass itself says against an attempt at `now`; undefined: nothing. */
export function judgeOwn(now: number, candidate: Candidate, place: PassPlace): Verdict | undefined {
  const { strategy, pass } = place;
  const past = candidate.past ?? noPast;
  const busy = onTheirWay(strategy, past);
  // Two ways have led here: it is one and the same contact.
  if (busy.some(({ name }) => name === pass.name)) return { go: false, rule: inPassAlready };
  // Nobody's telephone rings twice at once.
  if (isCall(pass) && busy.some(isCall)) return { go: false, rule: "being-called", retryAt: now + busyLookMs };
  if (limitReached(strategy, pass, past, candidate.addressId)) {
    const other = addressWithRoom(strategy, pass, past);
    return other === undefined ? { go: false, rule: "attempt-limit" } : { go: false, rule: "address-limit", retryAt: now, retryAddressId: other };
  }
  const { from, until } = daysOf(pass, place.defaultTimeZone);
  if (now >= until) return notInPass("pass-over", place, candidate.timeZone);
  if (now < from) return { go: false, rule: "pass-not-begun", retryAt: from };
  if (pass.who !== undefined && !meets(pass.who, { fields: candidate.fields, past })) return notInPass("not-in-pass", place, candidate.timeZone);
  return undefined;
}

/** The word on somebody whom a pass cannot contact, or is not meant to: on to what it says of those. @param timeZone the person's own */
export function notInPass(rule: "no-address" | "not-in-pass" | "pass-over", place: PassPlace, timeZone?: string): Verdict {
  const onward = onwardOf(place.pass.whoElse, place, zoneOf(timeZone, place.defaultTimeZone));
  return { go: false, rule, ...(onward && { onward: [onward] }) };
}

/** The passes in which an attempt on the person is on its way. */
function onTheirWay({ passes }: Strategy, { attempts }: Past): readonly Pass[] {
  return attempts.flatMap(({ pass, result }) => (result === undefined ? passes.filter(({ name }) => name === pass) : []));
}

function isCall({ channel }: Pass): boolean {
  return channel === "voice-ivr" || channel === "voice-agent";
}

/** Whether a limit leaves no attempt in the pass on this address. */
export function limitReached({ limits }: Strategy, pass: Pass, { attempts }: Past, addressId: string): boolean {
  const below = (count: number, limit: number | undefined) => limit === undefined || count < limit;
  const here = attempts.filter((attempt) => attempt.pass === pass.name);
  const on = (some: Past["attempts"]) => some.filter((attempt) => attempt.addressId === addressId).length;
  return !(
    below(attempts.length, limits.perContact) &&
    below(here.length, pass.limits.perContact) &&
    below(on(attempts), limits.perAddress) &&
    below(on(here), pass.limits.perAddress)
  );
}

/** The first address of the person that the pass uses and that its limits leave an attempt. */
export function addressWithRoom(strategy: Strategy, pass: Pass, past: Past): string | undefined {
  return past.addresses.find((id) => !limitReached(strategy, pass, past, id));
}

function followsOf(past: Past, place: PassPlace, { addressId, timeZone, fields }: Candidate, now: number): Follows {
  const { strategy, pass, campaignId, passes, others } = place;
  const zone = zoneOf(timeZone, place.defaultTimeZone);
  const fieldTime = fieldTimes(fields, zone, now);
  const tried = triedBefore(past, strategy, pass, addressId);
  const follows: Record<string, readonly (Onward | CalledBack | Told)[]> = {};
  for (const ending of Object.keys(pass.after) as Ending[]) {
    const { treatment, besides } = next(strategy, pass, ending, tried, fieldTime);
    const { nextAddress } = tried;
    let main: Onward | undefined;
    if (treatment.do === "retry") main = { ...whenOf(treatment, zone, fieldTime), c: campaignId, ...(addressId !== "" && { a: addressId }) };
    else if (treatment.do === "next-address")
      main = nextAddress === undefined ? undefined : { ...whenOf(treatment, zone, fieldTime), c: campaignId, a: nextAddress };
    else main = onwardOf(treatment, place, zone, fieldTime);
    const also = besides.flatMap((each): readonly (Onward | CalledBack | Told)[] => {
      if (each.do === "webhook") return [{ w: each.webhook, e: ending }];
      if (each.do === "callback") {
        const k = passes[each.agents];
        return k === undefined ? [] : [{ k, o: whenOf(each, zone, fieldTime), ...(each.personal && { f: each.personal.fallbackS }) }];
      }
      const id = each.do === "begin-pass" ? passes[each.pass] : others[each.campaign];
      return id === undefined ? [] : [{ ...whenOf(each, zone, fieldTime), c: id }];
    });
    follows[ending] = main === undefined ? also : [main, ...also];
  }
  return follows;
}

function onwardOf(
  treatment: StrategyOnward,
  { passes, others }: PassPlace,
  zone: string,
  fieldTime: FieldTime = () => undefined,
): Onward | undefined {
  if (treatment.do === "stop") return undefined;
  const id = treatment.do === "pass" ? passes[treatment.pass] : others[treatment.campaign];
  return id === undefined ? undefined : { ...whenOf(treatment, zone, fieldTime), c: id };
}
