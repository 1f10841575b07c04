import { Type } from "typebox";
import { type AuditRecord, actorKinds } from "../../access/audit.ts";
import { verifyAudit } from "../../access/audit-engine.ts";
import { readPage } from "../cursor.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { givenTimeSchema } from "../schema/agent.ts";
import { pageFields, pageOf, problemResponses, timeSchema, timeText } from "../schema/common.ts";

const tags = ["access"];

const recordSchema = Type.Object({
  id: Type.String({ description: "Its place in the chain, from 1, without gaps." }),
  at: timeSchema,
  actorKind: Type.Enum([...actorKinds]),
  actorId: Type.Optional(Type.String()),
  actor: Type.String(),
  action: Type.String({ description: "The route, or the command.", examples: ["POST /api/v1/campaigns/:id/start"] }),
  target: Type.String({ description: "Which thing.", examples: ["/api/v1/campaigns/7/start"] }),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown({ description: "What was asked for (`asked`), and how it is now (`now`)." })),
  origin: Type.String({ description: "The address it came from, or the machine." }),
  previous: Type.String({ description: "The hash of the line before." }),
  hash: Type.String({ description: "SHA-256 of this line and the one before." }),
});

const query = Type.Object(
  {
    ...pageFields,
    actor: Type.Optional(Type.String({ maxLength: 100, description: "Only what this key, user or machine did: the name." })),
    target: Type.Optional(
      Type.String({ maxLength: 300, description: "Only what happened to this, or below it.", examples: ["/api/v1/campaigns/7"] }),
    ),
    from: Type.Optional(givenTimeSchema),
    to: Type.Optional(givenTimeSchema),
  },
  { additionalProperties: false },
);

export function addAuditLog(app: App, { audit }: Pick<ApiParts, "audit">): void {
  app.get(
    "/api/v1/audit",
    {
      schema: {
        tags,
        summary: "Who changed what",
        description: "Every change that was made over the API or by a command, the oldest first. Secrets are in none, and of people only ids.",
        querystring: query,
        response: { 200: pageOf(recordSchema), ...problemResponses(400, 401, 403, 429, 503) },
      },
    },
    async ({ query: { limit, cursor, actor, target, from, to } }) => {
      const filter = {
        ...(actor !== undefined && { actor }),
        ...(target !== undefined && { target }),
        ...(from !== undefined && { from: momentOf(from, "query/from") }),
        ...(to !== undefined && { to: momentOf(to, "query/to") }),
      };
      const wanted = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
      const page = await readPage(wanted, (rows) => audit.page(filter, rows));
      return { ...page, items: page.items.map(showRecord) };
    },
  );

  app.get(
    "/api/v1/audit/verification",
    {
      schema: {
        tags,
        summary: "Whether the audit log is whole",
        description: "Reads all of it. Note the hash elsewhere: a later log that is whole and has it in that place was not changed before it.",
        response: {
          200: Type.Object({
            whole: Type.Boolean(),
            records: Type.Integer({ description: "How many lines are whole, from the first." }),
            hash: Type.String({ description: "Of the last of them." }),
            broken: Type.Optional(Type.String({ description: "What is wrong, for people." })),
          }),
          ...problemResponses(401, 403, 429, 503),
        },
      },
    },
    async () => {
      const end = await verifyAudit((afterId, limit) => audit.chain(afterId, limit));
      return { whole: end.broken === undefined, ...end };
    },
  );
}

function showRecord({ at, before, after, ...record }: AuditRecord) {
  const json = (text: string): unknown => JSON.parse(text);
  return {
    ...record,
    at: timeText(at),
    ...(before !== undefined && { before: json(before) }),
    ...(after !== undefined && { after: json(after) }),
  };
}
