import type { FieldTime } from "./due.ts";
import type { Besides, Ending, Following, Pass, Strategy, Treatment, When } from "./strategy.ts";

/** What was done about a person before the attempt that is about to end; that one comes on top. Every attempt counts that was not canceled. */
export interface Tried {
  /** In all passes. */
  readonly attempts: number;
  /** In each pass, by its name; absent: none. */
  readonly byPass: Readonly<Record<string, number>>;
  /** On the address of the attempt, in all passes. */
  readonly onAddress: number;
  /** The same, in this pass. */
  readonly onAddressInPass: number;
  /** How often a retry was done after each ending, on this address in this pass. */
  readonly retried: Readonly<Partial<Record<string, number>>>;
  /** Whether the pass has an address of the person that it has not tried yet, and whose limit leaves an attempt. */
  readonly hasNextAddress: boolean;
}

/** What follows an ending: the one treatment, and what is done besides. */
export interface Next {
  readonly treatment: Treatment;
  readonly besides: readonly Besides[];
}

const nothing: Next = { treatment: { do: "stop" }, besides: [] };

/**
 * What follows when an attempt in this pass ends so: the first treatment of its list that may still be done. A retry may be done as often as it says, within the limits per address; the
 * next address when there is one; another pass, while its limits and those of the strategy leave an attempt; what has the time of a field, when the field has one. Where none of them may,
 * the person is done with.
 */
export function next(strategy: Strategy, pass: Pass, ending: Ending, tried: Tried, fieldTime: FieldTime = () => undefined): Next {
  const following: Following | undefined = pass.after[ending];
  if (following === undefined) return nothing;
  const room = roomAfter(strategy, pass, tried);
  const timeless = (when: When) => when.at !== undefined && "field" in when.at && fieldTime(when.at) === undefined;
  const besides = following.besides.filter(
    (each) => each.do === "webhook" || (!timeless(each) && (each.do !== "begin-pass" || room.pass(each.pass))),
  );
  let retries = tried.retried[ending] ?? 0;
  for (const treatment of following.treatments) {
    if (treatment.do !== "stop" && timeless(treatment)) continue;
    if (treatment.do === "retry") {
      if (retries < treatment.atMost && room.pass(pass.name) && room.address) return { treatment, besides };
      // Of several retries the later ones begin where the earlier ones are used up.
      retries = Math.max(0, retries - treatment.atMost);
    } else if (treatment.do === "next-address") {
      if (tried.hasNextAddress && room.pass(pass.name)) return { treatment, besides };
    } else if (treatment.do !== "pass" || room.pass(treatment.pass)) return { treatment, besides };
  }
  return { treatment: { do: "stop" }, besides };
}

/** Whether the limits leave one more attempt when this one is over. */
function roomAfter({ passes, limits }: Strategy, pass: Pass, { attempts, byPass, onAddress, onAddressInPass }: Tried) {
  const below = (count: number, limit: number | undefined) => limit === undefined || count < limit;
  return {
    address: below(onAddress + 1, limits.perAddress) && below(onAddressInPass + 1, pass.limits.perAddress),
    pass: (name: string) => {
      const limit = passes.find((each) => each.name === name)?.limits.perContact;
      return below(attempts + 1, limits.perContact) && below((byPass[name] ?? 0) + (name === pass.name ? 1 : 0), limit);
    },
  };
}
