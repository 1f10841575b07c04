import { type LookupFact, type LookupRule, type LookupStanding, standingOf } from "../contact/lookup/lookup.ts";
import type { Refusal } from "./gate-facts.ts";

/** Whoever waits for an answer is asked about again after so long at the latest: an answer calls them back at once. */
export const lookupWaitMs = 10 * 60_000;

type Rules = Readonly<Record<string, LookupRule>> | undefined;

/** What answers, or the want of them, say for good. @param at epoch ms */
export function askLookups(at: number, facts: readonly LookupFact[], rules: Rules): Refusal | undefined {
  for (const fact of facts) {
    const rule = rules?.[fact.name];
    const standing = standingOf(at, fact, rule);
    if (standing.stands === "refused" && rule) return { rule: rule.kind };
    if (standing.stands === "failed") return { rule: "lookup-failed" };
  }
  return undefined;
}

/** Whether something has to be known first. @param at epoch ms */
export function stillToAsk(at: number, facts: readonly LookupFact[], rules: Rules): Refusal | undefined {
  let held = 0;
  for (const fact of facts) {
    const standing = standingOf(at, fact, rules?.[fact.name]);
    if (standing.stands === "open") return { rule: "not-looked-up", retryAt: at + lookupWaitMs };
    if (standing.stands === "held") held = Math.max(held, standing.until);
  }
  return held > 0 ? { rule: "not-looked-up", retryAt: held } : undefined;
}

/** What the look-ups said, for people; never about whom. */
export function sawLookups(at: number, facts: readonly LookupFact[], rules: Rules): string {
  if (facts.length === 0) return "the campaign wants no look-up";
  return facts.map((fact) => `${fact.name}: ${wordsOf(standingOf(at, fact, rules?.[fact.name]), fact, rules?.[fact.name])}`).join("; ");
}

function wordsOf(standing: LookupStanding, { subject, state, reason }: LookupFact, rule: LookupRule | undefined): string {
  if (rule === undefined) return "no look-up of that name is configured";
  const why = reason ? ` (${reason})` : "";
  switch (standing.stands) {
    case "good":
      return standing.word;
    case "refused":
      return `${standing.word}${why}`;
    case "open":
      return state === "wanted" ? "it is being asked" : "not looked up yet";
    case "held":
      return `could not be asked${why}; asked again from ${new Date(standing.until).toISOString()}`;
    default:
      return subject === null ? "the contact has nothing to be asked about" : `could not be asked${why}`;
  }
}
