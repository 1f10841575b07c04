import type { ChannelName } from "../attempt/result.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { type CampaignRules, holdsIn, type Rule, type RuleReady, readyRule } from "./rule.ts";
import type { OwnRules, RuleStore } from "./rule-ports.ts";

/** A change on another node holds here after so long at the latest. */
const lookMs = 1000;

export interface RuleBookParts {
  readonly rules: Pick<RuleStore, "list" | "mark">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The account's rules as they are in the database, kept ready for the gate, which cannot wait. */
export class RuleBook implements OwnRules {
  readonly #parts: RuleBookParts;
  #mark: string | undefined;
  #rules: readonly RuleReady[] = [];
  #end: (() => Promise<void>) | undefined;

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  /** Reads them, and follows every change from then on. Nobody may be asked about before. */
  async open(): Promise<void> {
    await this.look();
    const { clock, log } = this.#parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "cannot look for changes of the account's rules; those that were read hold, trying again"),
    );
  }

  /** Reads what has changed. */
  async look(): Promise<void> {
    const { rules, log } = this.#parts;
    const mark = await rules.mark();
    if (mark === this.#mark) return;
    this.#rules = (await rules.list()).map((rule) => this.#ready(rule));
    if (this.#mark !== undefined) log.info({ rules: this.#rules.map(({ rule }) => rule.name) }, "the account's rules have changed");
    this.#mark = mark;
  }

  of(campaign: string, channel: ChannelName): CampaignRules | undefined {
    const rules = this.#rules.filter(({ rule }) => holdsIn(rule, campaign, channel));
    return rules.length === 0 ? undefined : { campaign, channel, rules };
  }

  async close(): Promise<void> {
    await this.#end?.();
  }

  /** One that cannot be read any more holds everybody back: what it says is not known, so nobody is sure to be free of it. */
  #ready(rule: Rule): RuleReady {
    try {
      return readyRule(rule);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.log.error({ rule: rule.name, reason: why }, "a rule of the account cannot be read: it holds back everybody for whom it is meant");
      return { rule, question: () => ({ undecided: why }) };
    }
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
