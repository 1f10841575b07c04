import type { ChannelName } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { AccountBook } from "./account-book-engine.ts";
import { type CampaignRules, holdsIn, type Rule, type RuleReady, readyRule } from "./rule.ts";
import type { OwnRules, RuleStore } from "./rule-ports.ts";

export interface RuleBookParts {
  readonly rules: Pick<RuleStore, "list" | "mark">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The account's rules, kept ready for the gate. */
export class RuleBook extends AccountBook<RuleReady> implements OwnRules {
  constructor({ rules, clock, log }: RuleBookParts) {
    const read = async () => new Map((await rules.list()).map((rule) => [rule.name, ready(rule, log)]));
    super({ what: "rules", mark: () => rules.mark(), read, clock, log });
  }

  of(campaign: string, channel: ChannelName): CampaignRules | undefined {
    const rules = [...this.entries.values()].filter(({ rule }) => holdsIn(rule, campaign, channel));
    return rules.length === 0 ? undefined : { campaign, channel, rules };
  }
}

/** One that cannot be read any more holds everybody back: what it says is not known, so nobody is sure to be free of it. */
function ready(rule: Rule, log: Log): RuleReady {
  try {
    return readyRule(rule);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error({ rule: rule.name, reason: why }, "a rule of the account cannot be read: it holds back everybody for whom it is meant");
    return { rule, question: () => ({ undecided: why }) };
  }
}

/** Which rule is to be tried: one that holds, by its name, or an expression that nobody has kept. */
export type RuleWanted = { readonly rule?: string } & Partial<Pick<Rule, "expression" | "channels" | "campaign">>;

/** @throws Fault `rule-unknown`, and `rule-invalid` when both are named, or none, or it cannot be like this */
export async function wantedRule(
  rules: Pick<RuleStore, "history">,
  { rule: name, expression, channels = [], campaign }: RuleWanted,
): Promise<RuleReady> {
  if ((name === undefined) === (expression === undefined))
    throw new Fault("rule-invalid", "Give either an expression or the name of a rule that holds.");
  if (expression !== undefined)
    return readyRule({ name: "tried", meaning: "a rule that is tried", expression, channels, ...(campaign !== undefined && { campaign }) });
  const [newest] = await rules.history(name ?? "");
  if (newest === undefined || newest.removed)
    throw new Fault("rule-unknown", `There is no rule ${name} that holds; carillon rule list and GET /api/v1/rules have them.`);
  return readyRule(newest);
}
