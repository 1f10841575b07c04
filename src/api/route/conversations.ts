import { Type } from "typebox";
import { type WrittenConversation, writtenStates } from "../../agent/written-ports.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { cardSchema, conversationFields, showWritten, showWrittenCard } from "../schema/agent-written.ts";
import { idParams, idSchema, pageFields, pageOf, problemResponses } from "../schema/common.ts";

const tags = ["messages"];
const query = Type.Object({ ...pageFields, state: Type.Optional(Type.Enum([...writtenStates])) }, { additionalProperties: false });

const takenBy = Type.Optional(Type.String({ ...idSchema, description: "The agent who has it." }));
const { yours: _, ...fields } = conversationFields;
const conversationSchema = Type.Object({ ...fields, takenBy });
const { yours: __, ...cardFields } = cardSchema.properties;
const wholeSchema = Type.Object({ ...cardFields, takenBy });

/** What people wrote that no keyword answers, for those who see to it; agents have theirs over the socket. */
export function addConversations(app: App, { written }: Pick<ApiParts, "written">): void {
  app.get(
    "/api/v1/conversations",
    {
      schema: {
        tags,
        summary: "What people write to and fro with agents, in the order in which it began",
        querystring: query,
        response: { 200: pageOf(conversationSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query: { state, ...pages } }) => {
      const page = await readPage(pages, (rows) => written.all(state, rows));
      return { ...page, items: page.items.map((each) => ({ ...anyones(showWritten(each, "")), ...holder(each) })) };
    },
  );

  app.get(
    "/api/v1/conversations/:id",
    {
      schema: {
        tags,
        summary: "One conversation, with its last 100 messages",
        params: idParams,
        response: { 200: wholeSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const card = await written.read(id);
      return { ...anyones(showWrittenCard(card, "")), ...holder(card) };
    },
  );
}

function anyones<Shown extends { readonly yours: boolean }>({ yours: _, ...shown }: Shown): Omit<Shown, "yours"> {
  return shown;
}

function holder({ takenBy }: WrittenConversation): { readonly takenBy?: string } {
  return takenBy === undefined ? {} : { takenBy };
}
