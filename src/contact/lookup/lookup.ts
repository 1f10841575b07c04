/** What can be asked of somebody, and the words in which answers are kept, whoever gives them. */
export const lookupWords = {
  "line-type": ["mobile", "landline", "voip", "unknown"],
  reassigned: ["yes", "no", "no-data"],
  customer: ["contact", "do-not-contact"],
} as const;

export type LookupKind = keyof typeof lookupWords;
export type LookupWord = (typeof lookupWords)[LookupKind][number];

export const lookupKinds = Object.keys(lookupWords) as readonly LookupKind[];

/** allow: the person is contacted all the same. hold: later, when it was asked again. refuse: not at all. */
export const lookupFallbacks = ["allow", "hold", "refuse"] as const;
export type LookupFallback = (typeof lookupFallbacks)[number];

/** Who is asked about. */
export type LookupSubject = "number" | "client-id";

/** How a look-up by its name is judged; the rest is between us and the server that is asked. */
export interface LookupRule {
  readonly kind: LookupKind;
  /** What is done where no answer is to be had. */
  readonly fallback: LookupFallback;
  /** With these answers nobody is contacted. */
  readonly refuse: readonly LookupWord[];
}

/** A question to somebody's server. */
export interface LookupQuestion {
  /** E.164, or the customer's own id of the person. */
  readonly subject: string;
  /** Since when the number is believed to be the person's (`YYYY-MM-DD`); empty where it does not matter or is not known. */
  readonly dated: string;
}

export interface LookupAnswer {
  readonly word: LookupWord;
  /** Why, in the words of whoever answered. */
  readonly reason?: string;
  /** What the contact learns of itself. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What an answer makes of the kind of a number in the lists; undefined leaves it. Of one that goes over the Internet it is not known where it rings. */
export function addressKindOf(word: LookupWord): "mobile" | "landline" | "unknown" | undefined {
  if (word === "mobile" || word === "landline") return word;
  return word === "voip" ? "unknown" : undefined;
}

/** How a question stands that a campaign asks of somebody. */
export interface LookupFact {
  /** Of the look-up. */
  readonly name: string;
  /** Null where the contact has nothing that could be asked about. */
  readonly subject: string | null;
  readonly dated: string;
  /** Null: never asked. */
  readonly state: LookupState | null;
  readonly word?: LookupWord | null;
  readonly reason?: string | null;
  /** Epoch ms: until when an answer is good, when a failed one may be asked again. */
  readonly until?: number | null;
}

export const lookupStates = ["wanted", "answered", "failed"] as const;
export type LookupState = (typeof lookupStates)[number];

/** canceled: somebody wanted it no more; what was asked by then is known. */
export const lookupRunStates = ["running", "done", "canceled"] as const;
export type LookupRunState = (typeof lookupRunStates)[number];

/** What a fact comes to. */
export type LookupStanding =
  | { readonly stands: "good"; readonly word: LookupWord }
  | { readonly stands: "allowed" }
  | { readonly stands: "refused"; readonly word: LookupWord; readonly reason?: string }
  | { readonly stands: "failed" }
  | { readonly stands: "held"; readonly until: number }
  /** Nobody knows yet; an answer is to be had. */
  | { readonly stands: "open" };

/** @param at epoch ms @param rule undefined where no server of this configuration has such a look-up: then nobody can say yes */
export function standingOf(at: number, { subject, state, word, reason, until }: LookupFact, rule: LookupRule | undefined): LookupStanding {
  if (rule === undefined) return { stands: "open" };
  const fresh = (until ?? 0) > at;
  if (state === "answered" && word && fresh) {
    if (rule.refuse.includes(word)) return { stands: "refused", word, ...(reason && { reason }) };
    return { stands: "good", word };
  }
  const never = subject === null;
  if (!never && !(state === "failed" && fresh)) return { stands: "open" };
  if (rule.fallback === "allow") return { stands: "allowed" };
  if (rule.fallback === "hold" && !never) return { stands: "held", until: until ?? at };
  return { stands: "failed" };
}

/** What has to be asked before anything can be said of somebody. @param at epoch ms */
export function openFacts(at: number, facts: readonly LookupFact[]): readonly LookupFact[] {
  return facts.filter(({ subject, state, until }) => subject !== null && !((state === "answered" || state === "failed") && (until ?? 0) > at));
}
