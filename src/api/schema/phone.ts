import { type Static, Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { type NewPhone, type PhoneView, phoneReaches } from "../phone-ports.ts";
import { timeSchema, timeText } from "./common.ts";

const e164 = "^\\+[1-9]\\d{6,14}$";

const fields = {
  kind: Type.Enum(["uri", "number", "device"], {
    description: "`uri`: called at a SIP URI. `number`: called over a trunk. `device`: called wherever it has registered with us.",
  }),
  nailedUp: Type.Boolean({ description: "Called when the agent logs in and kept on the line until they log out; else rung for each call." }),
  uri: Type.Optional(
    Type.String({ minLength: 5, maxLength: 400, description: "Its host has to be among `phones.hosts`.", examples: ["sip:ada@192.168.7.21:5060"] }),
  ),
  number: Type.Optional(Type.String({ pattern: e164, examples: ["+12125550123"] })),
  trunk: Type.Optional(Type.String({ minLength: 1, maxLength: 63, description: "A trunk or route; every call takes a line of it." })),
  callerId: Type.Optional(
    Type.String({ pattern: e164, description: "What the telephone shows when the trunk may not show the number of the campaign." }),
  ),
  username: Type.Optional(
    Type.String({ pattern: "^[A-Za-z0-9_.-]{1,64}$", description: "As whom devices register; each agent has another.", examples: ["ada"] }),
  ),
};

export const phoneBody = Type.Object(
  {
    ...fields,
    nailedUp: Type.Optional(fields.nailedUp),
    password: Type.Optional(
      Type.String({ minLength: 12, maxLength: 100, pattern: "^[!-~]+$", writeOnly: true, description: "Left out, it stays as it was." }),
    ),
  },
  { additionalProperties: false },
);

export const phoneSchema = Type.Object({
  ...fields,
  devices: Type.Array(
    Type.Object({
      contact: Type.String(),
      address: Type.String({ description: "From where it registered; calls to it go there." }),
      userAgent: Type.Optional(Type.String()),
      registeredAt: timeSchema,
      expiresAt: timeSchema,
    }),
    { description: "What has registered." },
  ),
  reach: Type.Object(
    { is: Type.Enum([...phoneReaches]), why: Type.Optional(Type.String()) },
    { description: "Whether it can be reached now, as far as this node knows: ask the one to which the agent's program is connected." },
  ),
});

const wanted = { uri: ["uri"], number: ["number", "trunk", "callerId"], device: ["username"] } as const;

/** @throws Fault `request-invalid` when what belongs to the kind is missing, or something is there that does not */
export function readPhone(body: Static<typeof phoneBody>): NewPhone {
  const { kind, nailedUp = true, uri = "", number = "", trunk = "", callerId = "", username = "", password } = body;
  const own: readonly string[] = wanted[kind];
  const given = Object.keys(body).filter((name) => name !== "kind" && name !== "nailedUp");
  const missing = own.filter((name) => !given.includes(name));
  if (missing.length > 0) throw new Fault("request-invalid", `A telephone of kind ${kind} needs ${missing.join(", ")}.`);
  const foreign = given.filter((name) => !own.includes(name) && !(kind === "device" && name === "password"));
  if (foreign.length > 0) throw new Fault("request-invalid", `A telephone of kind ${kind} has no ${foreign.join(", ")}.`);
  if (kind === "uri") return { kind, nailedUp, uri };
  if (kind === "number") return { kind, nailedUp, number, trunk, callerId };
  return { kind, nailedUp, username, ...(password !== undefined && { password }) };
}

export function showPhone({ devices, reach, ...phone }: PhoneView) {
  const shown = devices.map(({ contact, address, userAgent, registeredAt, expiresAt }) => {
    const times = { registeredAt: timeText(registeredAt), expiresAt: timeText(expiresAt) };
    return { contact, address, ...times, ...(userAgent !== undefined && { userAgent }) };
  });
  return { ...phone, devices: shown, reach: { ...reach } };
}
