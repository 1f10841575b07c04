import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock } from "../adapter/system/clock.ts";
import { channelNames } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import type { Stores } from "../main.ts";
import { callingList } from "../report/calling-list-engine.ts";
import { type ReportFacts, type ReportName, reportFacts } from "../report/definition.ts";
import { document, type Format } from "../report/document-engine.ts";
import { readPeriod } from "../report/period.ts";
import type { Grouping, ReportScope } from "../report/ports.ts";
import type { Cell, Column } from "../report/table.ts";
import { reportsOf } from "../start/reports.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, spanCell, tableText } from "./table.ts";

interface FormOptions extends CommonOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  /** A file. */
  readonly xlsx?: string;
}

export interface ReportOptions extends FormOptions {
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly by?: Grouping;
  readonly campaign?: string;
  readonly list?: string;
  readonly group?: string;
  readonly agent?: string;
  readonly channel?: string;
}

/** `carillon report figures --by day --from 2026-11-01 --zone Europe/Berlin` */
export function showReport(name: ReportName, options: ReportOptions): Promise<void> {
  return withStores(options, async (stores, config) => {
    const { dated }: ReportFacts = reportFacts[name];
    const period = readPeriod(options, systemClock.now());
    const scope = { ...period, ...(await narrowed(stores, options)) };
    const { columns, rows } = await reportsOf(config, stores, systemClock).table(name, scope, options.by);
    if (await written(options, name, columns, rows)) return;
    const { from, to, zone } = period;
    if (dated) console.log(`${timeIn(from, zone)} to ${timeIn(to, zone)}, ${zone}`);
    console.log(rows.length === 0 ? "Nothing." : shown(columns, rows));
  });
}

/** `carillon report calling-list friday --csv` */
export function exportCallingList(campaign: string, options: FormOptions & { readonly field?: readonly string[] }): Promise<void> {
  return withStores(options, async (stores, config) => {
    const id = await idOf(stores, "campaign", campaign);
    if (id === undefined) throw new Fault("campaign-unknown", `There is no campaign "${oneLine(campaign)}"; carillon campaign list shows them.`);
    const { columns, rows } = callingList(reportsOf(config, stores, systemClock), id, options.field ?? []);
    // For people too: it may be of any length.
    await written({ csv: options.json !== true && options.xlsx === undefined, ...options }, "calling list", columns, rows);
  });
}

/** `carillon report verify` @returns the exit code */
export function verifyCounters(options: CommonOptions & { readonly json?: boolean }): Promise<number> {
  return withStores(options, async ({ reports }) => {
    const { compared, differences } = await reports.differences(shownDifferences);
    if (options.json) console.log(JSON.stringify({ compared, differences }));
    else if (differences.length === 0) console.log(`${compared} counters compared with the log: 0 differ.`);
    else {
      const rows = differences.map(({ what, key, counted, logged }) => [what, key, String(counted), String(logged)]);
      console.log(tableText(["counter", "of", "counted", "in the log"], rows));
      console.log(
        `${compared} counters compared with the log: ${differences.length}${differences.length === shownDifferences ? " or more" : ""} differ. carillon report recount makes them anew.`,
      );
    }
    return differences.length === 0 ? 0 : 1;
  });
}

/** `carillon report recount` */
export function recountAll(options: CommonOptions): Promise<string> {
  return withStores(options, async ({ reports }) => {
    await reports.recount();
    return "Every counter is made anew from the log.";
  });
}

const shownDifferences = 20;

/** As JSON, CSV or a workbook. @returns whether one of them was wanted */
async function written(
  { json, csv, xlsx }: FormOptions,
  title: string,
  columns: readonly Column[],
  rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
): Promise<boolean> {
  const format: Format | undefined = json ? "json" : csv ? "csv" : xlsx === undefined ? undefined : "xlsx";
  if (format === undefined) return false;
  const content = Readable.from(document(format, title, columns, rows));
  if (xlsx === undefined) {
    for await (const piece of content) if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    return true;
  }
  await pipeline(content, createWriteStream(xlsx)).catch((error: unknown) => {
    throw error instanceof Fault ? error : new Fault("out-unwritable", `Cannot write ${xlsx}: ${fileTrouble(error)}.`, { cause: error });
  });
  console.log(`${xlsx} is written.`);
  return true;
}

/** A few rows with many columns are shown the other way round. */
function shown(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell, at) => cellText(cell, columns[at])));
  const heads = columns.map(({ name }) => name);
  if (columns.length <= 12) return tableText(heads, texts);
  const [first, ...others] = heads.map((head, at) => [head, ...texts.map((row) => row[at] ?? "")]);
  const named = rows.length === 1 && (first ?? []).slice(1).every((cell) => cell === "");
  return named ? tableText(["figure", "value"], others.slice(1)) : tableText(first ?? [], others);
}

function cellText(cell: Cell, column: Column | undefined): string {
  if (cell === null) return "";
  if (typeof cell === "string") return cell;
  if (column?.unit === "rate") return `${(cell * 100).toFixed(2)} %`;
  if (column?.unit === "ms") return spanCell(cell);
  return String(cell);
}

function timeIn(at: number, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);
}

/** @throws Fault for a name that nothing has */
async function narrowed(stores: Stores, { campaign, list, group, agent, channel }: ReportOptions): Promise<Partial<ReportScope>> {
  const find = async (what: "list" | "agent_group" | "agent", name: string, code: string) => {
    const id = await idOf(stores, what, name);
    if (id === undefined) throw new Fault(code, `There is no ${what === "agent_group" ? "group" : what} "${oneLine(name)}".`);
    return id;
  };
  const known = channelNames.find((each) => each === channel);
  return {
    ...(campaign !== undefined && (await campaignScope(stores, campaign))),
    ...(list !== undefined && { listId: await find("list", list, "list-unknown") }),
    ...(group !== undefined && { groupId: await find("agent_group", group, "group-unknown") }),
    ...(agent !== undefined && { agentId: await find("agent", agent, "agent-unknown") }),
    ...(known && { channel: known }),
  };
}

async function campaignScope(stores: Stores, name: string): Promise<Partial<ReportScope>> {
  const campaignId = await idOf(stores, "campaign", name);
  if (campaignId !== undefined) return { campaignId };
  const strategyCampaignId = await idOf(stores, "strategy_campaign", name);
  if (strategyCampaignId !== undefined) return { strategyCampaignId };
  throw new Fault("campaign-unknown", `There is no campaign "${oneLine(name)}"; carillon campaign list shows them.`);
}

async function idOf({ pool }: Stores, table: "campaign" | "strategy_campaign" | "list" | "agent_group" | "agent", name: string) {
  const { rows } = await pool.query<{ id: string }>(`select id::text from ${table} where name = $1`, [name]);
  return rows[0]?.id;
}
