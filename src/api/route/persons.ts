import { Type } from "typebox";
import type { Caller } from "../../access/role.ts";
import { daysOf, retentionAbout, retentionKinds } from "../../privacy/retention.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { pageOf, pageQuery, problemResponses, timeText } from "../schema/common.ts";
import { erasureSchema, personFields, personSchema, retentionSchema, showErasure, whomAll } from "../schema/privacy.ts";

const tags = ["privacy"];

/** What is kept of people: told to them, forgotten, and for how long it stays. Names are in bodies alone: paths get into logs. */
export function addPersons(app: App, { privacy: { people, retention, retentionOptions } }: Pick<ApiParts, "privacy">): void {
  app.post(
    "/api/v1/persons/export",
    {
      schema: {
        tags,
        summary: "All that is known of a person",
        description:
          "Over all lists, by any of the numbers, mailboxes and client ids they are known by. Nothing of others is in it: what somebody else on a list shares with them (a household's number) counts as theirs only where it was named. Files of recordings are named; `carillon person export` puts them beside it.",
        body: Type.Object(personFields, { additionalProperties: false }),
        response: { 200: personSchema, ...problemResponses(400, 401, 403, 415, 422, 429, 503) },
      },
    },
    async ({ body }) => {
      const { asked, knownBy, kinds, ...told } = await people.collect(whomAll(body));
      const rows = Object.entries(kinds).map(([kind, all]) => [kind, all.map((row) => ({ ...row }))] as const);
      return { ...told, asked: [...asked], knownBy: [...knownBy], kinds: Object.fromEntries(rows) };
    },
  );

  app.post(
    "/api/v1/persons/erase",
    {
      schema: {
        tags,
        summary: "Forget a person",
        description:
          "Nothing is begun with them any more, whatever list they come onto; what was done with them stays countable, and tells nobody who they are. Suppressions and consents stay as hashes. Cannot be taken back. While a call, a message or a conversation is under way it is refused (`person-busy`): ask again.",
        body: Type.Object(
          {
            ...personFields,
            reason: Type.String({
              minLength: 1,
              maxLength: 500,
              description: "Why; names nobody, for it is kept.",
              examples: ["request of 2026-11-20"],
            }),
            everybody: Type.Optional(
              Type.Boolean({ description: "All of them where several people are known by that; refused otherwise (`person-ambiguous`)." }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: erasureSchema, ...problemResponses(400, 401, 403, 404, 409, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller, ip }) => {
      const { reason, everybody = false, ...named } = body;
      return showErasure(await people.erase({ whom: whomAll(named), reason, everybody, by: orderedBy(caller, ip) }));
    },
  );

  app.get(
    "/api/v1/erasures",
    {
      schema: {
        tags,
        summary: "Who was forgotten, by their hashes; the newest first",
        querystring: pageQuery,
        response: { 200: pageOf(erasureSchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, ({ limit, afterId }) => people.erasures({ limit, ...(afterId !== undefined && { beforeId: afterId }) }));
      return { ...page, items: page.items.map(showErasure) };
    },
  );

  app.get(
    "/api/v1/retention",
    {
      schema: {
        tags,
        summary: "For how many days what is kept of people stays, and how far that has been seen to",
        description: "The days are in the configuration (`retention`).",
        response: { 200: retentionSchema, ...problemResponses(401, 403, 429, 503) },
      },
    },
    async () => {
      const passes = await retention.passes();
      const items = retentionKinds.map((kind) => {
        const days = daysOf(kind, retentionOptions);
        const pass = passes.find((each) => each.kind === kind);
        return {
          ...{ kind, about: retentionAbout[kind], removed: pass?.removed ?? 0 },
          ...(days !== undefined && { days }),
          ...(pass !== undefined && pass.at > 0 && { passedAt: timeText(pass.at) }),
        };
      });
      return { items };
    },
  );
}

function orderedBy(caller: Caller | undefined, origin: string) {
  if (caller === undefined) return { kind: "key" as const, name: "nobody", origin };
  return { kind: caller.kind, id: caller.id, name: caller.name, origin };
}
