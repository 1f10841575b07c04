import { Readable } from "node:stream";
import { Type } from "typebox";
import { whileItMoves } from "../../contact/moving-engine.ts";
import type { Rejection } from "../../contact/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";
import {
  allOf,
  consentLoadQuery,
  consentLoadReportSchema,
  consentSchema,
  momentOf,
  newConsentSchema,
  newSafeguardSchema,
  safeguardSchema,
  showConsent,
  whomFields,
  whomOf,
} from "../schema/safeguard.ts";

const tags = ["compliance"];
/** Rejections told in the answer, at most; the counts are always whole. */
const maxRejectionsTold = 100;

const evidenceSchema = Type.Object({
  subjects: Type.Array(Type.Object({ kind: Type.String(), subject: Type.String({ description: "The hash under which the chain knows them." }) })),
  records: Type.Array(consentSchema),
});

export function addConsents(app: App, { safeguards: { consents, safeguards, hindrances, loadConsents }, campaigns, clock }: ApiParts): void {
  app.post(
    "/api/v1/consents",
    {
      schema: {
        tags,
        summary: "Record a consent, a relationship of business, or a revocation",
        description:
          "Records are chained by their hashes and never changed. To stop contacting somebody altogether, suppress them: that revokes too.",
        body: newConsentSchema,
        response: { 201: consentSchema, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async ({ body, caller }, reply) => {
      const { kind, channel, purpose, obtainedAt, source, proof, expiresAt } = body;
      const record = await consents.record(
        {
          ...{ kind, whom: whomOf(body), obtainedAt: momentOf(obtainedAt), source },
          ...(channel !== undefined && { channel }),
          ...(purpose !== undefined && { purpose }),
          ...(proof !== undefined && { proof }),
          ...(expiresAt !== undefined && { expiresAt: momentOf(expiresAt) }),
        },
        caller?.name ?? "",
      );
      return reply.code(201).send(showConsent(record));
    },
  );

  app.get(
    "/api/v1/consents",
    {
      schema: {
        tags,
        summary: "The chain of consents, in its order",
        querystring: pageQuery,
        response: { 200: pageOf(consentSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, ({ limit, afterId = "0" }) => consents.chain(afterId, limit));
      return { ...page, items: page.items.map(showConsent) };
    },
  );

  app.post(
    "/api/v1/consents/load",
    {
      schema: {
        tags,
        summary: "Record a file of consents, relationships and revocations with their proof",
        description:
          "The body is the file, as text/csv and of any size: CSV with a header (phone, email, client_id; kind, purpose, channel, obtained_at, source, proof, expires_at). It is read to its end before anything is recorded; what is in the chain already stays one record.",
        consumes: ["text/csv"],
        querystring: consentLoadQuery,
        response: { 200: consentLoadReportSchema, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { country, obtainedAt, ...said } = request.query;
      const content: unknown = request.body;
      if (!(content instanceof Readable)) throw new Fault("media-type", "Send the file as the body, with content-type text/csv.");
      const rejections: Omit<Rejection, "raw">[] = [];
      const rejected = ({ row, line, column, reason }: Rejection) => {
        if (rejections.length < maxRejectionsTold) rejections.push({ row, line, column, reason });
      };
      try {
        const defaults = { ...said, ...(obtainedAt !== undefined && { obtainedAt: momentOf(obtainedAt) }) };
        const more = country === undefined ? {} : { defaultCountry: country };
        const moving = whileItMoves(content, clock);
        const { sha256: _, ...report } = await loadConsents({ content: moving, defaults, by: request.caller?.name ?? "", rejected, ...more });
        return { ...report, rejections };
      } catch (error) {
        // What has not been read of the file must not be taken for the next request.
        if (!content.readableEnded) reply.header("connection", "close");
        throw error;
      }
    },
  );

  app.post(
    "/api/v1/consents/evidence",
    {
      schema: {
        tags,
        summary: "All that was recorded of somebody",
        description: "By number, mailbox, client id, or several of them.",
        body: Type.Object(whomFields, { additionalProperties: false }),
        response: { 200: evidenceSchema, ...problemResponses(400, 401, 415, 422, 429, 503) },
      },
    },
    async ({ body }) => {
      const { subjects, records } = await consents.evidence(allOf(body));
      return { subjects: [...subjects], records: records.map(showConsent) };
    },
  );

  app.get(
    "/api/v1/campaigns/:id/safeguards",
    {
      schema: {
        tags,
        summary: "What a campaign wants of consents and lists",
        params: idParams,
        response: { 200: safeguardSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => await show(id),
  );

  app.put(
    "/api/v1/campaigns/:id/safeguards",
    {
      schema: {
        tags,
        summary: "Say what a campaign wants of consents and lists; it holds at once",
        params: idParams,
        body: newSafeguardSchema,
        response: { 200: safeguardSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async ({ params: { id }, body, caller }) => {
      await safeguards.set(id, body, caller?.name ?? "");
      return await show(id);
    },
  );

  async function show(id: string) {
    const campaign = await campaigns.find(id);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${id}.`);
    const { suppressionLists, lookups, laws, ...found } = await safeguards.find(id);
    const hindrance = await hindrances.hindrance(campaign);
    return {
      ...found,
      suppressionLists: [...suppressionLists],
      ...(lookups && { lookups: [...lookups] }),
      ...(laws && { laws: [...laws] }),
      ...(hindrance !== undefined && { hindrance }),
    };
  }
}
