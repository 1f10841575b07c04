/** What a disposition means for what comes next. */
export const dispositionCategories = {
  success: "what the campaign is for was reached; the person is done",
  contact: "the right person was spoken to; the person is done",
  "do-not-call": "the person wants no more calls; a suppression is written",
  "wrong-number": "somebody else has the number; it is not called again in this campaign",
  callback: "the person is called again at a time agreed upon",
  retry: "nobody was reached; the person waits again, when and as often as the campaign's rules for its agents say",
} as const;
export type DispositionCategory = keyof typeof dispositionCategories;

/** What becomes of the person in the campaign: they wait again after a while, unless that has happened so often before; or they do not any more. */
export type DispositionTreatment = { readonly becomes: "waiting"; readonly afterMs: number; readonly atMost: number } | { readonly becomes: "done" };

/** @param retry as the campaign says */
export function treatmentOf(category: DispositionCategory, retry: { readonly afterS: number; readonly atMost: number }): DispositionTreatment {
  return category === "retry" ? { becomes: "waiting", afterMs: retry.afterS * 1000, atMost: retry.atMost } : { becomes: "done" };
}

/** Whom the agent had on the line. What they say of machines that were held out tells how many are people (voice/amd/holdout.ts). */
export const answerers = ["person", "machine", "unclear"] as const;
export type Answerer = (typeof answerers)[number];

/** What has to be told besides. */
export const dispositionDetails = ["amount", "date", "note"] as const;
export type DispositionDetail = (typeof dispositionDetails)[number];

/** One of the things an agent may say about a conversation. */
export interface Disposition {
  /** `promise-to-pay`: lower case, digits and hyphens; unique in its set. */
  readonly code: string;
  readonly label: string;
  readonly category: DispositionCategory;
  /** Without these it is not taken. */
  readonly needs: readonly DispositionDetail[];
  /** Left out: a machine where nobody was reached (`retry`), else a person. */
  readonly answeredBy?: Answerer;
}

export function answererOf({ category, answeredBy }: Pick<Disposition, "category" | "answeredBy">): Answerer {
  return answeredBy ?? (category === "retry" ? "machine" : "person");
}

/** What an agent said. */
export interface Said {
  readonly code: string;
  readonly note?: string;
  /** In the currency of the campaign, at most two decimals. */
  readonly amount?: number;
  /** A day: 2026-12-24. */
  readonly date?: string;
}

/** For campaigns that have no set of their own. */
export const defaultDispositions: readonly Disposition[] = [
  { code: "payment-done", label: "Payment done", category: "success", needs: [] },
  { code: "promise-to-pay", label: "Promise to pay", category: "success", needs: ["amount", "date"] },
  { code: "cross-sell", label: "Cross sell", category: "success", needs: [] },
  { code: "up-sell", label: "Up sell", category: "success", needs: [] },
  { code: "processed", label: "Processed", category: "success", needs: [] },
  { code: "transferred", label: "Transferred", category: "contact", needs: [] },
  { code: "terminated", label: "Terminated", category: "contact", needs: [] },
  { code: "not-right-skill", label: "Not right skill", category: "contact", needs: [] },
  { code: "sms-sent", label: "SMS sent", category: "contact", needs: [] },
  { code: "email-sent", label: "E-mail sent", category: "contact", needs: [] },
  { code: "follow-up", label: "Need follow up", category: "callback", needs: [] },
  { code: "do-not-call", label: "Do not call", category: "do-not-call", needs: [] },
  { code: "bad-number", label: "Bad number", category: "wrong-number", needs: [] },
  { code: "wrong-number", label: "Wrong number", category: "wrong-number", needs: [] },
  // Nobody said a word, which a person may do as well as a machine.
  { code: "no-answer", label: "No answer", category: "retry", needs: [], answeredBy: "unclear" },
  { code: "answering-machine", label: "Answering machine", category: "retry", needs: [] },
  { code: "left-message", label: "Left a message", category: "retry", needs: [] },
];

/** What is wrong with a set, with the place of each fault; empty when it can be used. */
export function checkSet(set: readonly Disposition[]): readonly { readonly at: number; readonly message: string }[] {
  const faults: { at: number; message: string }[] = [];
  const seen = new Set<string>();
  for (const [at, { code }] of set.entries()) {
    if (seen.has(code)) faults.push({ at, message: `${code} is there already` });
    seen.add(code);
  }
  if (!set.some(({ category }) => category === "do-not-call"))
    faults.push({ at: set.length, message: "one of the category do-not-call is needed: who asks for it must be taken at their word" });
  return faults;
}

/** Why what an agent said is not taken, or the disposition that was meant. */
export function understand(set: readonly Disposition[], said: Said): Disposition | { readonly refused: string } {
  const meant = set.find(({ code }) => code === said.code);
  if (!meant) return { refused: `There is no disposition ${said.code}; there are ${set.map(({ code }) => code).join(", ")}.` };
  const missing = meant.needs.filter((detail) => said[detail] === undefined || said[detail] === "");
  if (missing.length > 0) return { refused: `${meant.code} needs ${missing.join(" and ")}.` };
  if (said.date !== undefined && !isDay(said.date)) return { refused: `${said.date} is no day; write it as 2026-12-24.` };
  return meant;
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}
