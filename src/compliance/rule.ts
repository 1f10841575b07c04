import { type ChannelName, channelNames } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { type RuleQuestion, readExpression } from "./rule-language.ts";

/** A rule of the account's own: whom its expression is true for is not contacted. */
export interface Rule {
  /** Lower case with hyphens, unique. */
  readonly name: string;
  /** In CEL; see rule-language.ts. */
  readonly expression: string;
  /** Whom it holds back and why, for people. */
  readonly meaning: string;
  /** It holds on these; empty for every one. */
  readonly channels: readonly ChannelName[];
  /** Name of a campaign, of a pass, or of a campaign with all its passes, in which it holds; absent for every one. */
  readonly campaign?: string;
  /** Who is held back is asked about again after so long; absent: not at all, the refusal is for good. */
  readonly againAfterS?: number;
}

/** A rule as it is kept: every change makes a new version. */
export interface RuleVersion extends Rule {
  readonly version: number;
  /** Of the last version of one that was taken away. */
  readonly removed: boolean;
  /** Epoch ms. */
  readonly changedAt: number;
  readonly changedBy: string;
}

/** A rule that can be asked. */
export interface RuleReady {
  readonly rule: Rule;
  readonly question: RuleQuestion;
}

/** The rules that hold in one campaign on one channel. */
export interface CampaignRules {
  readonly campaign: string;
  readonly channel: ChannelName;
  readonly rules: readonly RuleReady[];
}

export const ruleNameForm = /^[a-z][a-z0-9-]{0,63}$/;
export const longestMeaning = 300;
/** Shorter would ask all the time; the longest is a year and a day. */
export const shortestAgainS = 60;
export const longestAgainS = 366 * 86_400;

/** @throws Fault `rule-invalid` that says what is wrong and where */
export function readyRule(rule: Rule): RuleReady {
  const { name, expression, meaning, channels, againAfterS } = rule;
  if (!ruleNameForm.test(name))
    throw invalid("A rule's name is lower-case letters, digits and hyphens, begins with a letter and has 64 characters at most.");
  if (meaning.trim() === "" || meaning.length > longestMeaning || /\p{Cc}/u.test(meaning))
    throw invalid(`Say whom the rule holds back and why, in 1 to ${longestMeaning} characters on one line.`);
  const strange = channels.find((channel) => !channelNames.includes(channel));
  if (strange !== undefined) throw invalid(`There is no channel ${String(strange)}: ${channelNames.join(", ")}.`);
  if (againAfterS !== undefined && !(Number.isInteger(againAfterS) && againAfterS >= shortestAgainS && againAfterS <= longestAgainS))
    throw invalid(`Who is held back can be asked about again after ${shortestAgainS} s to 366 days.`);
  return { rule, question: readExpression(expression) };
}

/** The rule that contacts without these columns are not contacted. @throws RangeError without any */
export function requiringFields(names: readonly string[]): string {
  if (names.length === 0) throw new RangeError("requiringFields: name a field");
  return names.map((name) => `!(${JSON.stringify(name)} in fields) || fields[${JSON.stringify(name)}] == ""`).join(" || ");
}

/** Whether a rule holds in a campaign on its channel. */
export function holdsIn({ channels, campaign }: Rule, name: string, channel: ChannelName): boolean {
  if (channels.length > 0 && !channels.includes(channel)) return false;
  return campaign === undefined || campaign === name || name.startsWith(`${campaign}/`);
}

/** How the gate knows a refusal by a rule of the account's own. */
export function refusalOf(rule: Rule): `rule/${string}` {
  return `rule/${rule.name}`;
}

function invalid(message: string): Fault {
  return new Fault("rule-invalid", message);
}
