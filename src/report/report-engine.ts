import { results } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import { type ReportName, reportFacts } from "./definition.ts";
import type { Tariff } from "./options.ts";
import { dayStart } from "./period.ts";
import type { AgentRow, AskedGrouping, Charges, ContactRow, CountRow, NamedGrouping, ReportScope, ReportStore, WordKind, WordRow } from "./ports.ts";
import { figuresOf, surveyOf } from "./rates.ts";
import { type Cell, type ReportTable, rowOf, share } from "./table.ts";

export interface ReportParts {
  readonly store: ReportStore;
  readonly tariffs: readonly Tariff[];
  readonly clock: Clock;
}

/** Reads what was counted and makes the tables of it. */
export class Reports {
  readonly #store: ReportStore;
  readonly #tariffs: readonly Tariff[];
  readonly #clock: Clock;

  constructor({ store, tariffs, clock }: ReportParts) {
    this.#store = store;
    this.#tariffs = tariffs;
    this.#clock = clock;
  }

  /** @param by one of those of the report */
  async table(name: ReportName, scope: ReportScope, by: AskedGrouping = "all"): Promise<ReportTable> {
    const { columns } = reportFacts[name];
    const rows = await this.#rows(name, scope, by);
    return { columns, rows: rows.map((row) => rowOf(columns, row)) };
  }

  /** Everybody on the list of a campaign with their last attempt there, one after the other. Faults: `campaign-unknown` */
  async *contacts(campaignId: string): AsyncGenerator<Readonly<Record<string, Cell>>> {
    for await (const contact of this.#store.contacts(campaignId)) yield contactCells(contact);
  }

  #rows(name: ReportName, scope: ReportScope, by: AskedGrouping): Promise<readonly Row[]> {
    switch (name) {
      case "figures":
        return this.#figures(scope, by);
      case "results":
        return this.#results(scope);
      case "outcomes":
        return this.#said(scope, "outcome", ({ channel, word }, attempts, whole) => ({ channel, outcome: word, attempts, share: whole }));
      case "dispositions":
        return this.#dispositions(scope, by);
      case "payments":
        return this.#payments(scope);
      case "opt-outs":
        return this.#said(scope, "opt-out", ({ channel, word }, optOuts) => ({ channel, how: word, optOuts }));
      case "surveys":
        return this.#surveys(scope);
      case "agents":
        return this.#agents(scope);
      case "abandonment":
        return this.#abandonment(scope);
      case "inbound":
        return this.#inbound(scope);
      case "cost":
        return this.#cost(scope);
      case "live":
        return this.#live(scope);
    }
  }

  async #figures(scope: ReportScope, by: AskedGrouping): Promise<readonly Row[]> {
    const kinds = ["event", "opt-out", "reply", "click", "disposition"] as const;
    const [counts, words] = await Promise.all([this.#store.counts(scope, by), this.#store.words(scope, by, kinds)]);
    const keys = new Set([...counts.map(({ key }) => key), ...words.map(({ key }) => key)]);
    if (by === "all") keys.add("");
    const names = isNamed(by) ? await this.#store.names(by, [...keys]) : undefined;
    const listed = by === "campaign" ? await this.#store.listed([...keys]) : undefined;
    // Hours come in the order in which they went by, which is not that of their texts where clocks are set back.
    const ordered = by === "hour" ? [...keys].toSorted((a, b) => Date.parse(a) - Date.parse(b)) : [...keys].toSorted(byNumber);
    return ordered
      .filter((key) => by !== "campaign" || key !== "0" || counts.some((row) => row.key === key))
      .map((key) => ({
        key,
        name: names?.get(key) ?? "",
        ...figuresOf(
          counts.filter((row) => row.key === key),
          words.filter((row) => row.key === key),
          listed?.get(key),
        ),
      }));
  }

  async #results(scope: ReportScope): Promise<readonly Row[]> {
    const rows = (await this.#store.counts(scope, "all")).filter(({ inbound }) => !inbound);
    return rows.flatMap(({ channel, results: found }) => {
      const all = Object.values(found).reduce((sum, count) => sum + count, 0);
      return entries(found)
        .toSorted(([, a], [, b]) => b - a)
        .map(([result, attempts]) => {
          const { callResult, meaning } = results[result];
          return { channel, result, callResult, attempts, share: share(attempts, all), meaning };
        });
    });
  }

  async #said(scope: ReportScope, kind: WordKind, show: (word: WordRow, count: number, whole: number | null) => Row): Promise<readonly Row[]> {
    const words = await this.#store.words(scope, "all", [kind]);
    const all = words.reduce((sum, { count }) => sum + count, 0);
    return words.toSorted((a, b) => b.count - a.count).map((word) => show(word, word.count, share(word.count, all)));
  }

