import { contactColumns } from "./definition.ts";
import type { Reports } from "./report-engine.ts";
import { type Cell, type Column, rowOf } from "./table.ts";

/** The calling list of a campaign with what came of it, after the fields of its people that are asked for. */
export interface CallingList {
  readonly columns: readonly Column[];
  readonly rows: AsyncIterable<readonly Cell[]>;
}

/** @param fields names of columns of the list */
export function callingList(reports: Reports, campaignId: string, fields: readonly string[]): CallingList {
  const own = fields.map((name): Column => ({ name: `field:${name}`, unit: "text", meaning: `the column ${name} of the list` }));
  const columns = [...contactColumns, ...own];
  return { columns, rows: rowsOf(reports, campaignId, columns) };
}

async function* rowsOf(reports: Reports, campaignId: string, columns: readonly Column[]): AsyncGenerator<readonly Cell[]> {
  for await (const contact of reports.contacts(campaignId)) yield rowOf(columns, contact);
}
