import { type ChannelName, isResult, type Result, type ResultFacts, results } from "./result.ts";

/*
 * What comes after a result. The first treatment there is: the same address is tried again after a while. Which results have it, when and how often is said by
 * the campaign.
 */

/** Try again `afterS` seconds after the end, and no more often than `atMost` times for this result. */
export interface Retry {
  readonly afterS: number;
  readonly atMost: number;
}

/** By result; after one that is not here nobody is tried again. */
export type Retries = Readonly<Partial<Record<Result, Retry>>>;

/** How often a contact of a campaign was put back already, by the result that caused it. */
export type PutBack = Readonly<Partial<Record<Result, number>>>;

/** What an attempt comes to, for each result it may have: in how many seconds the contact is due again. Done with those that are not here. */
export type Treatments = Readonly<Partial<Record<Result, number>>>;

/** What is nobody's fault but ours or the carrier's does not cost a contact its call or message. */
export const defaultRetries: Retries = { "carrier-fault": { afterS: 300, atMost: 3 }, congestion: { afterS: 300, atMost: 3 } };

export const retryAfterS = { min: 60, max: 30 * 86_400 } as const;
export const retryAtMost = { min: 0, max: 20 } as const;

/** Results after which nobody is called, or written to, again by itself, whoever wants it, and why. */
const neverAgain: Partial<Readonly<Record<Result, string>>> = {
  human: "somebody answered and heard what there was to say",
  rejected: "the person, or their provider on their behalf, said no",
  abandoned: "somebody answered and was left without an agent: such a person is not to be bothered again by a machine",
  interrupted: "nobody knows what the person heard before the server stopped",
  "machine-message": "the message has been left",
  "bad-number": "the number or mailbox does not exist",
  canceled: "nothing had left; whose turn it still is waits for it anyway",
  sent: "it is on its way",
  delivered: "it has arrived",
  expired: "it was meant for a time that has passed",
  "bounced-hard": "the mailbox does not exist",
  complained: "the person does not want it",
};

const triedBy: Readonly<Record<ChannelName, readonly [what: string, again: string]>> = {
  voice: ["a call", "called"],
  sms: ["a message", "written to"],
  email: ["an e-mail", "written to"],
};

/** Why a campaign may not try again after this, in words for its maker; undefined when it may. */
export function retryRefused(word: string, { afterS, atMost }: Retry, channel: ChannelName = "voice"): string | undefined {
  const [what, again] = triedBy[channel];
  const facts: ResultFacts | undefined = isResult(word) ? results[word] : undefined;
  if (!isResult(word) || !facts?.channels.includes(channel)) return `${word} is not a result of ${what}`;
  const never = neverAgain[word];
  if (never !== undefined) return `nobody is ${again} again after ${word}: ${never}`;
  if (!isWithin(afterS, retryAfterS)) return `${word}: afterS must be a whole number of seconds from ${retryAfterS.min} to ${retryAfterS.max}`;
  if (!isWithin(atMost, retryAtMost)) return `${word}: atMost must be a whole number from ${retryAtMost.min} to ${retryAtMost.max}; 0 is never`;
  return undefined;
}

/** Every result's treatment at once, so that it is known before the call: a channel needs to know nothing of the campaign, and writes it with the ending. */
export function settle(retries: Retries, putBack: PutBack): Treatments {
  const treatments: Partial<Record<Result, number>> = {};
  for (const [result, { afterS, atMost }] of Object.entries(retries) as [Result, Retry][])
    if ((putBack[result] ?? 0) < atMost && neverAgain[result] === undefined) treatments[result] = afterS;
  return treatments;
}

/** Those of a campaign that says what is tried again. */
export function treatmentsOf({ retries }: { readonly retries?: Retries }, putBack: PutBack): { readonly treatments?: Treatments } {
  return retries === undefined ? {} : { treatments: settle(retries, putBack) };
}

/** When the contact is due again (epoch ms); undefined when it is done with. */
export function dueAgain(treatments: Treatments | undefined, result: Result, endedAt: number): number | undefined {
  const afterS = treatments?.[result];
  return afterS === undefined ? undefined : endedAt + afterS * 1000;
}

function isWithin(value: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
