import { Fault } from "../../kernel/fault.ts";
import { readMailbox } from "../../kernel/mailbox.ts";
import { isPhoneNumber } from "../../kernel/phone.ts";
import { readPage } from "../cursor.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import { eventBody, eventSchema, eventWithDeedsSchema, recordedEventSchema, showEvent } from "../schema/event.ts";

export function addEvents(app: App, { events, clock }: ApiParts): void {
  app.post(
    "/api/v1/events",
    {
      schema: {
        tags: ["strategies"],
        summary: "Tell of something that happened outside: a payment, a confirmation",
        description:
          "In every strategy that runs on a list of the person and has a treatment for the event it ends, or moves them to a pass: who waits does so no more, what rings is taken back within seconds. It is put down to the last attempt that reached them within 14 days, by the channel it names.",
        body: eventBody,
        response: { 200: recordedEventSchema, 201: recordedEventSchema, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { occurredAt, address: given, clientId, ...body } = request.body;
      if (given === undefined && clientId === undefined) throw wrong("/clientId", "give clientId or address: whom it is about");
      const address = given === undefined ? undefined : readAddress(given);
      const now = clock.now();
      const at = occurredAt === undefined ? now : momentOf(occurredAt, "/occurredAt");
      if (at > now + 60_000) throw wrong("/occurredAt", "must be a time that has come, as in 2026-03-02T15:04:05Z");
      const { id, fresh, deeds } = await events.record({
        ...body,
        occurredAt: at,
        ...(clientId !== undefined && { clientId }),
        ...(address !== undefined && { address }),
      });
      return reply.code(fresh ? 201 : 200).send({ id, fresh, contacts: deeds.map((deed) => ({ ...deed })) });
    },
  );
  addToldEvents(app, events);
}

/** What was told before. */
function addToldEvents(app: App, events: ApiParts["events"]): void {
  app.get(
    "/api/v1/events",
    {
      schema: {
        tags: ["strategies"],
        summary: "What was told of from outside, in the order in which it came",
        querystring: pageQuery,
        response: { 200: pageOf(eventSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (rows) => events.page(rows));
      return { ...page, items: page.items.map(showEvent) };
    },
  );

  app.get(
    "/api/v1/events/:id",
    {
      schema: {
        tags: ["strategies"],
        summary: "One event, and what it did to whom",
        params: idParams,
        response: { 200: eventWithDeedsSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const found = await events.find(id);
      if (!found) throw new Fault("event-unknown", `There is no event ${id}.`);
      const { deeds, ...event } = found;
      return { ...showEvent(event), contacts: deeds.map((deed) => ({ ...deed })) };
    },
  );
}

/** @throws Fault `request-invalid` */
export function readAddress(text: string): string {
  if (isPhoneNumber(text)) return text;
  const read = text.includes("@") ? readMailbox(text) : undefined;
  if (read && "mailbox" in read) return read.mailbox;
  throw wrong("/address", "must be a number in E.164 form, such as +15550100100, or a mailbox");
}

function wrong(pointer: string, message: string) {
  return placedFault("request-invalid", `${pointer} ${message}`, [{ pointer, message }]);
}
