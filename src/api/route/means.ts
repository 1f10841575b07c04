import { type TObject, Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import type { ComponentState } from "../ports.ts";
import { problemResponses } from "../schema/common.ts";

const state = {
  up: Type.Optional(Type.Boolean({ description: "As this node sees it; absent: it does not use it." })),
  note: Type.Optional(Type.String({ description: "What is wrong, and what to do." })),
};
const bindSchema = Type.Object({
  name: Type.String(),
  host: Type.String(),
  port: Type.Integer(),
  tls: Type.Boolean(),
  systemId: Type.String({ examples: ["carillon"] }),
  bindType: Type.String({ examples: ["transceiver"] }),
  sessions: Type.Integer({ description: "On each node." }),
  maxPerSecond: Type.Number({ description: "Message parts, over all nodes." }),
  ...state,
});
const poolSchema = Type.Object({
  name: Type.String(),
  host: Type.String(),
  port: Type.Integer(),
  tls: Type.String({ examples: ["required"] }),
  connections: Type.Integer({ description: "From each node." }),
  maxPerSecond: Type.Optional(Type.Number({ description: "Messages, over all nodes; absent: as fast as the server takes them." })),
  ...state,
});
const senderSchema = Type.Object({
  channel: Type.Enum(["sms", "email"]),
  name: Type.String(),
  address: Type.String({ description: "The number or word, or the mailbox." }),
  through: Type.Array(Type.String(), { description: "Its binds, the first one first, or its mail pool; of SMS none: any bind." }),
});

/** What the configuration has for writing: to be seen here, and changed there. */
export function addMeans(app: App, { means: { sms, email }, health }: Pick<ApiParts, "means" | "health">): void {
  const answer = <Item extends TObject>(item: Item) => ({ 200: Type.Object({ items: Type.Array(item) }), ...problemResponses(401, 429, 503) });
  const description = "From the configuration (docs/configuration.md), without what is secret.";

  app.get(
    "/api/v1/binds",
    { schema: { tags: ["messages"], summary: "The ways to SMSCs, and how they are", description, response: answer(bindSchema) } },
    async () => {
      const seen = await health.components();
      return {
        items: sms.binds.map(({ name, host, port, tls, systemId, bindType, sessions, maxPerSecond }) => ({
          ...{ name, host, port, tls, systemId, bindType, sessions, maxPerSecond },
          ...stateOf(seen, `bind:${name}`),
        })),
      };
    },
  );

  app.get(
    "/api/v1/mail-pools",
    { schema: { tags: ["email"], summary: "The servers that take e-mail, and how they are", description, response: answer(poolSchema) } },
    async () => {
      const seen = await health.components();
      return {
        items: email.pools.map(({ name, host, port, tls, connections, maxPerSecond }) => ({
          ...{ name, host, port, tls, connections, ...(maxPerSecond !== undefined && { maxPerSecond }) },
          ...stateOf(seen, `mail:${name}`),
        })),
      };
    },
  );

  app.get(
    "/api/v1/senders",
    { schema: { tags: ["messages"], summary: "Whom messages show themselves to be from", description, response: answer(senderSchema) } },
    async () => ({
      items: [
        ...sms.senders.map(({ name, address, binds }) => ({ channel: "sms" as const, name, address, through: [...binds] })),
        ...email.senders.map(({ name, mailbox, pool }) => ({ channel: "email" as const, name, address: mailbox, through: [pool] })),
      ],
    }),
  );
}

function stateOf(seen: readonly ComponentState[], name: string): { readonly up?: boolean; readonly note?: string } {
  const found = seen.find((each) => each.name === name);
  return found ? { up: found.ready, ...(found.note !== undefined && { note: found.note }) } : {};
}
