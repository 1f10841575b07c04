import type { ChannelName } from "../attempt/result.ts";
import type { PlacePolicy } from "../compliance/gate.ts";
import { zonesOf } from "../compliance/gate-steps.ts";
import { holdsIn, type RuleReady } from "../compliance/rule.ts";
import { factsOf } from "../compliance/rule-gate.ts";
import type { RuleAnswer } from "../compliance/rule-language.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { CandidateReader, Waiting } from "./candidate-ports.ts";
import type { CampaignStore } from "./ports.ts";
import type { TriedReader } from "./rule-trial-ports.ts";

/** What a rule would do to people. */
export interface RuleTrial {
  /** Who was asked about: contacts that a campaign means to contact, or attempts. */
  readonly asked: number;
  readonly held: number;
  /** Of those held: for whom the expression could not be decided, by reason. */
  readonly undecided: Readonly<Record<string, number>>;
  /** Some of those held: ids of contacts, or of attempts. */
  readonly examples: readonly string[];
}

/** What a rule would have done to attempts that were made. */
export interface RuleBacktest extends RuleTrial {
  /** Attempts to people who were deleted since, about whom nobody can be asked. */
  readonly gone: number;
  readonly campaigns: readonly { readonly campaign: string; readonly channel: ChannelName; readonly asked: number; readonly held: number }[];
  /** Of those held, how they ended. */
  readonly results: Readonly<Record<string, number>>;
}

export interface RuleTrialParts {
  readonly campaigns: Pick<CampaignStore, "find">;
  readonly candidates: CandidateReader;
  readonly tried: TriedReader;
  /** How the account learns where people are. */
  readonly whereabouts: PlacePolicy;
  readonly clock: Clock;
}

const pageSize = 1000;
const mostExamples = 10;
/** Reasons name columns, and there are not many; lists come from strangers. */
const mostReasons = 50;

/** Asks a rule about people and changes nothing. */
export class RuleTrials {
  readonly #parts: RuleTrialParts;

  constructor(parts: RuleTrialParts) {
    this.#parts = parts;
  }

  /**
   * Whom it would hold back now of those whom a campaign still means to contact; of a draft everybody on its list.
   * @throws Fault `campaign-unknown`, `rule-invalid` when the rule is not for this campaign
   */
  async try(ready: RuleReady, campaignId: string, progress: (asked: number) => void = () => {}): Promise<RuleTrial> {
    const { campaigns, candidates, clock } = this.#parts;
    const campaign = await campaigns.find(campaignId);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
    const { name, channel, defaultTimeZone } = campaign;
    if (!holdsIn(ready.rule, name, channel))
      throw new Fault("rule-invalid", `The rule does not hold in ${name}: it is for other campaigns or channels.`);
    const at = clock.now();
    const count = new Count();
    for (let after: Waiting | undefined; ; ) {
      const page: readonly Waiting[] = await candidates.page(campaign, at, after, pageSize);
      for (const { contactId, asked } of page)
        if (typeof asked !== "string") count.add(this.#answers(ready, at, { ...asked, campaign: name, channel, defaultTimeZone }), contactId);
      progress(count.asked);
      after = page.at(-1);
      if (after === undefined || page.length < pageSize) return count.result();
    }
  }

  /**
   * Which attempts of a time it would have kept from being made, by what is known of their people now.
   * @param from epoch ms @param to not included
   */
  async backtest(ready: RuleReady, from: number, to: number, progress: (asked: number) => void = () => {}): Promise<RuleBacktest> {
    const count = new Count();
    const campaigns = new Map<string, { readonly campaign: string; readonly channel: ChannelName; asked: number; held: number }>();
    const results: Record<string, number> = {};
    let gone = 0;
    for (let afterId: string | undefined; ; ) {
      const page = await this.#parts.tried.page(from, to, pageSize, afterId);
      for (const { person, ...one } of page) {
        if (!holdsIn(ready.rule, one.campaign, one.channel)) continue;
        if (person === undefined) {
          gone += 1;
          continue;
        }
        const held = count.add(this.#answers(ready, one.at, { ...one, ...person }), one.attemptId);
        const key = `${one.channel} ${one.campaign}`;
        const of = campaigns.get(key) ?? { campaign: one.campaign, channel: one.channel, asked: 0, held: 0 };
        campaigns.set(key, { ...of, asked: of.asked + 1, held: of.held + (held ? 1 : 0) });
        const word = one.result ?? "under way";
        if (held) results[word] = (results[word] ?? 0) + 1;
      }
      progress(count.asked);
      afterId = page.at(-1)?.attemptId;
      if (afterId === undefined || page.length < pageSize) return { ...count.result(), gone, campaigns: [...campaigns.values()], results };
    }
  }

  #answers({ question }: RuleReady, at: number, person: Person): readonly RuleAnswer[] {
    const { whereabouts } = this.#parts;
    const zones = zonesOf(person, { defaultTimeZone: person.defaultTimeZone, places: whereabouts });
    return zones.map((zone) => question(factsOf(at, { ...person, suppressed: false }, { ...person, zone, places: whereabouts })));
  }
}

interface Person {
  readonly address: string;
  readonly timeZone: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly campaign: string;
  readonly channel: ChannelName;
  readonly defaultTimeZone: string;
}

class Count {
  asked = 0;
  #held = 0;
  readonly #undecided = new Map<string, number>();
  readonly #examples: string[] = [];

  /** @returns whether the person is held back */
  add(answers: readonly RuleAnswer[], id: string): boolean {
    this.asked += 1;
    if (answers.every((answer) => answer === false)) return false;
    this.#held += 1;
    const open = answers.find((answer) => typeof answer === "object");
    if (open) this.#openBecause(open.undecided);
    if (this.#examples.length < mostExamples) this.#examples.push(id);
    return true;
  }

  result(): RuleTrial {
    return { asked: this.asked, held: this.#held, undecided: Object.fromEntries(this.#undecided), examples: this.#examples };
  }

  #openBecause(reason: string): void {
    const known = this.#undecided.has(reason) || this.#undecided.size < mostReasons ? reason : "other reasons";
    this.#undecided.set(known, (this.#undecided.get(known) ?? 0) + 1);
  }
}
