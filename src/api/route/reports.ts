import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Fault } from "../../kernel/fault.ts";
import { dots, type Hiding, masked } from "../../privacy/mask.ts";
import { hidingOf } from "../../privacy/masking.ts";
import { callingList } from "../../report/calling-list-engine.ts";
import { contactColumns, type ReportFacts, type ReportName, reportFacts, reportNames, whyNot } from "../../report/definition.ts";
import { document, type Format, mediaTypes } from "../../report/document-engine.ts";
import { readPeriod } from "../../report/period.ts";
import { type Cell, type Column, namedRow } from "../../report/table.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams } from "../schema/common.ts";
import { callingListQuery, callingListResponses, type ReportQuery, reportQuery, reportResponses, scopeOf, showPeriod } from "../schema/report.ts";

const tags = ["reports"];

/** Reports, and what came of a calling list. */
export function addReports(app: App, parts: ApiParts): void {
  for (const name of reportNames) addReport(app, parts, name);

  app.get(
    "/api/v1/campaigns/:id/calling-list",
    {
      schema: {
        tags,
        summary: "Everybody on the list of a campaign, with the last attempt there",
        description:
          "The result in words and as the call_result number of the Genesys export. Of any length: it is written while it is read, so that its end may come late, and a connection that breaks before is the sign that something failed.",
        params: idParams,
        querystring: callingListQuery,
        response: callingListResponses(contactColumns),
      },
    },
    async ({ params, query, caller }, reply) => {
      const { id } = params;
      const fields = (query.fields ?? "").split(",").flatMap((field) => (field.trim() === "" ? [] : [field.trim()]));
      if ((await parts.campaigns.find(id)) === undefined) throw new Fault("campaign-unknown", `There is no campaign ${id}.`);
      const { columns, rows } = callingList(parts.reports, id, fields);
      const format = query.format ?? "json";
      const shown = shownRows(columns, rows, hidingOf(parts.masking, caller?.role ?? ""));
      return await asFile(reply, format, `calling-list-${id}`, document(format, "calling list", columns, shown));
    },
  );
}

function addReport(app: App, parts: ApiParts, name: ReportName): void {
  const { reports, clock } = parts;
  const { summary, dated }: ReportFacts = reportFacts[name];
  app.get(
    `/api/v1/reports/${name}`,
    {
      schema: {
        tags,
        summary,
        description: `What has been committed is in it at once. Every column, with its formula, is in docs/reports.md.${dated ? "" : " It is about now."}`,
        querystring: reportQuery(name),
        response: reportResponses(name),
      },
      // Before it is said that it is not known here.
      preValidation: async ({ query }) => refuseUnsuited(name, query),
    },
    async (request, reply) => {
      const query: ReportQuery = request.query;
      const groupIds = request.caller?.groupIds;
      await checkScope(parts, query, groupIds);
      const period = readPeriod(query, clock.now());
      const table = await reports.table(name, scopeOf(query, period, groupIds), query.by);
      const { columns, rows } = table;
      const { format = "json" } = query;
      if (format !== "json") return await asFile(reply, format, name, document(format, name, columns, rows));
      const items = rows.map((row) => namedRow(columns, row));
      return await reply.type(mediaTypes.json).send({ report: name, ...showPeriod(period, dated), items });
    },
  );
}

/** @throws Fault `request-invalid` for a condition of other reports, with why this one has it not */
function refuseUnsuited(name: ReportName, query: unknown): void {
  for (const asked of Object.keys(query ?? {})) {
    const why = whyNot(reportFacts[name], asked);
    if (why !== undefined) throw new Fault("request-invalid", `The report ${name} takes no ${asked}: ${why}`);
  }
}

/** Cells as the caller may see them. */
async function* shownRows(columns: readonly Column[], rows: AsyncIterable<readonly Cell[]>, hiding: Hiding): AsyncGenerator<readonly Cell[]> {
  for await (const row of rows) yield hiding.hides.size === 0 ? row : row.map((cell, place) => shownCell(columns[place]?.name ?? "", cell, hiding));
}

function shownCell(column: string, cell: Cell, hiding: Hiding): Cell {
  if (typeof cell !== "string") return cell;
  const own = column.startsWith("field:");
  const shown = masked(own ? { fields: { [column.slice("field:".length)]: cell } } : { [column]: cell }, hiding);
  return textIn(shown) ?? dots;
}

/** The one text in what a cell was put into. */
function textIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? textIn(Object.values(value)[0]) : undefined;
}

/** What is thrown while it is written breaks the connection: the head has left by then. */
function asFile(reply: FastifyReply, format: Format, name: string, content: AsyncGenerator<Buffer>): FastifyReply {
  if (format !== "json") reply.header("content-disposition", `attachment; filename="${name}.${format}"`);
  return reply.type(mediaTypes[format]).send(Readable.from(content));
}

/**
 * That what is asked about is there, for whoever asks: of what is not, a report would say that nothing came of it.
 * @throws Fault of its code, 404
 */
async function checkScope(
  { campaigns, strategyCampaigns, lists, agents: { directory }, groups }: ApiParts,
  { campaignId, strategyCampaignId, listId, groupId, agentId }: ReportQuery,
  limitedTo: readonly string[] | undefined,
): Promise<void> {
  const wanted = [
    [campaignId, "campaign", "campaign-unknown", "campaign", (id: string) => campaigns.find(id)],
    [strategyCampaignId, "strategy-campaign", "campaign-unknown", "campaign of a strategy", (id: string) => strategyCampaigns.find(id)],
    [listId, "list", "list-unknown", "list", (id: string) => lists.list(id)],
    [groupId, "group", "group-unknown", "group", (id: string) => directory.group(id)],
    [agentId, "agent", "agent-unknown", "agent", (id: string) => directory.agent(id)],
  ] as const;
  for (const [id, kind, code, what, find] of wanted) {
    if (id === undefined) continue;
    const there = limitedTo === undefined ? (await find(id)) !== undefined : (await groups.visible(limitedTo, kind, [id])).has(id);
    if (!there) throw new Fault(code, `There is no ${what} ${id}.`);
  }
}
