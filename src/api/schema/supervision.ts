import { type Static, Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import { isPhoneNumber } from "../../kernel/phone.ts";
import type { ListeningPhone, SupervisionView } from "../../voice/supervision-engine.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const strict = { additionalProperties: false };
const e164 = "^\\+[1-9]\\d{6,14}$";

const modeSchema = Type.Enum(["listen", "whisper", "barge"], {
  description: "Who hears the supervisor: nobody, the agent alone, or everybody in the conversation.",
});

export const modeBody = Type.Object({ mode: modeSchema }, strict);

export const supervisionBody = Type.Object(
  {
    mode: modeSchema,
    phone: Type.Object(
      {
        uri: Type.Optional(Type.String({ minLength: 5, maxLength: 400, description: "A SIP URI, whose host is among `phones.hosts`…" })),
        number: Type.Optional(Type.String({ pattern: e164, description: "…or a number, with `trunk` and `callerId`…" })),
        trunk: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
        callerId: Type.Optional(Type.String({ pattern: e164 })),
        agentId: Type.Optional(Type.String({ ...idSchema, description: "…or where this agent is reached." })),
      },
      { ...strict, description: "The supervisor's telephone; it is rung." },
    ),
  },
  strict,
);

export const supervisionSchema = Type.Object({
  id: Type.String(),
  agentId: idSchema,
  mode: modeSchema,
  state: Type.Enum(["ringing", "waiting", "listening", "ended"], {
    description:
      "`ringing`: the supervisor's telephone is not picked up yet. `waiting`: the agent talks to nobody; the next conversation will be heard.",
  }),
  why: Type.Optional(Type.String({ description: "Why it has ended." })),
  by: Type.String({ description: "Name of the API key." }),
  since: timeSchema,
});

/** @throws Fault `request-invalid` */
export function readListeningPhone({ uri, number, trunk, callerId, agentId }: Static<typeof supervisionBody>["phone"]): ListeningPhone {
  const kinds = [uri, number, agentId].filter((each) => each !== undefined).length;
  const overTrunk = trunk !== undefined && callerId !== undefined;
  if (kinds === 1 && uri !== undefined && trunk === undefined && callerId === undefined) return { kind: "uri", uri };
  if (kinds === 1 && agentId !== undefined && trunk === undefined && callerId === undefined) return { kind: "agent", agentId };
  if (kinds === 1 && number !== undefined && isPhoneNumber(number) && overTrunk) return { kind: "number", number, trunk, callerId };
  throw new Fault("request-invalid", "/phone: give either uri, or agentId, or number with trunk and callerId.");
}

export function showSupervision(view: SupervisionView) {
  return { ...view, since: timeText(view.since) };
}
