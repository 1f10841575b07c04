import { type Static, Type } from "typebox";
import { channelNames } from "../../attempt/result.ts";
import { type ReportFacts, type ReportName, reportFacts } from "../../report/definition.ts";
import { formats } from "../../report/document-engine.ts";
import type { Period } from "../../report/period.ts";
import { type Grouping, groupings, type ReportScope } from "../../report/ports.ts";
import type { Column, Unit } from "../../report/table.ts";
import { idSchema, problemResponses, timeSchema, timeText } from "./common.ts";

const format = Type.Optional(
  Type.Enum([...formats], { description: "json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV." }),
);
const time = (description: string) => Type.Optional(Type.String({ minLength: 4, maxLength: 40, description, examples: ["2026-11-22"] }));
const zone = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: "IANA zone in which days begin; UTC, if not given.", examples: ["Europe/Berlin"] }),
);
const id = (description: string) => Type.Optional(Type.String({ ...idSchema, description }));

const scopeFields = {
  campaignId: id("Only this campaign."),
  strategyCampaignId: id("Only the passes of this campaign of a strategy."),
  listId: id("Only campaigns on this list."),
  groupId: id("Only campaigns that this group works for; of agents, its members."),
};
const channel = Type.Optional(Type.Enum([...channelNames], { description: "Only this channel." }));
const agentId = id("Only what is this agent's.");
const dates = {
  from: time("A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given."),
  to: time("The same; a day and a month are included as a whole, an instant is not. Now, if not given."),
};
const byOf = (some: readonly Grouping[]) => Type.Optional(Type.Enum([...some], { description: "What it is added up by; all, if not given." }));

/** What may be asked of some report. */
export type ReportQuery = Static<typeof anyQuery>;
const anyQuery = Type.Object({ format, zone, ...dates, by: byOf(groupings), ...scopeFields, channel, agentId });

/** What may be asked of that report. Anything else is refused: a figure that leaves out a condition would be taken for another one. */
export function reportQuery(name: ReportName) {
  const { dated, by, ofAgents, ofChannels }: ReportFacts = reportFacts[name];
  const fields = {
    format,
    zone,
    ...scopeFields,
    ...(dated && dates),
    ...(by.length > 0 && { by: byOf(by) }),
    ...(ofChannels && { channel }),
    ...(ofAgents && { agentId }),
  };
  return Type.Unsafe<ReportQuery>(Type.Object(fields, { additionalProperties: false }));
}

export const callingListQuery = Type.Object(
  {
    format,
    fields: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2000,
        description: "Columns of the list to be shown beside, with commas between them.",
        examples: ["first_name,amount_due"],
      }),
    ),
  },
  { additionalProperties: false },
);

const cell: Readonly<Record<Unit, string>> = {
  text: "",
  count: "",
  rate: " 0..1; null where nothing is divided.",
  ms: " In milliseconds.",
  seconds: " In seconds.",
  money: " In the currency of the row.",
  number: "",
};

function cellSchema({ unit, meaning }: Column) {
  const description = `${meaning}.${cell[unit]}`;
  return Type.Unsafe<string | number | null>({ type: unit === "text" ? ["string", "null"] : ["number", "null"], description });
}

function rowSchema(columns: readonly Column[]) {
  return Type.Object(
    Object.fromEntries(columns.map((column) => [column.name, column.keyed ? Type.Optional(cellSchema(column)) : cellSchema(column)])),
  );
}

const files = {
  "text/csv": { schema: Type.String({ description: "RFC 4180, with a line of heads." }) },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { schema: Type.String({ description: "A workbook with one sheet." }) },
};

/** What a report answers with, in the three formats. */
export function reportResponses(name: ReportName) {
  const body = Type.Object({
    report: Type.String({ examples: [name] }),
    from: Type.Optional(timeSchema),
    to: Type.Optional(timeSchema),
    zone: Type.String({ examples: ["Europe/Berlin"] }),
    items: Type.Array(rowSchema(reportFacts[name].columns)),
  });
  return {
    200: { description: "The report.", content: { "application/json": { schema: body }, ...files } },
    ...problemResponses(400, 401, 403, 404, 429, 503),
  };
}

export function callingListResponses(columns: readonly Column[]) {
  const body = Type.Array(
    Type.Intersect([rowSchema(columns), Type.Record(Type.String(), Type.Unsafe<string | number | null>({ type: ["string", "number", "null"] }))]),
  );
  return {
    200: { description: "The list.", content: { "application/json": { schema: body }, ...files } },
    ...problemResponses(400, 401, 403, 404, 429, 503),
  };
}

/** What a query asks for, without what it leaves out. @param groupIds those that whoever asks is limited to */
export function scopeOf(query: ReportQuery, period: Period, groupIds: readonly string[] | undefined): ReportScope {
  const { campaignId, strategyCampaignId, listId, groupId, agentId, channel } = query;
  return {
    ...period,
    ...(campaignId !== undefined && { campaignId }),
    ...(strategyCampaignId !== undefined && { strategyCampaignId }),
    ...(listId !== undefined && { listId }),
    ...(groupId !== undefined && { groupId }),
    ...(groupIds !== undefined && { groupIds }),
    ...(agentId !== undefined && { agentId }),
    ...(channel && { channel }),
  };
}

export function showPeriod({ from, to, zone }: Period, dated: boolean): { readonly from?: string; readonly to?: string; readonly zone: string } {
  return { ...(dated && { from: timeText(from), to: timeText(to) }), zone };
}
