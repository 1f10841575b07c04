import { type Static, Type } from "typebox";
import { type NewCap, usDebtCaps } from "../../compliance/frequency.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import { capSchema, newCapSchema, showCap } from "../schema/frequency-cap.ts";

const tags = ["compliance"];

export function addFrequencyCaps(app: App, { caps }: ApiParts): void {
  app.get(
    "/api/v1/frequency-caps",
    {
      schema: {
        tags,
        summary: "How often people may be contacted",
        querystring: pageQuery,
        response: { 200: pageOf(capSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (part) => caps.list(part));
      return { ...page, items: page.items.map(showCap) };
    },
  );

  app.get(
    "/api/v1/frequency-caps/:id",
    { schema: { tags, summary: "One cap", params: idParams, response: { 200: capSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async ({ params: { id } }) => {
      const cap = await caps.find(id);
      if (cap === undefined) throw capUnknown(id);
      return showCap(cap);
    },
  );

  app.post(
    "/api/v1/frequency-caps",
    {
      schema: {
        tags,
        summary: "Say how often people may be contacted",
        description:
          "It holds at once, also for what is reserved and has not left. Attempts count that the person may have noticed, what was answered, and what is on its way; calls that the person asked for count and are not held back. A person is known by the client id, or by the address.",
        body: newCapSchema,
        response: { 201: Type.Object({ items: Type.Array(capSchema) }), ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async ({ body }, reply) => {
      const made = await caps.add(wished(body));
      return reply.code(201).send({ items: made.map(showCap) });
    },
  );

  app.delete(
    "/api/v1/frequency-caps/:id",
    {
      schema: {
        tags,
        summary: "Take a cap away",
        params: idParams,
        response: { 204: Type.Null({ description: "It is gone." }), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!(await caps.remove(id))) throw capUnknown(id);
      return reply.code(204).send(null);
    },
  );
}

function capUnknown(id: string): Fault {
  return new Fault("cap-unknown", `There is no frequency cap ${id}.`);
}

/** @throws Fault `cap-invalid` with the places */
function wished({ name, usDebtField, campaignId, ...own }: Static<typeof newCapSchema>): readonly NewCap[] {
  const campaign = campaignId === undefined ? {} : { campaignId };
  if (usDebtField !== undefined) {
    const more = Object.keys(own);
    if (more.length > 0) refuse(more, "is fixed by the rule for debts: leave it out");
    return usDebtCaps(name, usDebtField, campaignId);
  }
  const { per, most, windowS, channel } = own;
  if (per === undefined || most === undefined || windowS === undefined)
    return refuse(
      (["per", "most", "windowS"] as const).filter((field) => own[field] === undefined),
      "is missing",
    );
  return [{ name, kind: "cap", per, most, windowS, ...(channel !== undefined && { channel }), ...campaign }];
}

function refuse(fields: readonly string[], message: string): never {
  throw placedFault(
    "cap-invalid",
    `The cap cannot be like this: ${fields.join(", ")} ${message}.`,
    fields.map((field) => ({ pointer: `/${field}`, message })),
  );
}
