import { Type } from "typebox";
import type { TrunkView } from "../trunk-ports.ts";
import { timeSchema, timeText } from "./common.ts";

export const trunkSchema = Type.Object({
  name: Type.String(),
  host: Type.String(),
  port: Type.Integer(),
  transport: Type.Enum(["udp", "tcp", "tls"]),
  routes: Type.Array(Type.String(), { description: "Routes that it is in." }),
  up: Type.Boolean({ description: "Whether calls may be placed on it." }),
  note: Type.Optional(Type.String({ description: "Why it is down, for people." })),
  registeredUntil: Type.Optional(timeSchema),
  lines: Type.Integer({ description: "Lines in use on this node." }),
  maxChannels: Type.Integer(),
  maxCps: Type.Number(),
  invites: Type.Record(Type.String(), Type.Integer(), {
    description: "INVITEs since the start by final SIP status; 0 where the far side said nothing.",
    examples: [{ "200": 17, "486": 3 }],
  }),
});

export const reloadSchema = Type.Object({
  changed: Type.Array(Type.String(), { description: "What is otherwise now, one line each.", examples: [["trunks carrier-a: changed maxCps"]] }),
  needsRestart: Type.Array(Type.String(), { description: "What is otherwise in the configuration and waits for a restart." }),
});

export function showTrunk({ note, registeredUntil, invites, ...trunk }: TrunkView) {
  return {
    ...trunk,
    routes: [...trunk.routes],
    ...(note !== undefined && { note }),
    ...(registeredUntil !== undefined && { registeredUntil: timeText(registeredUntil) }),
    invites: Object.fromEntries([...invites].map(([status, count]) => [String(status), count])),
  };
}
