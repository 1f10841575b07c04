import { type TSchema, Type } from "typebox";
import { trunkOptions } from "../../config/section/telephony.ts";
import type { TrunkDetail, TrunkView } from "../trunk-ports.ts";
import { timeSchema, timeText } from "./common.ts";

const fields = {
  name: Type.String(),
  origin: Type.Enum(["file", "api"], { description: "Whether the configuration has it, where it is changed then, or it was added over the API." }),
  host: Type.String(),
  port: Type.Optional(Type.Integer({ description: "Absent where the DNS of the host says it." })),
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
};

export const trunkSchema = Type.Object(fields);

const { name: nameOption, password: passwordOption, ...otherOptions } = trunkOptions.properties;

export const trunkDetailSchema = Type.Object({
  ...fields,
  settings: Type.Record(Type.String(), Type.Unknown(), {
    description: "All its settings, defaults included, as POST takes them; never the password.",
  }),
  hasPassword: Type.Boolean(),
});

/** A setting as the API document shows it. Whether it is right the settings' own check says, in the words of the configuration. */
export function shownOption(schema: TSchema & Option): TSchema {
  const { secret, hint: _hint, items, properties, ...rest } = schema;
  const parts = properties && Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, shownOption(part)]));
  return { ...rest, ...(items && { items: shownOption(items) }), ...(parts && { properties: parts }), ...(secret === true && { writeOnly: true }) };
}

interface Option {
  readonly secret?: unknown;
  readonly hint?: unknown;
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
}

const settings = Object.fromEntries(
  Object.entries({ password: passwordOption, ...otherOptions }).map(([name, schema]) => [name, Type.Optional(shownOption(schema))]),
);

export const newTrunkSchema = Type.Object(
  { ...settings, name: shownOption(nameOption), host: shownOption(otherOptions.host) },
  { description: "The settings of `trunks:` in the configuration.", additionalProperties: false },
);

export const trunkPatchSchema = Type.Object(settings, {
  description: "Settings that are to be others; null takes one back to its default. What is not named stays as it is.",
  additionalProperties: false,
});

export const trunkParams = Type.Object({ name: Type.String({ pattern: "^[A-Za-z0-9_-]{1,63}$" }) }, { additionalProperties: false });

export const removalQuery = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: "Also while routes and campaigns use it; they wait then, as for a trunk that is down." })) },
  { additionalProperties: false },
);

export const resealSchema = Type.Object({
  resealed: Type.Array(Type.String(), { description: "Trunks whose password is sealed with the present key now." }),
  unreadable: Type.Array(Type.String(), { description: "Trunks whose password none of this node's keys opens: give it anew." }),
});

export const reloadSchema = Type.Object({
  changed: Type.Array(Type.String(), { description: "What is otherwise now, one line each.", examples: [["trunks carrier-a: changed maxCps"]] }),
  needsRestart: Type.Array(Type.String(), { description: "What is otherwise in the configuration and waits for a restart." }),
});

export function showTrunk({ port, note, registeredUntil, invites, ...trunk }: TrunkView) {
  return {
    ...trunk,
    ...(port !== undefined && { port }),
    routes: [...trunk.routes],
    ...(note !== undefined && { note }),
    ...(registeredUntil !== undefined && { registeredUntil: timeText(registeredUntil) }),
    invites: Object.fromEntries([...invites].map(([status, count]) => [String(status), count])),
  };
}

export function showTrunkDetail({ settings, hasPassword, ...trunk }: TrunkDetail) {
  return { ...showTrunk(trunk), settings: { ...settings }, hasPassword };
}
