import { type ChannelName, type Result, resultNames, results } from "../attempt/result.ts";
import type { FigureName } from "./figure.ts";
import type { CountRow, WordRow } from "./ports.ts";
import { share } from "./table.ts";

type Counts = Pick<CountRow, "channel" | "inbound" | "results" | "talkMs" | "people">;
type Words = Pick<WordRow, "kind" | "unit" | "count" | "attributed">;

/** Every figure, of what was counted; the formulas are in figure.ts. @param listed how many people are on the list, where the figures are those of one campaign */
export function figuresOf(counts: readonly Counts[], words: readonly Words[], listed?: number): Readonly<Record<FigureName, number | null>> {
  const placed = counts.filter(({ inbound }) => !inbound);
  const sum = (rows: readonly Counts[], wanted: readonly Result[]) =>
    rows.reduce((total, row) => total + wanted.reduce((part, result) => part + (row.results[result] ?? 0), 0), 0);
  const left = resultNames.filter((result) => result !== "canceled");
  const by = (...channels: readonly ChannelName[]) => placed.filter(({ channel }) => channels.includes(channel));
  const said = (suits: (word: Words) => boolean) => words.filter(suits).reduce((total, { count }) => total + count, 0);

  const calls = sum(by("voice"), left);
  const messages = sum(by("sms", "email"), left);
  const persons = sum(
    placed,
    resultNames.filter((result) => results[result].person),
  );
  const delivered = sum(placed, ["delivered", "complained"]);
  const peopleReached = counts.reduce((total, { people }) => total + people, 0);
  const reached = sum(placed, ["human", "machine-message", "dropped"]) + delivered;
  const inboundCalls = sum(
    counts.filter(({ inbound }) => inbound),
    resultNames,
  );
  const responses = said(({ kind }) => kind === "reply" || kind === "click") + inboundCalls;
  const conversions = said(({ kind, attributed }) => kind === "event" && attributed);
  const payments = said(({ kind, unit, attributed }) => kind === "event" && unit !== "" && attributed);
  const abandoned = sum(placed, ["abandoned"]);
  const optOuts = said(({ kind }) => kind === "opt-out");
  return {
    attempts: calls + messages,
    calls,
    messages,
    persons,
    contactRate: share(persons, calls),
    delivered,
    deliveryRate: share(delivered, messages),
    reached,
    reachRate: share(reached, calls + messages),
    peopleReached,
    people: listed ?? null,
    peopleReachRate: listed === undefined ? null : share(peopleReached, listed),
    responses,
    responseRate: share(responses, reached),
    conversions,
    conversionRate: share(conversions, reached),
    payments,
    paymentRate: share(payments, reached),
    successes: said(({ kind, unit }) => kind === "disposition" && unit === "success"),
    abandoned,
    abandonmentRate: share(abandoned, persons),
    optOuts,
    optOutRate: share(optOuts, reached),
    inboundCalls,
    talkMs: counts.reduce((total, { talkMs }) => total + talkMs, 0),
  };
}

/**
 * Of answers 0..10 to "would you recommend us?" (Reichheld, HBR 12/2003): NPS is the share of 9 and 10 less that of 0 to 6, in points -100..100. Of answers 1..5 to "are you content?": CSAT
 * is the share of 4 and 5. Which of the two a question asks is told by its name, when that has `nps` or `csat` in it, and else by its answers.
 */
export function surveyOf(
  question: string,
  answers: readonly { readonly value: number; readonly count: number }[],
): {
  readonly answers: number;
  readonly mean: number | null;
  readonly promoters: number;
  readonly detractors: number;
  readonly nps: number | null;
  readonly csat: number | null;
} {
  const count = (suits: (value: number) => boolean) => answers.filter(({ value }) => suits(value)).reduce((total, each) => total + each.count, 0);
  const all = count(() => true);
  const total = answers.reduce((sum, { value, count: times }) => sum + value * times, 0);
  const promoters = count((value) => value >= 9);
  const detractors = count((value) => value <= 6);
  const five = question.includes("csat") || (!question.includes("nps") && answers.every(({ value }) => value >= 1 && value <= 5));
  return {
    answers: all,
    mean: all > 0 ? Math.round((total / all) * 100) / 100 : null,
    promoters,
    detractors,
    nps: all > 0 && !five ? Math.round(((promoters - detractors) / all) * 1000) / 10 : null,
    csat:
      all > 0 && five
        ? share(
            count((value) => value >= 4),
            all,
          )
        : null,
  };
}
