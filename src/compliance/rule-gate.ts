import { DateTime } from "luxon";
import type { ChannelName } from "../attempt/result.ts";
import { isTimeZone } from "./calling-window.ts";
import type { GateCandidate, PlacePolicy, Refusal } from "./gate-facts.ts";
import { placesOf } from "./place.ts";
import { type CampaignRules, refusalOf } from "./rule.ts";
import type { RuleAnswer, RuleFacts } from "./rule-language.ts";

/**
 * The refusal of the first rule that holds somebody back for good, else of the one that does so for longest.
 * A rule that cannot be decided for a person holds them back: where it is in doubt the answer is no.
 * @param zones in which the person may be; a rule holds them back when it does in one of them
 */
export function askRules(
  at: number,
  candidate: GateCandidate,
  { campaign, channel, rules }: CampaignRules,
  zones: readonly string[],
  places: PlacePolicy | undefined,
): Refusal | undefined {
  // A zone that nobody knows is refused by the question about hours.
  const facts = zones.filter(isTimeZone).map((zone) => factsOf(at, candidate, { campaign, channel, zone, places }));
  let longest: Refusal | undefined;
  for (const { rule, question } of rules) {
    if (facts.every((each) => question(each) === false)) continue;
    if (rule.againAfterS === undefined) return { rule: refusalOf(rule) };
    const retryAt = at + rule.againAfterS * 1000;
    if (retryAt > (longest?.retryAt ?? 0)) longest = { rule: refusalOf(rule), retryAt };
  }
  return longest;
}

/** What the rules said, for people. */
export function sawRules(
  at: number,
  candidate: GateCandidate,
  { campaign, channel, rules }: CampaignRules,
  zones: readonly string[],
  places: PlacePolicy | undefined,
): string {
  const facts = zones.filter(isTimeZone).map((zone) => factsOf(at, candidate, { campaign, channel, zone, places }));
  return rules.map(({ rule, question }) => `${rule.name}: ${wordOf(facts.map(question))}`).join("; ");
}

function wordOf(answers: readonly RuleAnswer[]): string {
  for (const answer of answers) if (typeof answer === "object") return `undecided, so no (${answer.undecided})`;
  return answers.includes(true) ? "holds the person back" : "nothing against it";
}

interface Where {
  readonly campaign: string;
  readonly channel: ChannelName;
  /** IANA. */
  readonly zone: string;
  readonly places?: PlacePolicy | undefined;
}

/** What a rule is told of somebody. @param at epoch ms */
export function factsOf(at: number, { address, fields = {}, ...candidate }: GateCandidate, { campaign, channel, zone, places }: Where): RuleFacts {
  const local = DateTime.fromMillis(at, { zone });
  const where = placesOf({ ...candidate, address, fields }, places);
  return {
    ...{ fields, address, channel, campaign, places: where, country: where[0] ?? "", now: at },
    ...{ hour: local.hour, weekday: local.weekday, date: local.toISODate() ?? "" },
  };
}
