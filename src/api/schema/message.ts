import { Type } from "typebox";
import { attemptStates } from "../../attempt/attempt.ts";
import { messageChannels } from "../../attempt/message-ports.ts";
import { resultNames } from "../../attempt/result.ts";
import { messageStates } from "../../sms/ports.ts";
import { idSchema, pageFields, timeSchema } from "./common.ts";

const belongs = { campaignId: Type.Optional(idSchema), contactId: Type.Optional(idSchema) };
const way = {
  at: timeSchema,
  via: Type.String({ description: "The bind or mail pool." }),
  from: Type.String(),
  to: Type.String(),
};

export const sentSchema = Type.Object({
  id: Type.String({ description: "That of its attempt." }),
  channel: Type.Enum([...messageChannels]),
  ...way,
  text: Type.String({ description: "Of an e-mail the subject." }),
  parts: Type.Optional(Type.Integer({ description: "How many PDUs it takes." })),
  state: Type.Enum([...attemptStates]),
  result: Type.Optional(Type.Enum([...resultNames])),
  reason: Type.Optional(Type.String()),
  ...belongs,
  reports: Type.Array(
    Type.Object({
      part: Type.Integer(),
      remoteId: Type.String({ description: "The id the SMSC gave it, without capitals and leading zeros." }),
      state: Type.Optional(Type.String({ description: "The last one reported." })),
      error: Type.Optional(Type.String()),
      at: Type.Optional(timeSchema),
    }),
  ),
});

export const receivedSchema = Type.Object({
  id: idSchema,
  ...way,
  text: Type.String({ description: "Written by somebody else: show it as text." }),
  complete: Type.Boolean({ description: "False when parts of it never came; […] stands for them." }),
  state: Type.Enum(["waiting", "kept", "stop", "help", "start", "keyword", "conversation"], {
    description: "What it was taken for; `kept` is a text like any other, which nobody answers by itself.",
  }),
  keyword: Type.Optional(Type.String()),
  ...belongs,
  afterMessageId: Type.Optional(Type.String({ description: "The message of ours it came after." })),
  answerMessageId: Type.Optional(Type.String({ description: "The attempt at answering it." })),
  details: Type.Record(Type.String(), Type.Unknown(), { description: "data_coding, esm_class and the parameters that came." }),
});

export const unmatchedSchema = Type.Object({
  id: idSchema,
  bind: Type.String(),
  remoteId: Type.Optional(Type.String()),
  reference: Type.Optional(Type.Integer()),
  state: Type.Enum([...messageStates]),
  error: Type.Optional(Type.String()),
  to: Type.String(),
  from: Type.String(),
  at: timeSchema,
  doneAt: Type.Optional(timeSchema),
});

export const messageQuery = Type.Object({ ...pageFields, ...belongs }, { additionalProperties: false });
