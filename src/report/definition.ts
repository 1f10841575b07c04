import { figures } from "./figure.ts";
import { type Grouping, groupings } from "./ports.ts";
import type { Column, Unit } from "./table.ts";

/** What a report is: its columns in their order, and what can be asked of it. */
export interface ReportFacts {
  readonly summary: string;
  readonly columns: readonly Column[];
  /** What it can be added up by, where somebody asks for that. */
  readonly by: readonly Grouping[];
  /** Whether it is about a stretch of time; others are about now. */
  readonly dated: boolean;
  /** Whether it can be about one agent. */
  readonly ofAgents: boolean;
  /** Whether it can be about one channel. */
  readonly ofChannels: boolean;
}

/** Why a report takes none of what others take; undefined: it takes it, or no report does. */
export function whyNot({ by, dated, ofAgents, ofChannels }: ReportFacts, asked: string): string | undefined {
  if (asked === "by" && by.length === 0) return "what its rows are about is settled; `figures` and others are added up by what you like.";
  if ((asked === "from" || asked === "to") && !dated) return "it is about now.";
  if (asked === "agentId" && !ofAgents)
    return "who was abandoned got no agent. `figures` by agent has those for whom one had been held, as `abandoned`.";
  if (asked === "channel" && !ofChannels) return "it is about calls alone.";
  return undefined;
}

const column = (name: string, unit: Unit, meaning: string): Column => ({ name, unit, meaning });
const attempts = column("attempts", "count", "attempts that ended like that");
/** What a row is about, where a report is added up by something. */
const keyed: readonly Column[] = [
  { ...column("key", "text", "what the row is about: an id, a channel, or the beginning of a stretch of time; only with by"), keyed: true },
  { ...column("name", "text", "the name of the campaign, list, group or agent; only with by"), keyed: true },
];
const channel = column("channel", "text", "voice, sms or email");
const campaignId = column("campaignId", "text", "id of the campaign");
const campaign = column("campaign", "text", "its name");
const figureColumns = Object.entries(figures).map(([name, { unit, meaning }]) => column(name, unit, meaning));

