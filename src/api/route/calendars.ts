import { Type } from "typebox";
import { checkedCalendar } from "../../compliance/calendar.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { calendarBody, calendarDetailSchema, calendarParams, calendarSchema, showCalendar, showCalendarVersion } from "../schema/calendar.ts";
import { problemResponses } from "../schema/common.ts";
import { signatureOf } from "../script-faults.ts";

const tags = ["compliance"];

export function addCalendars(app: App, { calendars: { store, book } }: ApiParts): void {
  app.get(
    "/api/v1/calendars",
    {
      schema: {
        tags,
        summary: "The account's own holiday calendars",
        response: { 200: Type.Object({ items: Type.Array(calendarSchema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: (await store.list()).map(showCalendar) }),
  );

  app.get(
    "/api/v1/calendars/:name",
    {
      schema: {
        tags,
        summary: "A calendar, with every version of it",
        params: calendarParams,
        response: { 200: calendarDetailSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => {
      const history = await store.history(name);
      const [newest] = history;
      if (newest === undefined || newest.removed) throw unknownCalendar(name);
      return { ...showCalendar(newest), history: history.map(showCalendarVersion) };
    },
  );

  app.put(
    "/api/v1/calendars/:name",
    {
      schema: {
        tags,
        summary: "Make a calendar, or change it",
        description:
          "Campaigns and passes name it among their holidays. A change holds for everybody who is picked from then on: here at once, on other nodes within two seconds; whom the days before had held back is asked about again. What it says already makes no new version (200).",
        params: calendarParams,
        body: calendarBody,
        response: { 200: calendarSchema, 201: calendarSchema, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const kept = await store.put(checkedCalendar({ ...body, name: params.name }), signatureOf(request, undefined).by);
      await book.look();
      return reply.code(kept.fresh && kept.calendar.version === 1 ? 201 : 200).send(showCalendar(kept.calendar));
    },
  );

  app.delete(
    "/api/v1/calendars/:name",
    {
      schema: {
        tags,
        summary: "Take a calendar away",
        description:
          "No campaign that has not ended may name it. Its versions are kept: which days held at the time of an attempt can always be said.",
        params: calendarParams,
        response: { 204: Type.Null({ description: "No campaign can name it any more." }), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      if (!(await store.remove(request.params.name, signatureOf(request, undefined).by))) throw unknownCalendar(request.params.name);
      await book.look();
      return reply.code(204).send(null);
    },
  );
}

function unknownCalendar(name: string): Fault {
  return new Fault("calendar-unknown", `There is no calendar ${name}; GET /api/v1/calendars has them.`);
}
