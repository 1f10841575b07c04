import type { LookupAnswer, LookupFact, LookupKind, LookupQuestion, LookupRunState, LookupSubject } from "./lookup.ts";

/** How one question ended. */
export type LookupEnd =
  | { readonly end: "answered"; readonly answer: LookupAnswer }
  /** `again`: asked once more it may be answered. */
  | { readonly end: "failed"; readonly reason: string; readonly again: boolean };

/** The servers that are asked. */
export interface LookupProvider {
  /** Never rejects. @param name of the look-up */
  ask(name: string, question: LookupQuestion): Promise<LookupEnd>;
}

/** A look-up as all nodes know it. */
export interface KnownLookup {
  readonly name: string;
  readonly kind: LookupKind;
  readonly by: LookupSubject;
  readonly dateField: string;
}

/** A question that this node is to ask. */
export interface TakenQuestion extends LookupQuestion {
  /** How often it was asked before. */
  readonly tries: number;
}

/** Somebody whom a campaign leaves aside until something is known of them. */
export interface LookupWait {
  readonly contactId: string;
  readonly facts: readonly LookupFact[];
}

export interface LookupCounts extends KnownLookup {
  readonly waiting: number;
  readonly answered: number;
  readonly failed: number;
  /** Whether some server has it now. */
  readonly ready: boolean;
  /** Why the last one failed. */
  readonly trouble?: string;
}

/** People of a list, or those whom an import brought, who are looked up one after the other. */
export interface LookupRun {
  readonly id: string;
  readonly list: string;
  readonly listId: string;
  readonly lookups: readonly string[];
  readonly state: LookupRunState;
  /** How many it is about, where that was known when it began. */
  readonly people?: number;
  /** Of these, who are done with. */
  readonly contacts: number;
  /** By look-up, and in it by answer; `failed` are those of whom nothing could be learnt. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Epoch ms. */
  readonly at: number;
  readonly endedAt?: number;
  /** Those of its look-ups that no server has had of late: it waits for one that does. */
  readonly missing: readonly string[];
}

/** A run that this node has for itself. */
export interface LookupRunHold {
  readonly id: string;
  readonly listId: string;
  readonly lookups: readonly string[];
  /** The last contact of the page that is being looked up; undefined before it. */
  readonly pageEnd: string | undefined;
  /** The last contact of the pages before. */
  readonly place: string;
  /** The last contact of the run; undefined: whoever is on the list. */
  readonly last: string | undefined;
  /** Only those who were chosen for it. */
  readonly chosen: boolean;
}

export interface LookupStore {
  /** Makes known which there are; said again and again while they are. */
  know(lookups: readonly KnownLookup[]): Promise<void>;
  /** Takes questions that are due, within the pace that all nodes have together. @param lease for how long nobody else asks them, ms */
  take(name: string, most: number, pace: { readonly perSecond: number; readonly leaseMs: number }): Promise<readonly TakenQuestion[]>;
  /** Keeps an answer, tells the contacts, and calls back whoever waits for it. @param ageMs for how long it is good */
  answered(name: string, question: LookupQuestion, answer: LookupAnswer, ageMs: number): Promise<void>;
  /** @param again in how many ms it is asked again; with `over` it counts as failed until then, and whoever waits is called back */
  failed(name: string, question: LookupQuestion, reason: string, again: { readonly inMs: number; readonly over: boolean }): Promise<void>;
  /** Which look-ups a campaign wants, its pass's own among them, that no server has now. */
  missing(campaignId: string): Promise<readonly string[]>;
  /** Names of those that some server has now. */
  ready(): Promise<readonly string[]>;
  /** How many questions of campaigns and lists have no answer yet, by look-up. */
  waiting(): Promise<Readonly<Record<string, number>>>;
  counts(): Promise<readonly LookupCounts[]>;
  /** What is known, newest first. @param subject number or client id */
  find(subject: string): Promise<readonly (LookupFact & { readonly at: number })[]>;
}

export interface LookupRunStore {
  /** Has everybody on a list looked up. Faults: `list-unknown`, `lookup-unknown`, `lookup-invalid`. */
  begin(listId: string, lookups: readonly string[]): Promise<LookupRun>;
  /** The newest first. @param beforeId what a page begins behind */
  runs(limit: number, beforeId?: string): Promise<readonly LookupRun[]>;
  /** Those that there are, the oldest first. */
  find(ids: readonly string[]): Promise<readonly LookupRun[]>;
  /** Nothing more is asked for it. @returns whether it was running */
  cancel(id: string): Promise<boolean>;
  /**
   * Takes those that want nothing but these look-ups and that nobody else has, or that this node has; until the lease ends. Of several that ask the same look-up it takes the first.
   * @returns at most `limit`, in the order in which they began
   */
  hold(leaseMs: number, lookups: readonly string[], limit: number): Promise<readonly LookupRunHold[]>;
  /** Wants the next people of it looked up. @returns false when there are no more */
  nextPage(run: LookupRunHold, contacts: number): Promise<boolean>;
  /** Counts the people of the page when everything is known of them that will be. @returns whether it is */
  pageDone(run: LookupRunHold): Promise<boolean>;
  end(id: string): Promise<void>;
}
