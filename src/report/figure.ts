import type { Unit } from "./table.ts";

/** What one figure of `report figures` is. The formula is over the attempts, results and words of docs/reports.md. */
export interface FigureFacts {
  readonly unit: Unit;
  readonly meaning: string;
  readonly formula: string;
}

/** The one list of figures: docs/reports.md is held against it. Rates are 0..1, and empty where nothing is divided. */
export const figures = {
  attempts: { unit: "count", meaning: "attempts that left us", formula: "placed attempts that ended, without `canceled`" },
  calls: { unit: "count", meaning: "calls that left us", formula: "attempts on voice" },
  messages: { unit: "count", meaning: "messages that left us", formula: "attempts by SMS and e-mail" },
  persons: { unit: "count", meaning: "calls that a person answered", formula: "`human` + `abandoned` + `dropped`" },
  contactRate: { unit: "rate", meaning: "calls that reached a person", formula: "persons ÷ calls" },
  delivered: { unit: "count", meaning: "messages that are known to have arrived", formula: "`delivered` + `complained`" },
  deliveryRate: { unit: "rate", meaning: "messages that arrived", formula: "delivered ÷ messages" },
  reached: {
    unit: "count",
    meaning: "attempts after which somebody had heard or got what there was to say",
    formula: "`human` + `machine-message` + `dropped` + delivered",
  },
  reachRate: { unit: "rate", meaning: "attempts that reached somebody", formula: "reached ÷ attempts" },
  peopleReached: {
    unit: "count",
    meaning: "people who were reached for the first time in their campaign",
    formula:
      "calls that are the first of their person in the campaign to end as `human`, `machine-message` or `dropped` + delivered messages that the campaign sent of itself",
  },
  people: { unit: "count", meaning: "people on the list, of one campaign; else empty", formula: "people on the list of the campaign now" },
  peopleReachRate: { unit: "rate", meaning: "people on the list who were reached, of one campaign", formula: "peopleReached ÷ people" },
  responses: {
    unit: "count",
    meaning: "what people did in return",
    formula: "replies by SMS and e-mail + links followed + calls from outside that were taken for the campaign",
  },
  responseRate: { unit: "rate", meaning: "responses for each attempt that reached somebody", formula: "responses ÷ reached" },
  conversions: { unit: "count", meaning: "events that are put down to an attempt", formula: "events, each once" },
  conversionRate: { unit: "rate", meaning: "conversions for each attempt that reached somebody", formula: "conversions ÷ reached" },
  payments: { unit: "count", meaning: "conversions with an amount", formula: "events with an amount" },
  paymentRate: { unit: "rate", meaning: "payments for each attempt that reached somebody", formula: "payments ÷ reached" },
  successes: { unit: "count", meaning: "conversations of which an agent said so", formula: "dispositions of the category success" },
  abandoned: { unit: "count", meaning: "people who answered and got no agent in time", formula: "`abandoned`" },
  abandonmentRate: { unit: "rate", meaning: "people who answered and got no agent in time", formula: "abandoned ÷ persons" },
  optOuts: {
    unit: "count",
    meaning: "people who said that they want no more",
    formula: "opt-outs, each once; without those an administrator wrote, and without wrong numbers",
  },
  optOutRate: { unit: "rate", meaning: "opt-outs for each attempt that reached somebody", formula: "optOuts ÷ reached" },
  inboundCalls: {
    unit: "count",
    meaning: "calls from outside that were taken for the campaign",
    formula: "calls from outside, whatever their result",
  },
  talkMs: { unit: "ms", meaning: "how long answered calls lasted, those from outside too", formula: "sum of end − answer" },
} as const satisfies Readonly<Record<string, FigureFacts>>;

export type FigureName = keyof typeof figures;
export const figureNames = Object.keys(figures) as readonly FigureName[];
