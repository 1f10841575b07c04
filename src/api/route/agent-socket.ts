import websocket from "@fastify/websocket";
import { againDespite } from "../../kernel/again.ts";
import { Fault } from "../../kernel/fault.ts";
import { AgentDesk } from "../agent-desk.ts";
import { AgentSession } from "../agent-session.ts";
import type { ApiParts, App } from "../parts.ts";

/** A message of an agent's program, at most; an answer by e-mail may have 10,000 characters. */
const maxMessageBytes = 64 * 1024;
/** Connections of agents on one node, at most. */
const mostConnections = 5000;
/** A key that was revoked, wherever, keeps a connection open for no longer. */
const lookMs = 1000;

/** The WebSocket of the agents' programs; docs/agent-api.md tells what goes over it. Must be added before any route. */
export async function addAgentSocket(app: App, parts: ApiParts): Promise<void> {
  await app.register(websocket, { options: { maxPayload: maxMessageBytes } });
  const desk = new AgentDesk(parts);
  const origins = new Set(parts.origins);
  const { keys, clock, log } = parts;
  const sessions = new Set<AgentSession>();
  const shutWhoseKeyIsOver = async () => {
    const ids = new Set([...sessions].flatMap(({ keyId }) => keyId ?? []));
    if (ids.size === 0) return;
    const over = await keys.over([...ids]);
    for (const session of sessions) if (over.has(session.keyId ?? "")) session.shut();
  };
  const end = againDespite(clock, lookMs, shutWhoseKeyIsOver, (error) =>
    log.error({ err: error }, "it cannot be seen whether agents' keys hold still; trying on"),
  );
  app.addHook("onClose", end);
  // Behind the plugin, in a context of its own, which is when its routes are seen by it.
  app.register(async (scope) => {
    scope.get(
      "/api/v1/agent",
      {
        websocket: true,
        // A browser cannot send a key with the request that opens a WebSocket: it comes as the first message.
        config: { urgent: true },
        schema: { hide: true },
        preValidation: async ({ headers: { origin, host } }) => {
          if (origin !== undefined && !origins.has(origin) && URL.parse(origin)?.host !== host)
            throw new Fault("origin-unknown", "Pages from there may not open this: name their origin in api.origins.");
          if (app.websocketServer.clients.size >= mostConnections)
            throw new Fault("overloaded", "There are too many agents on this node; try another one.", { retryable: true });
        },
      },
      (socket, request) => {
        const session = new AgentSession(socket, request.ip, desk, parts, () => app.countWrongKey(request));
        sessions.add(session);
        socket.once("close", () => sessions.delete(session));
      },
    );
  });
}
