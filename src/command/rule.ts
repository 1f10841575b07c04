import { systemClock } from "../adapter/system/clock.ts";
import type { ChannelName } from "../attempt/result.ts";
import { type Rule, readyRule, requiringFields } from "../compliance/rule.ts";
import { type RuleWanted, wantedRule } from "../compliance/rule-book-engine.ts";
import { ruleFunctions, ruleVariables } from "../compliance/rule-language.ts";
import { Fault } from "../kernel/fault.ts";
import { trialsOf } from "../start/rules.ts";
import { whereaboutsOf } from "../start/whereabouts.ts";
import type { RuleBacktest, RuleTrial } from "../strategy/rule-trial-engine.ts";
import { findCampaign } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";
import { counted, openProgress } from "./terminal.ts";
import { byUser } from "./user.ts";

export interface RuleWish extends CommonOptions {
  readonly meaning?: string;
  /** Columns that contacts must have, in place of an expression. */
  readonly require?: readonly string[];
  readonly channel?: readonly ChannelName[];
  readonly campaign?: string;
  readonly againAfterH?: number;
}

export interface TrialWish extends CommonOptions {
  /** Name of a rule that holds, in place of an expression. */
  readonly rule?: string;
  readonly channel?: readonly ChannelName[];
  readonly json?: boolean;
}

const dayMs = 86_400_000;

/** `carillon rule set NAME 'EXPRESSION' --meaning WHY`, `carillon rule set NAME --require amount` */
export function setRule(name: string, expression: string | undefined, wish: RuleWish): Promise<string> {
  const { rule } = readyRule(ruleOf(name, expression, wish));
  return withStores(wish, async (stores) => {
    const { rule: kept, fresh } = await stores.rules.put(rule, byUser());
    if (!fresh) return `${name} says that already, in version ${kept.version}.`;
    return `${name} is kept as version ${kept.version}. It holds back whom its expression is true for, in ${scopeOf(kept)}; servers go by it within two seconds.`;
  });
}

/** @throws Fault `rule-invalid` */
function ruleOf(
  name: string,
  expression: string | undefined,
  { require: columns = [], meaning, channel = [], campaign, againAfterH }: RuleWish,
): Rule {
  if ((expression === undefined) === (columns.length === 0)) throw new Fault("rule-invalid", "Give an expression, or --require with a column.");
  return {
    name,
    expression: expression ?? requiringFields(columns),
    meaning: meaning ?? (columns.length > 0 ? `the contact lacks ${columns.join(" or ")}` : ""),
    channels: channel,
    ...(campaign !== undefined && { campaign }),
    ...(againAfterH !== undefined && { againAfterS: Math.round(againAfterH * 3600) }),
  };
}

/** `carillon rule list` */
export function listRules(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ rules }) => {
    const all = await rules.list();
    if (options.json) return JSON.stringify(all, null, 2);
    if (all.length === 0) return "There are no rules: carillon rule set makes one.";
    return tableText(
      ["NAME", "VERSION", "HOLDS BACK WHERE", "IN", "MEANING"],
      all.map((rule) => [rule.name, String(rule.version), rule.expression, scopeOf(rule), rule.meaning]),
    );
  });
}

/** `carillon rule show NAME`: every version. */
export function showRule(name: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ rules }) => {
    const history = await rules.history(name);
    if (history.length === 0) throw unknown(name);
    if (options.json) return JSON.stringify(history, null, 2);
    return tableText(
      ["VERSION", "SINCE", "BY", "HOLDS BACK WHERE", "IN"],
      history.map((rule) => [
        String(rule.version),
        timeCell(rule.changedAt),
        rule.changedBy,
        rule.removed ? "(taken away)" : rule.expression,
        scopeOf(rule),
      ]),
    );
  });
}

/** `carillon rule remove NAME` */
export function removeRule(name: string, options: CommonOptions): Promise<string> {
  return withStores(options, async ({ rules }) => {
    if (!(await rules.remove(name, byUser()))) throw unknown(name);
    return `Removed ${name}: it holds nobody back any more.`;
  });
}

