import type { ChannelName } from "../attempt/result.ts";
import type { CampaignRules, Rule, RuleVersion } from "./rule.ts";

/** The account's own rules, in versions. */
export interface RuleStore {
  /** Those that hold, by name. */
  list(): Promise<readonly RuleVersion[]>;
  /** Every version of one, the newest first; none when there never was one of that name. */
  history(name: string): Promise<readonly RuleVersion[]>;
  /**
   * Makes it, or a new version of it.
   * @param by who did, for people
   * @returns `fresh` is false when it says the same already, and nothing was written. @throws Fault `campaign-unknown`
   */
  put(rule: Rule, by: string): Promise<{ readonly rule: RuleVersion; readonly fresh: boolean }>;
  /** @returns false when there is none of that name */
  remove(name: string, by: string): Promise<boolean>;
  /** Another one after every change. */
  mark(): Promise<string>;
}

/** The rules that hold now, for the gate; never waits. */
export interface OwnRules {
  /** Undefined where none does. */
  of(campaign: string, channel: ChannelName): CampaignRules | undefined;
}