  async #dispositions(scope: ReportScope, by: AskedGrouping): Promise<readonly Row[]> {
    const words = Map.groupBy(await this.#store.words(scope, by, ["disposition"]), ({ key }) => key);
    const names = by === "agent" ? await this.#store.names(by, [...words.keys()]) : undefined;
    const agents = [...words].toSorted(([one], [other]) => byNumber(one, other));
    return agents.flatMap(([agentId, said]) => {
      const all = said.reduce((sum, { count }) => sum + count, 0);
      return said
        .toSorted((a, b) => b.count - a.count)
        .map(({ word, unit, count, amount }) => ({
          ...{ disposition: word, category: unit, conversations: count, share: share(count, all), amount: money(amount) },
          ...(names && { agentId, agent: names.get(agentId) ?? "" }),
        }));
    });
  }

  async #payments(scope: ReportScope): Promise<readonly Row[]> {
    const words = await this.#store.words(scope, "all", ["event"]);
    const rows = new Map<string, { channel: string; event: string; currency: string; events: number; amount: number; attributed: number }>();
    for (const { channel, word: event, unit: currency, count, amount, attributed } of words) {
      const key = `${channel} ${event} ${currency}`;
      const row = rows.get(key) ?? { channel, event, currency, events: 0, amount: 0, attributed: 0 };
      rows.set(key, {
        ...row,
        events: row.events + count,
        amount: row.amount + amount,
        attributed: row.attributed + (attributed ? count : 0),
      });
    }
    const all = Map.groupBy(rows.values(), ({ event }) => event);
    return [...rows.values()]
      .toSorted((a, b) => a.event.localeCompare(b.event, "en") || b.events - a.events)
      .map(({ amount, ...row }) => {
        const whole = (all.get(row.event) ?? []).reduce((sum, { events }) => sum + events, 0);
        return { ...row, amount: money(amount), share: share(row.events, whole) };
      });
  }

  async #surveys(scope: ReportScope): Promise<readonly Row[]> {
    const questions = Map.groupBy(await this.#store.words(scope, "all", ["answer"]), ({ word }) => word);
    return [...questions].map(([question, words]) => ({
      question,
      ...surveyOf(
        question,
        words.map(({ unit, count }) => ({ value: Number(unit), count })),
      ),
    }));
  }

  async #agents(scope: ReportScope): Promise<readonly Row[]> {
    const times = await this.#store.agentTimes(scope);
    const agents = [...Map.groupBy(times, ({ agentId }) => agentId)].map(([agentId, rows]) => ({
      agentId,
      agent: rows[0]?.name ?? "",
      ...agentFigures(rows),
    }));
    return [...agents, { agentId: "", agent: "all", ...agentFigures(times) }];
  }

  async #abandonment(scope: ReportScope): Promise<readonly Row[]> {
    return (await this.#store.abandonment(scope)).map(({ campaignId, name, day, month }) => ({
      campaignId,
      campaign: name,
      dayAnswers: day.answers,
      dayAbandoned: day.abandoned,
      dayRate: share(day.abandoned, day.answers),
      monthAnswers: month.answers,
      monthAbandoned: month.abandoned,
      monthRate: share(month.abandoned, month.answers),
    }));
  }

  async #inbound(scope: ReportScope): Promise<readonly Row[]> {
    const rows = (await this.#store.counts(scope, "campaign")).filter(({ inbound }) => inbound);
    const names = await this.#store.names(
      "campaign",
      rows.map(({ key }) => key),
    );
    return rows.map(({ key, results: found, answered, talkMs }) => {
      const calls = Object.values(found).reduce((sum, count) => sum + count, 0);
      return { campaignId: key === "0" ? "" : key, campaign: names.get(key) ?? "", calls, answered, talkMs };
    });
  }

  async #cost(scope: ReportScope): Promise<readonly Row[]> {
    const [counts, legs] = await Promise.all([this.#store.counts(scope, "via"), this.#store.secondLegs(scope)]);
    const rows = counts.filter(({ inbound, key }) => !inbound && key !== "");
    const vias = [...rows.map(({ key: via, channel }) => ({ via, channel })), ...legs.map(({ via }) => ({ via, channel: "voice" as const }))];
    const named = new Map(vias.map((each) => [`${each.channel} ${each.via}`, each]));
    return [...named.values()]
      .toSorted((a, b) => byText(a.via, b.via) || byText(a.channel, b.channel))
      .map(({ via, channel }) => {
        const row = rows.find((each) => each.key === via && each.channel === channel);
        return this.#costOf(via, channel, row, channel === "voice" ? legs.find((each) => each.via === via) : undefined);
      });
  }

  #costOf(via: string, channel: CountRow["channel"], row: CountRow | undefined, second: Charges | undefined): Row {
    const tariff = this.#tariffs.find((each) => each.name === via);
    const attempts = Object.entries(row?.results ?? {}).reduce((sum, [result, count]) => (result === "canceled" ? sum : sum + count), 0);
    const parts = row?.parts ?? 0;
    const common = {
      ...{ via, channel, attempts, answered: row?.answered ?? 0, talkSeconds: row?.charged["1/1"] ?? 0, parts },
      ...{ secondLegs: second?.answered ?? 0, secondTalkSeconds: second?.charged["1/1"] ?? 0 },
    };
    if (!tariff) return { ...common, currency: "" };
    const chargedSeconds = row?.charged[tariff.increment] ?? 0;
    const secondChargedSeconds = second?.charged[tariff.increment] ?? 0;
    const cost = ((chargedSeconds + secondChargedSeconds) / 60) * (tariff.perMinute ?? 0) + parts * (tariff.perPart ?? 0);
    return { ...common, chargedSeconds, secondChargedSeconds, currency: tariff.currency, cost: money(cost) };
  }

  async #live(scope: ReportScope): Promise<readonly Row[]> {
    const now = this.#clock.now();
    const today = { ...scope, from: dayStart(now, scope.zone), to: now + 3_600_000 };
    const [running, figures] = await Promise.all([this.#store.live(scope), this.#figures(today, "campaign")]);
    const none = figuresOf([], []);
    return running.map(({ campaignId, name, state, channel, underWay }) => {
      return { campaignId, campaign: name, state, channel, underWay, ...(figures.find(({ key }) => key === campaignId) ?? none) };
    });
  }
}

type Row = Readonly<Record<string, Cell | undefined>>;

function agentFigures(rows: readonly AgentRow[]): Row {
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

function contactCells({ result, endedAt, fields, ...contact }: ContactRow): Readonly<Record<string, Cell>> {
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

/** Sums of floating numbers show more digits than any currency has. */
function money(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}

function entries<Key extends string>(record: Readonly<Partial<Record<Key, number>>>): readonly (readonly [Key, number])[] {
  return Object.entries(record) as [Key, number][];
}

/** Ids as numbers, everything else as text. */
function byNumber(a: string, b: string): number {
  return /^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : 1;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNamed(by: AskedGrouping): by is NamedGrouping {
  return by === "campaign" || by === "list" || by === "group" || by === "agent";
}