/** `carillon rule language` */
export function showLanguage(): string {
  const variables = Object.entries(ruleVariables).map(([name, { type, meaning }]) => [
    name,
    type.replace("google.protobuf.Timestamp", "timestamp"),
    meaning,
  ]);
  const functions = Object.entries(ruleFunctions).map(([signature, meaning]) => [signature, "", meaning]);
  return tableText(["NAME", "TYPE", "WHAT IT IS"], [...variables, ...functions]);
}

/** `carillon rule try CAMPAIGN 'EXPRESSION'`: whom it would hold back now. */
export function tryRule(campaignName: string, expression: string | undefined, wish: TrialWish): Promise<string> {
  return withStores(wish, async (stores, config) => {
    const ready = await wantedRule(stores.rules, wantedOf(expression, wish));
    const campaign = await findCampaign(stores, campaignName);
    const line = openProgress(process.stderr, () => systemClock.now());
    const trial = await trialsOf(stores, whereaboutsOf(config), systemClock)
      .try(ready, campaign.id, (asked) => line.show(`asked about ${counted(asked, "contact")}`))
      .finally(() => line.end());
    return wish.json ? JSON.stringify(trial, null, 2) : trialText(trial, `of those whom ${campaignName} means to contact`, "Contacts");
  });
}

/** `carillon rule backtest 'EXPRESSION' --days 30`: which attempts it would have kept from being made. */
export function backtestRule(
  expression: string | undefined,
  wish: TrialWish & { readonly days: number; readonly campaign?: string },
): Promise<string> {
  return withStores(wish, async (stores, config) => {
    const ready = await wantedRule(stores.rules, wantedOf(expression, wish));
    const now = systemClock.now();
    const line = openProgress(process.stderr, () => systemClock.now());
    const found = await trialsOf(stores, whereaboutsOf(config), systemClock)
      .backtest(ready, now - wish.days * dayMs, now, (asked) => line.show(`asked about ${counted(asked, "attempt")}`))
      .finally(() => line.end());
    return wish.json ? JSON.stringify(found, null, 2) : backtestText(found, wish.days);
  });
}

function wantedOf(expression: string | undefined, { rule, channel, campaign }: TrialWish & { readonly campaign?: string }): RuleWanted {
  return {
    ...(expression !== undefined && { expression }),
    ...(rule !== undefined && { rule }),
    ...(channel && { channels: channel }),
    ...(campaign !== undefined && { campaign }),
  };
}

function trialText({ asked, held, undecided, examples }: RuleTrial, whom: string, examplesOf: string): string {
  const parts = [`It holds back ${held} of ${asked} ${whom}.`];
  const reasons = Object.entries(undecided);
  if (reasons.length > 0)
    parts.push(
      tableText(
        ["OF THEM UNDECIDED, SO HELD BACK", ""],
        reasons.map(([reason, count]) => [reason, String(count)]),
      ),
    );
  if (examples.length > 0) parts.push(`${examplesOf} such as ${examples.join(", ")}.`);
  return parts.join("\n\n");
}

function backtestText({ campaigns, results, gone, ...trial }: RuleBacktest, days: number): string {
  const parts = [trialText(trial, `attempts of the last ${days} days`, "Attempts")];
  if (campaigns.length > 0)
    parts.push(
      tableText(
        ["CAMPAIGN", "CHANNEL", "ATTEMPTS", "HELD BACK"],
        campaigns.map(({ campaign, channel, asked, held }) => [campaign, channel, String(asked), String(held)]),
      ),
    );
  const ends = Object.entries(results);
  if (ends.length > 0)
    parts.push(
      tableText(
        ["HOW THOSE HELD BACK ENDED", "ATTEMPTS"],
        ends.map(([result, count]) => [result, String(count)]),
      ),
    );
  if (gone > 0) parts.push(`${gone} attempts were to people who were deleted since; nobody can be asked about them.`);
  return parts.join("\n\n");
}

function scopeOf({ channels, campaign, againAfterS }: Rule): string {
  const where = campaign ?? "every campaign";
  const by = channels.length === 0 ? "" : ` by ${channels.join(", ")}`;
  return `${where}${by}${againAfterS === undefined ? "" : `, for ${againAfterS / 3600} h`}`;
}

function unknown(name: string): Fault {
  return new Fault("rule-unknown", `There is no rule ${name}; carillon rule list shows them.`);
}
