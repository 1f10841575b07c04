import { type GateCandidate, type GatePolicy, isPermit, mayContact } from "./gate.ts";
import type { GateRule } from "./gate-rules.ts";
import { stillToAsk } from "./lookup-gate.ts";

/** What would become of one person. Times in epoch ms. Rules are those of the gate, or what the pass of a strategy says. */
export type Foreseen =
  | {
      readonly at: number;
      /** What holds the person back until then. */
      readonly delayedBy?: string;
      /** Something has to be asked about them first; nobody knows what the answer will be. */
      readonly toLookUp?: true;
    }
  | { readonly refused: string };

const hourMs = 3_600_000;
/** Nobody's turn is foreseen further ahead. */
export const foreseenMs = 31 * 24 * hourMs;
/** A refusal that passes leads to another question; who is still refused after so many never comes to an end. */
const questions = 20;

/**
 * When the gate would let a person be contacted, if nothing happened until then: it is asked again whenever it says that it may be.
 * @param at since when the person is due
 */
export function foresee(at: number, candidate: GateCandidate, policy: GatePolicy): Foreseen {
  const { lookups = [] } = candidate;
  const known = lookups.filter((fact) => stillToAsk(at, [fact], policy.lookups) === undefined);
  if (known.length === lookups.length) return foreseeAnswered(at, candidate, policy);
  // As if the answer was a good one.
  const foreseen = foreseeAnswered(at, { ...candidate, lookups: known }, policy);
  return "at" in foreseen ? { ...foreseen, toLookUp: true } : foreseen;
}

function foreseeAnswered(at: number, candidate: GateCandidate, policy: GatePolicy): Foreseen {
  let first: GateRule | undefined;
  let now = at;
  let then = candidate;
  for (let asked = 0; asked < questions; asked++) {
    const decision = mayContact(now, then, policy);
    if (isPermit(decision)) return { at: now, ...(first !== undefined && { delayedBy: first }) };
    const { rule, retryAt } = decision;
    first ??= rule;
    if (retryAt === undefined || retryAt > at + foreseenMs) return { refused: rule };
    now = Math.max(retryAt, now + 1);
    // Nobody is on the telephone for ever.
    if (rule === "on-the-line") then = { ...candidate, onTheLine: false };
  }
  return { refused: first ?? "window-never-opens" };
}

/** What a campaign would do, as it stands. */
export interface Preflight {
  /** Epoch ms. */
  readonly at: number;
  /** People looked at. */
  readonly contacts: number;
  /** False when there are more. */
  readonly complete: boolean;
  /** Who would be contacted within `foreseenMs`. */
  readonly contacted: number;
  /** The same by the hour in which their turn begins, in order (epoch ms). */
  readonly hours: readonly { readonly from: number; readonly contacts: number }[];
  /** What holds some of them back until then, the most frequent first. */
  readonly delayed: readonly RuleCount[];
  /** How many of all of them a look-up has to be asked about first; they are counted as if its answer was good. */
  readonly notLookedUp: number;
  /** Who would not be, the most frequent first. */
  readonly refused: readonly RuleCount[];
  /** Who would not be, because what is said to them needs fields that they lack; each person once, the most frequent first. */
  readonly lacking: readonly LackingCount[];
  /** When the last of them could have left at the campaign's rate, if each was tried once (epoch ms). */
  readonly earliestEndAt: number | undefined;
}

export interface RuleCount {
  readonly rule: string;
  readonly contacts: number;
}

export interface LackingCount {
  readonly fields: readonly string[];
  readonly contacts: number;
}

/** Adds people up, holding none of them. */
export class PreflightCount {
  readonly #at: number;
  #contacts = 0;
  #notLookedUp = 0;
  readonly #hours = new Map<number, number>();
  readonly #delayed = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly #lacking = new Map<string, LackingCount>();

  /** @param at epoch ms */
  constructor(at: number) {
    this.#at = at;
  }

  get contacts(): number {
    return this.#contacts;
  }

  /** @param foreseen with `lacks`: fields that the message or the call needs, and the person does not have */
  add(foreseen: Foreseen | { readonly lacks: readonly string[] }): void {
    this.#contacts += 1;
    if ("lacks" in foreseen) {
      const fields = foreseen.lacks;
      this.#lacking.set(fields.join(), { fields, contacts: (this.#lacking.get(fields.join())?.contacts ?? 0) + 1 });
      return;
    }
    if ("at" in foreseen && foreseen.toLookUp) this.#notLookedUp += 1;
    if ("refused" in foreseen) {
      addOne(this.#refused, foreseen.refused);
      return;
    }
    addOne(this.#hours, Math.floor(foreseen.at / hourMs) * hourMs);
    if (foreseen.delayedBy !== undefined) addOne(this.#delayed, foreseen.delayedBy);
  }

  /** @param maxCps attempts per second */
  result(complete: boolean, maxCps: number): Preflight {
    const hours = [...this.#hours].sort(([a], [b]) => a - b).map(([from, contacts]) => ({ from, contacts }));
    const contacted = hours.reduce((sum, { contacts }) => sum + contacts, 0);
    const end = hours.reduce((now, { from, contacts }) => Math.max(now, from) + (contacts / maxCps) * 1000, this.#at);
    return {
      at: this.#at,
      contacts: this.#contacts,
      complete,
      contacted,
      hours,
      notLookedUp: this.#notLookedUp,
      delayed: counted(this.#delayed),
      refused: counted(this.#refused),
      lacking: [...this.#lacking.values()].sort((a, b) => b.contacts - a.contacts || a.fields.join().localeCompare(b.fields.join())),
      earliestEndAt: contacted === 0 ? undefined : Math.round(end),
    };
  }
}

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function counted(counts: ReadonlyMap<string, number>): readonly RuleCount[] {
  return [...counts].map(([rule, contacts]) => ({ rule, contacts })).sort((a, b) => b.contacts - a.contacts || a.rule.localeCompare(b.rule));
}
