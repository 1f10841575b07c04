import type { TSchema } from "typebox";
import {
  type ReplyType,
  type RequestType,
  replyBodies,
  replySchema,
  requestBodies,
  requestMeanings,
  requestSchema,
} from "../../src/api/schema/agent-message.ts";

const head = `# The agents' WebSocket

What an agent's program and the server say to each other. This page is written from the schemas in \`src/api/schema/agent-message.ts\`, by which messages are
checked, and a test keeps it so. \`carillon agent\` is such a program.

Connect to \`ws://HOST:PORT/api/v1/agent\` (\`wss://\` behind a TLS proxy). Each message is one JSON object as text, with a \`type\`. The first one is \`login\`, within 10 s, with
the agent's key, which an administrator makes (\`POST /api/v1/agents/<id>/keys\`). A request may have an \`id\` of yours; its answer has it too. Requests are answered in their order; a
\`desk\` message comes whenever what you do has changed, by whomever, and before the answer to the request that caused it.

\`\`\`
→ {"type":"login","id":"1","key":"carillon_…"}
← {"type":"welcome","id":"1","agent":{"id":"1","name":"Ann"},"desk":{"state":"not-ready","reason":"logged-in",…},"groups":[…],"reasons":[…],"graceMs":10000}
→ {"type":"ready","id":"2"}
← {"type":"desk","desk":{"state":"ready","since":"2026-03-02T15:04:05.000Z"}}
← {"type":"ok","id":"2"}
\`\`\`

- When the connection breaks, connect and log in again within 10 s, to any node: state and callbacks are as they were. After that you are logged out; a conversation that is going on stays on its
  telephone.
- One program for each agent: a second one is let in and the first is told \`bye\` with \`replaced\`.
- A message that does not fit gets an \`error\` that says where. A message may have 64 KiB (else the connection is closed with 1009), 50 may wait for an answer, and after 200 that cannot be taken the
  connection is closed. What is unknown in a message is an error; a program should pass over types and fields that it does not know.
- The server pings every 15 s; a program that does not answer until the next one counts as gone.
- Close codes: 4000 replaced, 4001 logged out, 4002 unauthorized (no key of an agent, or it holds no more), 4003 no login in time, 4004 too many wrong keys from that address within a minute, 1008 too many messages, 1001 the server stops.

A call comes as \`call\` before you hear anybody, with whoever is on the line; \`call-ended\` says that they have gone. Then it is your wrap-up, and \`dispose\` with the \`attemptId\` of the call
says what came of it. When you log in again during a call, \`welcome\` has it.

What people write comes as \`conversation\`, beside calls; \`conversation-ended\` says that it is not yours any more.
`;

/** docs/agent-api.md */
export function agentDocument(): string {
  const requests = (Object.keys(requestBodies) as RequestType[]).map((type) => {
    const { about, reply } = requestMeanings[type];
    return `### \`${type}\`\n\n${about} Answer: \`${reply}\`, or \`error\`.\n${fieldTable(requestSchema(type))}`;
  });
  const replies = (Object.keys(replyBodies) as ReplyType[]).map((type) => `### \`${type}\`\n\n${schemaBlock(replySchema(type))}`);
  return `${head}\n## What you send\n\n${requests.join("\n")}\n## What the server sends\n\n${replies.join("\n")}`;
}

interface Part {
  readonly description?: string;
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
  readonly required?: readonly string[];
}

const own = (name: string) => name !== "type" && name !== "id";

function fieldTable(schema: TSchema): string {
  const { properties = {}, required = [] }: Part = schema;
  const rows = Object.entries(properties)
    .filter(([name]) => own(name))
    .map(([name, part]) => `| \`${name}\`${required.includes(name) ? "" : " (may be left out)"} | ${kindOf(part)} | ${part.description ?? ""} |`);
  return rows.length === 0 ? "" : `\n| Field | What | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function kindOf({ type = "", enum: words, maxLength }: Part): string {
  if (words) return words.map((word) => `\`${word}\``).join(", ");
  return type === "string" && maxLength !== undefined ? `string, at most ${maxLength}` : type;
}

/** The message as an example of itself: each field with what it is. */
function schemaBlock(schema: TSchema): string {
  const shown: Part = schema;
  return `\`\`\`\n${lines(shown, "").join("\n")}\n\`\`\`\n`;
}

function lines({ properties = {}, required = [] }: Part, indent: string): readonly string[] {
  return Object.entries(properties)
    .filter(([name]) => indent !== "" || own(name))
    .flatMap(([name, part]) => {
      const optional = required.includes(name) ? "" : "?";
      const inner = part.items ?? part;
      const kind = part.enum ? part.enum.join(" | ") : part.items ? `list of ${inner.type}` : (part.type ?? "");
      const line = `${indent}${name}${optional}: ${kind}${part.description === undefined ? "" : `   # ${part.description}`}`;
      return [line, ...(inner.properties ? lines(inner, `${indent}  `) : [])];
    });
}
