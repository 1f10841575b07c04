import { Type } from "typebox";
import { newPersonSchema, type PersonChange, personChangeSchema, type ReadPerson, readPerson } from "../../contact/person.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { contactSchema, showContact } from "../schema/list.ts";

const tags = ["lists"];

/** People one by one: what a trickle feed, or a person at a screen, does while campaigns run. */
export function addContacts(app: App, { lists, people, defaultCountry }: ApiParts): void {
  const read = (written: PersonChange): ReadPerson => {
    const found = readPerson(written, defaultCountry);
    if ("faults" in found) throw placedFault("contact-invalid", "The person cannot be kept like this.", found.faults);
    return found;
  };
  const shown = async (id: string) => {
    const contact = await lists.contact(id);
    if (contact === undefined) throw new Fault("contact-unknown", `There is no contact ${id}.`);
    return showContact(contact);
  };

  app.post(
    "/api/v1/lists/:id/contacts",
    {
      schema: {
        tags,
        summary: "Add one person",
        description:
          "They come into every campaign that runs on the list, or is paused, of a strategy into its first pass; not with `enter: false`. Give an Idempotency-Key, and the same request sent again adds nobody twice.",
        params: idParams,
        body: newPersonSchema,
        response: { 201: contactSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { clientId, enter = true, ...written } = request.body;
      const id = await people.add(request.params.id, { ...read(written), clientId }, enter);
      return reply
        .code(201)
        .header("location", `/api/v1/contacts/${id}`)
        .send(await shown(id));
    },
  );

  app.get(
    "/api/v1/contacts/:id",
    { schema: { tags, summary: "One person", params: idParams, response: { 200: contactSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    (request) => shown(request.params.id),
  );

  app.patch(
    "/api/v1/contacts/:id",
    {
      schema: {
        tags,
        summary: "Change one person",
        description:
          "Campaigns see it when they next come to the person. `addresses` are all of them from then on, and those that were there before keep their ids; fields that are not named stay.",
        params: idParams,
        body: personChangeSchema,
        response: { 200: contactSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      await people.change(request.params.id, read(request.body));
      return await shown(request.params.id);
    },
  );

  app.delete(
    "/api/v1/contacts/:id",
    {
      schema: {
        tags,
        summary: "Take one person off their list, and out of every campaign",
        description:
          "Nothing more is begun with them; a call that rings is hung up, a conversation ends by itself. What was done stays told under their id. It keeps nobody from being imported again: for that there are suppressions.",
        params: idParams,
        response: { 204: Type.Null(), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await people.withdraw(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