/** Every report. docs/reports.md is held against it. */
export const reportFacts = {
  figures: {
    summary:
      "Delivery and reach, response, contact, conversion and payment rates, opt-outs and abandonment, by campaign, list, group, agent, channel or stretch of time",
    columns: [
      column("key", "text", "what the row is about: an id, a channel, or the beginning of a stretch of time"),
      column("name", "text", "the name of the campaign, list, group or agent"),
      ...figureColumns,
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  results: {
    summary: "Attempts by result, with the call_result of the Genesys export",
    columns: [
      ...keyed,
      channel,
      column("result", "text", "as docs/results.md has it"),
      column("callResult", "number", "its number in the Genesys export"),
      attempts,
      column("share", "rate", "attempts ÷ all of the channel"),
      column("meaning", "text", "in words"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  outcomes: {
    summary: "How scripts ended for those who were reached",
    columns: [
      ...keyed,
      channel,
      column("outcome", "text", "as the script names it"),
      attempts,
      column("share", "rate", "attempts ÷ all with an outcome"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  dispositions: {
    summary: "What agents said of conversations",
    columns: [
      ...keyed,
      column("channel", "text", "voice, or that of the written conversation"),
      column("disposition", "text", "its code"),
      column("category", "text", "what it means for what comes next"),
      column("conversations", "count", "how often it was said"),
      column("share", "rate", "conversations ÷ all"),
      column("amount", "money", "what was promised or paid, as agents wrote it, in the currency of the campaign"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  payments: {
    summary: "Events such as payments by the channel they came by: the preferred one is the first",
    columns: [
      ...keyed,
      column("channel", "text", "the channel that the event names, else that of the attempt it is put down to; none: neither"),
      column("event", "text", "its name"),
      column("currency", "text", "ISO 4217; XXX where none was told, empty for events without an amount"),
      column("events", "count", "how many"),
      column("share", "rate", "events ÷ all of that name"),
      column("amount", "money", "their sum"),
      column("attributed", "count", "how many of them are put down to an attempt"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  "opt-outs": {
    summary: "People who said that they want no more, by channel",
    columns: [
      ...keyed,
      channel,
      column("how", "text", "attempt: key press, keyword or link; agent: told to one; complaint and opt-out: by e-mail"),
      column("optOuts", "count", "how many, each once"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  surveys: {
    summary: "NPS and CSAT of questions that are answered with a number from 0 to 10",
    columns: [
      ...keyed,
      column("question", "text", "the name of the answer in the script"),
      column("answers", "count", "how many"),
      column("mean", "number", "their mean"),
      column("promoters", "count", "answers 9 and 10"),
      column("detractors", "count", "answers 0 to 6"),
      column("nps", "number", "(promoters − detractors) ÷ answers × 100; empty for a question of 1 to 5"),
      column("csat", "rate", "answers 4 and 5 ÷ answers, of a question of 1 to 5"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  agents: {
    summary: "Talk, idle and wrap-up time, per agent and overall",
    columns: [
      column("agentId", "text", "id of the agent; empty in the last row, which is all of them"),
      column("agent", "text", "name"),
      column("conversations", "count", "how often the state talking began"),
      column("talkMs", "ms", "in conversations"),
      column("wrapUpMs", "ms", "writing them up"),
      column("idleMs", "ms", "ready, and nobody to talk to"),
      column("waitMs", "ms", "reserved, and while a telephone rings"),
      column("notReadyMs", "ms", "not ready"),
      column("loggedInMs", "ms", "all of these"),
      column("meanTalkMs", "ms", "talkMs ÷ conversations"),
      column("occupancy", "rate", "(talkMs + wrapUpMs) ÷ (talkMs + wrapUpMs + idleMs + waitMs)"),
      column("efficiency", "rate", "talkMs ÷ (talkMs + idleMs)"),
    ],
    by: [],
    dated: true,
    ofAgents: true,
    ofChannels: false,
  },
  abandonment: {
    summary:
      "People who answered calls that were placed for agents and got none in time, over 24 hours and 30 days that roll, as the pacer keeps count",
    columns: [
      campaignId,
      campaign,
      column("dayAnswers", "count", "people who answered within 24 hours"),
      column("dayAbandoned", "count", "those of them who were abandoned"),
      column("dayRate", "rate", "dayAbandoned ÷ dayAnswers"),
      column("monthAnswers", "count", "people who answered within 30 days"),
      column("monthAbandoned", "count", "those of them who were abandoned"),
      column("monthRate", "rate", "monthAbandoned ÷ monthAnswers"),
    ],
    by: [],
    dated: false,
    ofAgents: false,
    ofChannels: false,
  },
  inbound: {
    summary: "Calls from outside by the campaign whose callers they were taken for",
    columns: [
      campaignId,
      column("campaign", "text", "its name; empty: of nobody's"),
      column("calls", "count", "calls from outside that ended"),
      column("answered", "count", "those that were answered"),
      column("talkMs", "ms", "how long those lasted"),
    ],
    by: [],
    dated: true,
    ofAgents: true,
    ofChannels: false,
  },
  cost: {
    summary: "What trunks, binds and mail pools cost, by the tariffs of the configuration",
    columns: [
      ...keyed,
      column("via", "text", "trunk, bind or mail pool"),
      channel,
      attempts,
      column("answered", "count", "calls that were answered"),
      column("talkSeconds", "seconds", "how long those lasted"),
      column("chargedSeconds", "seconds", "the same, each call rounded up by the tariff's increment"),
      column("secondLegs", "count", "second legs that were answered: transfers, and agents' telephones, over this trunk"),
      column("secondTalkSeconds", "seconds", "how long those lasted"),
      column("secondChargedSeconds", "seconds", "the same, each rounded up by the tariff's increment"),
      column("parts", "count", "parts of messages, and e-mails, that were taken"),
      column("currency", "text", "of the tariff; empty where there is none"),
      column("cost", "money", "(chargedSeconds + secondChargedSeconds) ÷ 60 × perMinute + parts × perPart"),
    ],
    by: groupings,
    dated: true,
    ofAgents: true,
    ofChannels: true,
  },
  live: {
    summary: "Campaigns that run, as they stand now, with their figures of the day so far",
    columns: [
      campaignId,
      campaign,
      column("state", "text", "running, paused or stopping"),
      column("channel", "text", "voice, sms or email"),
      column("underWay", "count", "attempts that have not ended"),
      ...figureColumns,
    ],
    by: [],
    dated: false,
    ofAgents: true,
    ofChannels: true,
  },
} as const satisfies Readonly<Record<string, ReportFacts>>;

export type ReportName = keyof typeof reportFacts;
export const reportNames = Object.keys(reportFacts) as readonly ReportName[];

/** One row for each contact of a campaign, with its last attempt. */
export const contactColumns: readonly Column[] = [
  column("contactId", "text", "id of the contact"),
  column("clientId", "text", "the customer's own id of the person"),
  column("attempts", "count", "attempts of this campaign that ended"),
  column("attemptId", "text", "the last of them"),
  channel,
  column("address", "text", "where it went"),
  column("result", "text", "as docs/results.md has it; empty: not tried yet"),
  column("callResult", "number", "its number in the Genesys export; 28 (unknown) where there is none"),
  column("meaning", "text", "in words"),
  column("outcome", "text", "how the script ended"),
  column("disposition", "text", "what an agent said last"),
  column("endedAt", "text", "RFC 3339, UTC"),
];
