import { Readable } from "node:stream";
import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { masked } from "../../privacy/mask.ts";
import { hidingOf } from "../../privacy/masking.ts";
import { eventTypeNames, isEventType } from "../../webhook/event.ts";
import { streamText } from "../../webhook/stream-session.ts";
import type { ApiParts, App } from "../parts.ts";
import { isStillCaller } from "../plugin/authentication.ts";
import { idSchema, problemResponses } from "../schema/common.ts";

/** Readers at once on one node: each asks the database twice a second. */
const mostReaders = 100;

const position = {
  minLength: 1,
  maxLength: 4000,
  pattern: "^[A-Za-z0-9_-]+$",
  description: "`id` of the last event that was read: it goes on after that.",
};

const query = Type.Object(
  {
    types: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: `Only these types, in commas: ${eventTypeNames.join(", ")}.`,
        examples: ["attempt.ended,callback.missed"],
      }),
    ),
    campaignId: Type.Optional(Type.String({ ...idSchema, description: "Only what names this campaign." })),
    lastEventId: Type.Optional(Type.String({ ...position, description: "As the header Last-Event-ID, for programs that cannot set it." })),
  },
  { additionalProperties: false },
);

const headers = Type.Object({ "last-event-id": Type.Optional(Type.String(position)) });

/** What happens, as it happens. */
export function addStream(app: App, { stream: reader, keys, logins, masking, clock, log }: ApiParts): void {
  let readers = 0;
  app.get(
    "/api/v1/stream",
    {
      schema: {
        tags: ["webhooks"],
        summary: "What happens, as it happens",
        description:
          "Server-sent events: `id`, `event` (its type) and `data` (what a webhook is sent). Whoever comes again with `Last-Event-ID` misses nothing, for an hour after the last reader and a day at most; where something may be missing the first event is `stream.gap`. It ends after a quarter of an hour: come again.",
        querystring: query,
        headers,
        response: {
          200: {
            description: "The stream.",
            content: { "text/event-stream": { schema: Type.String({ examples: ["event: campaign.changed\ndata: {}\n\n"] }) } },
          },
          ...problemResponses(400, 401, 403, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { types: typesText, campaignId, lastEventId } = request.query;
      const { headers: sent, caller } = request;
      const types = typesText?.split(",").map((type) => type.trim());
      const unknown = types?.filter((type) => !isEventType(type)) ?? [];
      if (unknown.length > 0) throw new Fault("request-invalid", `There is no type ${unknown.join(", ")}. There are: ${eventTypeNames.join(", ")}.`);
      const from = sent["last-event-id"] ?? lastEventId;
      if (from !== undefined && (await reader.isWhole(from)) === undefined)
        throw new Fault("cursor-invalid", "Give Last-Event-ID exactly as the stream gave it, or leave it out to begin now.");
      if (readers >= mostReaders)
        throw new Fault("overloaded", `${mostReaders} programs read the stream of this node already; ask another one, or use a webhook.`, {
          retryable: true,
        });
      readers += 1;
      const wishes = { ...(from !== undefined && { position: from }), ...(types && { types }), ...(campaignId !== undefined && { campaignId }) };
      const hiding = hidingOf(masking, caller?.role ?? "");
      const mayRead = () => isStillCaller({ keys, logins }, request);
      const text = Readable.from(streamText({ reader, clock, mayRead, show: (body) => masked(body, hiding) }, wishes));
      text.once("close", () => {
        readers -= 1;
      });
      // The reader comes again where it was: what it has not got it gets then.
      text.on("error", (error) => log.warn({ err: error }, "a stream of events broke"));
      reply.type("text/event-stream").header("cache-control", "no-store").header("x-accel-buffering", "no");
      // The schema is for the document; what is sent is a stream of it.
      return reply.send(text as unknown as string);
    },
  );
}
