import type { ChannelName } from "../attempt/result.ts";
import type { GateRule } from "./gate-rules.ts";

/** What a cap counts. `debt-calls` and `debt-conversation` are the two halves of the rule for debt collectors in the United States; `law` is what the law of a place says (legal-caps.ts). */
export const capKinds = ["cap", "debt-calls", "debt-conversation", "law"] as const;
export type CapKind = (typeof capKinds)[number];

/**
 * How often somebody may be contacted in a window that rolls. Attempts count as attempt/result.ts says, and so does what is reserved or on its way.
 * People are the same when their client id is; whoever has none is known by the address.
 */
export interface FrequencyCap {
  readonly id: string;
  /** Unique. */
  readonly name: string;
  readonly kind: CapKind;
  readonly per: "person" | "address";
  /** At least 1. */
  readonly most: number;
  readonly windowS: number;
  /** It counts attempts on this channel and holds for it. Absent: over all channels. */
  readonly channel?: ChannelName;
  /** It holds in this campaign, and a `cap` counts only what that one did. Absent: in every campaign, over all of them. */
  readonly campaignId?: string;
  /** Of debts: the field of the contact that says which debt it is. */
  readonly field?: string;
  /** Of a cap by law: the place whose law it is, and where it stands. */
  readonly place?: string;
  readonly source?: string;
}

export type NewCap = Omit<FrequencyCap, "id">;

/** How a candidate stands with one cap. */
export interface CapFact {
  /** The cap's. */
  readonly name: string;
  readonly rule: CapRule;
  /** Attempts in the window. */
  readonly count: number;
  readonly most: number;
  readonly windowS: number;
  /** Epoch ms: until then it is full. Absent when there is room. */
  readonly retryAt?: number;
}

type CapRule = Extract<GateRule, "frequency-cap" | "debt-call-cap" | "debt-conversation" | "legal-cap">;

export const capRules: Readonly<Record<CapKind, CapRule>> = {
  cap: "frequency-cap",
  "debt-calls": "debt-call-cap",
  "debt-conversation": "debt-conversation",
  law: "legal-cap",
};

/** Shorter ones are nobody's rule; the longest is a year and a day. */
export const shortestWindowS = 60;
export const longestWindowS = 366 * 86_400;
/** More than this a person is never to hear of us in any window. */
export const largestCap = 1000;

/**
 * Seven consecutive days of 24 hours, and the hour that the end of summer time puts among them. A window of that length that rolls holds every seven consecutive days of the calendar
 * of which the law speaks, so it is never laxer; it may be up to a day stricter.
 */
const sevenDaysS = 7 * 86_400 + 3600;

/**
 * The US rule for debt collectors, for each person and debt: no more than seven calls within seven consecutive days, and none within seven days after a conversation
 * (12 CFR 1006.14(b)(2)(i)(A) and (B), Regulation F, in force since 2021-11-30). All numbers of the person count together (comment 14(b)(2)(i)-1), and so does who called us
 * for the conversation.
 * @param field of the contact, that says which debt it is
 */
export function usDebtCaps(name: string, field: string, campaignId?: string): readonly NewCap[] {
  const both = { per: "person" as const, windowS: sevenDaysS, channel: "voice" as const, field, ...(campaignId !== undefined && { campaignId }) };
  return [
    { ...both, name: `${name}-calls`, kind: "debt-calls", most: 7 },
    { ...both, name: `${name}-conversation`, kind: "debt-conversation", most: 1 },
  ];
}
