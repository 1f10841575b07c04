import type { ChannelName, Result } from "../attempt/result.ts";

/** Which attempts a report is about: those that ended in [from, to), and what else happened then. */
export interface ReportScope {
  /** Epoch ms, on a quarter of an hour. */
  readonly from: number;
  readonly to: number;
  /** IANA zone, in which days, weeks and months begin. */
  readonly zone: string;
  readonly campaignId?: string;
  /** Every pass of it. */
  readonly strategyCampaignId?: string;
  readonly listId?: string;
  /** Campaigns that the group works for; of agents, its members. */
  readonly groupId?: string;
  /** Nothing but what belongs to these groups: whoever asks is limited to them. */
  readonly groupIds?: readonly string[];
  readonly agentId?: string;
  readonly channel?: ChannelName;
}

/** What says which campaigns a report is about. */
export type CampaignScope = Pick<ReportScope, "campaignId" | "strategyCampaignId" | "listId" | "groupId" | "groupIds">;

/** What figures can be added up by. */
export const groupings = ["all", "campaign", "list", "group", "agent", "channel", "hour", "day", "week", "month"] as const;
export type Grouping = (typeof groupings)[number];
/** What has a name besides its id. */
export type NamedGrouping = Extract<Grouping, "campaign" | "list" | "group" | "agent">;

/** What five habits of charging come to, in seconds: see options.ts. */
export interface Charged {
  readonly "1/1": number;
  readonly "6/6": number;
  readonly "30/6": number;
  readonly "60/1": number;
  readonly "60/60": number;
}

/** Calls that were answered, added up. */
export interface Charges {
  readonly answered: number;
  readonly talkMs: number;
  readonly charged: Charged;
}

/** Second legs that were answered and have ended, by trunk. */
export interface SecondLegRow extends Charges {
  readonly key: string;
  readonly via: string;
}

/** Attempts that ended, added up. */
export interface CountRow extends Charges {
  /** An id, a channel, a name, or the beginning of a stretch as text of its zone (`2026-11-22`, `2026-11-22T15`); empty for all. */
  readonly key: string;
  readonly channel: ChannelName;
  readonly inbound: boolean;
  /** Trunk, bind or mail pool, where those are told apart; else empty. */
  readonly via: string;
  readonly results: Readonly<Partial<Record<Result, number>>>;
  readonly parts: number;
  /** Who was reached for the first time in their campaign. */
  readonly people: number;
}

export const wordKinds = ["outcome", "disposition", "event", "opt-out", "reply", "click", "answer"] as const;
export type WordKind = (typeof wordKinds)[number];

/** What else happened, added up. */
export interface WordRow {
  readonly key: string;
  readonly kind: WordKind;
  /** `none` for an event that is put down to nothing and names no channel. */
  readonly channel: ChannelName | "none";
  readonly word: string;
  /** Of an event with an amount its currency, of a disposition its category, of an answer its value. */
  readonly unit: string;
  /** Whether it belongs to a campaign: an event that is put down to no attempt does not. */
  readonly attributed: boolean;
  readonly count: number;
  readonly amount: number;
}

export interface AgentRow {
  readonly agentId: string;
  readonly name: string;
  readonly state: string;
  readonly ms: number;
  /** How often the state began. */
  readonly times: number;
}

export interface AbandonmentRow {
  readonly campaignId: string;
  readonly name: string;
  readonly day: { readonly answers: number; readonly abandoned: number };
  readonly month: { readonly answers: number; readonly abandoned: number };
}

/** A campaign as it stands now. */
export interface LiveRow {
  readonly campaignId: string;
  readonly name: string;
  readonly state: string;
  readonly channel: ChannelName;
  /** Attempts that have not ended. */
  readonly underWay: number;
}

/** One contact of a campaign with its last attempt there. */
export interface ContactRow {
  readonly contactId: string;
  readonly clientId: string | undefined;
  readonly attempts: number;
  readonly attemptId: string | undefined;
  readonly channel: ChannelName | undefined;
  readonly address: string | undefined;
  readonly result: Result | undefined;
  readonly outcome: string | undefined;
  readonly disposition: string | undefined;
  /** Epoch ms. */
  readonly endedAt: number | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** A counter that is not what the log comes to. */
export interface Difference {
  readonly what: "attempts" | "attempts-of-agents" | "words" | "words-of-agents" | "agents" | "second-legs";
  readonly key: string;
  readonly counted: number;
  readonly logged: number;
}

export interface ReportStore {
  /** Each moment's figures: what has been committed is in them. */
  counts(scope: ReportScope, by: Grouping, perVia?: boolean): Promise<readonly CountRow[]>;
  secondLegs(scope: ReportScope, by: Grouping): Promise<readonly SecondLegRow[]>;
  words(scope: ReportScope, by: Grouping, kinds: readonly WordKind[]): Promise<readonly WordRow[]>;
  /** What they are called, by id. */
  names(of: NamedGrouping, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** How many people stand on the lists of these campaigns, by campaign. */
  listed(campaignIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** States with the one that goes on, up to the end of the scope or now. */
  agentTimes(scope: ReportScope): Promise<readonly AgentRow[]>;
  abandonment(scope: CampaignScope): Promise<readonly AbandonmentRow[]>;
  live(scope: CampaignScope & Pick<ReportScope, "channel" | "agentId">): Promise<readonly LiveRow[]>;
  /** Everybody whom a campaign has had or has on its list, in ascending id order, however many. Faults: `campaign-unknown` */
  contacts(campaignId: string): AsyncIterable<ContactRow>;
  /** Takes what was appended into the counters, at most so many rows of each kind. @returns how many there were */
  fold(most: number): Promise<number>;
  /** Where counters and log differ, at most so many; all in one snapshot. */
  differences(most: number): Promise<{ readonly compared: number; readonly differences: readonly Difference[] }>;
  /** Counts everything anew from the log. Whoever ends an attempt meanwhile waits. */
  recount(): Promise<void>;
}
