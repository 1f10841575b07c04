import type { Result } from "../attempt/result.ts";
import type { Tried } from "./next.ts";
import type { Pass, Strategy } from "./strategy.ts";

/** An attempt on a person in a strategy campaign, unless it was canceled. */
export interface PastAttempt {
  /** Name of the pass. */
  readonly pass: string;
  readonly addressId?: string;
  /** Absent while it goes on. */
  readonly result?: Result;
  /** How its script ended. */
  readonly outcome?: string;
  /** What the agent said of it last. */
  readonly disposition?: string;
}

/** What has happened to a person in a strategy campaign so far. */
export interface Past {
  /** Oldest first. */
  readonly attempts: readonly PastAttempt[];
  /** Names of the events from outside that were about the person. */
  readonly events: readonly string[];
  /** The person's addresses that the present pass uses, by id, in the order in which it does. */
  readonly addresses: readonly string[];
}

/** The rule by which somebody is not contacted to whom an attempt of the same pass is on its way. */
export const inPassAlready = "in-pass-already";

export const noPast: Past = { attempts: [], events: [], addresses: [] };

/** What `next` wants to know of an attempt that is about to be made on this address. */
export function triedBefore(
  { attempts, addresses }: Past,
  { limits }: Strategy,
  pass: Pass,
  addressId: string,
): Tried & { readonly nextAddress?: string } {
  const byPass: Record<string, number> = {};
  const retried: Record<string, number> = {};
  const onAddresses = new Map<string, { all: number; here: number }>();
  for (const attempt of attempts) {
    byPass[attempt.pass] = (byPass[attempt.pass] ?? 0) + 1;
    const here = attempt.pass === pass.name;
    const counts = onAddresses.get(attempt.addressId ?? "") ?? { all: 0, here: 0 };
    onAddresses.set(attempt.addressId ?? "", { all: counts.all + 1, here: counts.here + (here ? 1 : 0) });
    if (here && attempt.addressId === addressId) for (const ending of endingsOf(attempt)) retried[ending] = (retried[ending] ?? 0) + 1;
  }
  const counted = (id: string) => onAddresses.get(id) ?? { all: 0, here: 0 };
  const { all: onAddress, here: onAddressInPass } = counted(addressId);
  const nextAddress = addresses.find((id) => {
    const { all, here } = counted(id);
    return id !== addressId && here === 0 && all < (limits.perAddress ?? Number.POSITIVE_INFINITY) && (pass.limits.perAddress ?? 1) > 0;
  });
  const tried = { attempts: attempts.length, byPass, onAddress, onAddressInPass, retried, hasNextAddress: nextAddress !== undefined };
  return { ...tried, ...(nextAddress !== undefined && { nextAddress }) };
}

/** As endings are called in a strategy. */
function endingsOf({ result, outcome, disposition }: PastAttempt): readonly string[] {
  return [
    ...(result === undefined ? [] : [result]),
    ...(outcome === undefined ? [] : [`outcome:${outcome}`]),
    ...(disposition === undefined ? [] : [`disposition:${disposition}`]),
  ];
}
