import type { Clock } from "../kernel/clock.ts";
import { type ReportName, reportFacts } from "./definition.ts";
import type { Tariff } from "./options.ts";
import { dayStart } from "./period.ts";
import type { Grouping, NamedGrouping, ReportScope, ReportStore, WordKind } from "./ports.ts";
import { figuresOf } from "./rates.ts";
import {
  agentCells,
  contactCells,
  costRows,
  dispositionRows,
  optOutRows,
  outcomeRows,
  paymentRows,
  type Row,
  resultRows,
  type Spent,
  sumOf,
  surveyRows,
} from "./rows.ts";
import { type Cell, type Column, type ReportTable, rowOf, share } from "./table.ts";

export interface ReportParts {
  readonly store: ReportStore;
  readonly tariffs: readonly Tariff[];
  readonly clock: Clock;
}

/** What there is of each kind of words is a report of its own. */
const ofWords = {
  outcomes: { kind: "outcome", show: outcomeRows },
  dispositions: { kind: "disposition", show: dispositionRows },
  payments: { kind: "event", show: paymentRows },
  "opt-outs": { kind: "opt-out", show: optOutRows },
  surveys: { kind: "answer", show: surveyRows },
} as const satisfies Partial<Record<ReportName, { readonly kind: WordKind; readonly show: unknown }>>;

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
  async table(name: ReportName, scope: ReportScope, by: Grouping = "all"): Promise<ReportTable> {
    const columns = (reportFacts[name].columns as readonly Column[]).filter(({ keyed = false }) => by !== "all" || !keyed);
    const rows = await this.#rows(name, scope, by);
    return { columns, rows: rows.map((row) => rowOf(columns, row)) };
  }

  /** Everybody on the list of a campaign with their last attempt there, one after the other. Faults: `campaign-unknown` */
  async *contacts(campaignId: string): AsyncGenerator<Readonly<Record<string, Cell>>> {
    for await (const contact of this.#store.contacts(campaignId)) yield contactCells(contact);
  }

  async #rows(name: ReportName, scope: ReportScope, by: Grouping): Promise<readonly Row[]> {
    switch (name) {
      case "figures":
        return await this.#figures(scope, by);
      case "results":
        return await this.#keyed(by, await this.#store.counts(scope, by), resultRows);
      case "outcomes":
      case "dispositions":
      case "payments":
      case "opt-outs":
      case "surveys":
        return await this.#keyed(by, await this.#store.words(scope, by, [ofWords[name].kind]), ofWords[name].show);
      case "agents":
        return await this.#agents(scope);
      case "abandonment":
        return await this.#abandonment(scope);
      case "inbound":
        return await this.#inbound(scope);
      case "cost":
        return await this.#keyed(by, await this.#spent(scope, by), (spent) => costRows(spent, this.#tariffs));
      case "live":
        return await this.#live(scope);
    }
  }

  async #figures(scope: ReportScope, by: Grouping): Promise<readonly Row[]> {
    const kinds = ["event", "opt-out", "reply", "click", "disposition"] as const;
    const [counts, words] = await Promise.all([this.#store.counts(scope, by), this.#store.words(scope, by, kinds)]);
    const keys = new Set([...counts.map(({ key }) => key), ...words.map(({ key }) => key)]);
    if (by === "all") keys.add("");
    const listed = by === "campaign" ? await this.#store.listed([...keys]) : undefined;
    const rows = (await this.#named(by, keys)).map(({ key, name }) => {
      const said = words.filter((row) => row.key === key);
      const counted = counts.filter((row) => row.key === key);
      return { key, name, figures: figuresOf(counted, said, listed?.get(key)) };
    });
    // Of no campaign are events, too, that are put down to nothing: they are in no figure.
    return rows
      .filter(({ key, figures }) => by !== "campaign" || key !== "0" || Object.values(figures).some((figure) => figure))
      .map(({ key, name, figures }) => ({ key, name, ...figures }));
  }

  /** What was counted, key by key. */
  async #keyed<Counted extends { readonly key: string }>(
    by: Grouping,
    counted: readonly Counted[],
    show: (same: readonly Counted[]) => readonly Row[],
  ): Promise<readonly Row[]> {
    const keys = Map.groupBy(counted, ({ key }) => key);
    const named = await this.#named(by, keys.keys());
    return named.flatMap(({ key, name }) => show(keys.get(key) ?? []).map((row) => ({ key, name, ...row })));
  }

  /** Keys in their order, with what they are called. */
  async #named(by: Grouping, keys: Iterable<string>): Promise<readonly { readonly key: string; readonly name: string }[]> {
    const all = [...new Set(keys)];
    const names = isNamed(by) ? await this.#store.names(by, all) : undefined;
    // Hours come in the order in which they went by, which is not that of their texts where clocks are set back.
    const ordered = by === "hour" ? all.toSorted((a, b) => Date.parse(a) - Date.parse(b)) : all.toSorted(byNumber);
    return ordered.map((key) => ({ key, name: by === "agent" && key === "0" ? "no agent" : (names?.get(key) ?? "") }));
  }

  async #agents(scope: ReportScope): Promise<readonly Row[]> {
    const times = await this.#store.agentTimes(scope);
    const agents = [...Map.groupBy(times, ({ agentId }) => agentId)].map(([agentId, rows]) => ({
      agentId,
      agent: rows[0]?.name ?? "",
      ...agentCells(rows),
    }));
    return [...agents, { agentId: "", agent: "all", ...agentCells(times) }];
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
    return rows.map(({ key, results, answered, talkMs }) => {
      return { campaignId: key === "0" ? "" : key, campaign: names.get(key) ?? "", calls: sumOf(results), answered, talkMs };
    });
  }

  async #spent(scope: ReportScope, by: Grouping): Promise<readonly Spent[]> {
    const [counts, legs] = await Promise.all([this.#store.counts(scope, by, true), this.#store.secondLegs(scope, by)]);
    const placed = counts.filter(({ inbound, via }) => !inbound && via !== "");
    return [
      ...placed.map((row) => ({ what: "attempts", ...row }) as const),
      ...legs.map((leg) => ({ what: "second-legs", channel: "voice", ...leg }) as const),
    ];
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

/** Ids as numbers, everything else as text. */
function byNumber(a: string, b: string): number {
  return /^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : 1;
}

function isNamed(by: Grouping): by is NamedGrouping {
  return by === "campaign" || by === "list" || by === "group" || by === "agent";
}
