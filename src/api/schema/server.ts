import { type Static, Type } from "typebox";
import type { FleetServer } from "../../voice/fleet.ts";
import { timeSchema, timeText } from "./common.ts";

export const serverParams = Type.Object(
  {
    server: Type.String({
      pattern: "^[A-Za-z0-9:_-]{1,80}$",
      description: "Kind and name; the kind may be left out where only one server is called so.",
      examples: ["freeswitch:fs-1"],
    }),
  },
  { additionalProperties: false },
);

export const serverSchema = Type.Object(
  {
    server: Type.String({ description: "Kind and name.", examples: ["freeswitch:fs-1"] }),
    draining: Type.Boolean({ description: "It takes no new calls, by order." }),
    drainingSince: Type.Optional(timeSchema),
    sessions: Type.Integer({ description: "Sessions on it, of all nodes. A server that is drained may be stopped when it is 0." }),
    nodes: Type.Array(
      Type.Object({
        node: Type.String(),
        state: Type.Enum(["up", "silent", "down"], { description: "silent: an answer is long overdue; down: not connected." }),
        sessions: Type.Integer({ description: "Sessions of this node." }),
        maxSessions: Type.Optional(Type.Integer({ description: "How many this node may have there now." })),
        at: timeSchema,
      }),
      { description: "How each node sees it; nodes that have noted nothing for ten seconds are left out." },
    ),
  },
  { description: "A server that carries calls." },
);

export function showServer({ server, drainingSince, sessions, nodes }: FleetServer): Static<typeof serverSchema> {
  return {
    server,
    draining: drainingSince !== undefined,
    ...(drainingSince !== undefined && { drainingSince: timeText(drainingSince) }),
    sessions,
    nodes: nodes.map(({ node, state, sessions: own, maxSessions, at }) => ({
      node,
      state,
      sessions: own,
      ...(maxSessions !== undefined && { maxSessions }),
      at: timeText(at),
    })),
  };
}
