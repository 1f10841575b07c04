import { type ChannelName, results } from "../attempt/result.ts";
import type { Tariff } from "./options.ts";
import type { AgentRow, ContactRow, CountRow, SecondLegRow, WordRow } from "./ports.ts";
import { surveyOf } from "./rates.ts";
import { type Cell, share } from "./table.ts";

/** What a report says in one row, by the names of its columns. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/* What each report makes of what was counted under one key. */

export function resultRows(counts: readonly CountRow[]): readonly Row[] {
  return counts
    .filter(({ inbound }) => !inbound)
    .flatMap(({ channel, results: found }) => {
      const all = sumOf(found);
      return entries(found)
        .toSorted(([, a], [, b]) => b - a)
        .map(([result, attempts]) => {
          const { callResult, meaning } = results[result];
          return { channel, result, callResult, attempts, share: share(attempts, all), meaning };
        });
    });
}

export function outcomeRows(words: readonly WordRow[]): readonly Row[] {
  const all = countOf(words);
  return mostFirst(words).map(({ channel, word, count }) => ({ channel, outcome: word, attempts: count, share: share(count, all) }));
}

export function optOutRows(words: readonly WordRow[]): readonly Row[] {
  return mostFirst(words).map(({ channel, word, count }) => ({ channel, how: word, optOuts: count }));
}

export function dispositionRows(words: readonly WordRow[]): readonly Row[] {
  const all = countOf(words);
  return mostFirst(words).map(({ channel, word, unit, count, amount }) => {
    return { channel, disposition: word, category: unit, conversations: count, share: share(count, all), amount: money(amount) };
  });
}

export function paymentRows(words: readonly WordRow[]): readonly Row[] {
  const rows = [...Map.groupBy(words, ({ channel, word, unit }) => `${channel} ${word} ${unit}`).values()].map((same) => ({
    ...{ channel: same[0]?.channel ?? "none", event: same[0]?.word ?? "", currency: same[0]?.unit ?? "" },
    events: countOf(same),
    amount: same.reduce((sum, { amount }) => sum + amount, 0),
    attributed: countOf(same.filter(({ attributed }) => attributed)),
  }));
  const all = Map.groupBy(rows, ({ event }) => event);
  return rows
    .toSorted((a, b) => a.event.localeCompare(b.event, "en") || b.events - a.events)
    .map(({ amount, ...row }) => {
      const whole = (all.get(row.event) ?? []).reduce((sum, { events }) => sum + events, 0);
      return { ...row, amount: money(amount), share: share(row.events, whole) };
    });
}

export function surveyRows(words: readonly WordRow[]): readonly Row[] {
  return [...Map.groupBy(words, ({ word }) => word)].map(([question, answers]) => ({
    question,
    ...surveyOf(
      question,
      answers.map(({ unit, count }) => ({ value: Number(unit), count })),
    ),
  }));
}

/** What left over one trunk, bind or mail pool: attempts, or second legs. */
export type Spent =
  | ({ readonly what: "attempts" } & Pick<CountRow, "key" | "via" | "channel" | "results" | "answered" | "charged" | "parts">)
  | ({ readonly what: "second-legs"; readonly channel: "voice" } & Pick<SecondLegRow, "key" | "via" | "answered" | "charged">);

export function costRows(spent: readonly Spent[], tariffs: readonly Tariff[]): readonly Row[] {
  return [...Map.groupBy(spent, ({ channel, via }) => `${channel} ${via}`).values()]
    .flatMap((each) => (each[0] ? [{ via: each[0].via, channel: each[0].channel, spent: each }] : []))
    .toSorted((a, b) => byText(a.via, b.via) || byText(a.channel, b.channel))
    .map((each) => costOf(each, tariffs));
}

function costOf(
  { via, channel, spent }: { readonly via: string; readonly channel: ChannelName; readonly spent: readonly Spent[] },
  tariffs: readonly Tariff[],
): Row {
  const tariff = tariffs.find((each) => each.name === via);
  const row = spent.find((each) => each.what === "attempts");
  const second = spent.find((each) => each.what === "second-legs");
  const { canceled = 0, ...left } = row?.results ?? {};
  const parts = row?.parts ?? 0;
  const common = {
    ...{ via, channel, attempts: sumOf(left), answered: row?.answered ?? 0, talkSeconds: row?.charged["1/1"] ?? 0, parts },
    ...{ secondLegs: second?.answered ?? 0, secondTalkSeconds: second?.charged["1/1"] ?? 0 },
  };
  if (!tariff) return { ...common, currency: "" };
  const chargedSeconds = row?.charged[tariff.increment] ?? 0;
  const secondChargedSeconds = second?.charged[tariff.increment] ?? 0;
  const cost = ((chargedSeconds + secondChargedSeconds) / 60) * (tariff.perMinute ?? 0) + parts * (tariff.perPart ?? 0);
  return { ...common, chargedSeconds, secondChargedSeconds, currency: tariff.currency, cost: money(cost) };
}

export function agentCells(rows: readonly AgentRow[]): Row {
  const ms = (...states: readonly string[]) => rows.filter(({ state }) => states.includes(state)).reduce((sum, row) => sum + row.ms, 0);
  const conversations = rows.filter(({ state }) => state === "talking").reduce((sum, { times }) => sum + times, 0);
  const [talkMs, wrapUpMs, idleMs, waitMs, notReadyMs] = [ms("talking"), ms("wrap-up"), ms("ready"), ms("reserved", "ringing"), ms("not-ready")];
  return {
    ...{ conversations, talkMs, wrapUpMs, idleMs, waitMs, notReadyMs },
    loggedInMs: talkMs + wrapUpMs + idleMs + waitMs + notReadyMs,
    meanTalkMs: conversations > 0 ? Math.round(talkMs / conversations) : null,
    occupancy: share(talkMs + wrapUpMs, talkMs + wrapUpMs + idleMs + waitMs),
    efficiency: share(talkMs, talkMs + idleMs),
  };
}

export function contactCells({ result, endedAt, fields, ...contact }: ContactRow): Readonly<Record<string, Cell>> {
  const facts = result && results[result];
  const own = Object.fromEntries(Object.entries(contact).map(([name, value]) => [name, value ?? null]));
  return {
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`field:${name}`, value])),
    ...own,
    result: result ?? null,
    callResult: facts?.callResult ?? untried,
    meaning: facts?.meaning ?? "not tried yet",
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
  };
}

/** Unknown Call Result of the Genesys list, which its exports have for records that were not dialled. */
const untried = 28;

/** How many attempts these are. */
export function sumOf(results: CountRow["results"]): number {
  return Object.values(results).reduce((sum, count) => sum + count, 0);
}

function countOf(words: readonly WordRow[]): number {
  return words.reduce((sum, { count }) => sum + count, 0);
}

function mostFirst(words: readonly WordRow[]): readonly WordRow[] {
  return words.toSorted((a, b) => b.count - a.count);
}

/** Sums of floating numbers show more digits than any currency has. */
function money(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}

function entries<Key extends string>(record: Readonly<Partial<Record<Key, number>>>): readonly (readonly [Key, number])[] {
  return Object.entries(record) as [Key, number][];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
