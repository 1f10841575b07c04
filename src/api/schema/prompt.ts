import { Type } from "typebox";
import { type PromptVersion, soundEncodings } from "../../ivr/prompt-ports.ts";
import { mostPromptBytes, promptName, type UploadDoubt } from "../../ivr/prompt-upload-engine.ts";
import type { PromptUser } from "../../ivr/prompt-users-engine.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({
  pattern: promptName.source,
  description: "As scripts name it with `file:`. In an address a slash in it is written %2F.",
  examples: ["hold/please-wait.wav"],
});
const versionSchema = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: "Counts from 1 for each name." });
const languageSchema = Type.String({
  pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
  maxLength: 35,
  description: "What is spoken in it (BCP 47).",
  examples: ["en-US"],
});
const noteSchema = Type.String({ minLength: 1, maxLength: 500, pattern: "^\\P{Cc}*$", description: "Why, for people." });

export const promptParams = Type.Object({ name: nameSchema }, { additionalProperties: false });
export const promptQuery = Type.Object({ ...pageFields, language: Type.Optional(languageSchema) }, { additionalProperties: false });
export const promptPageQuery = Type.Object(pageFields, { additionalProperties: false });
export const soundQuery = Type.Object({ version: Type.Optional(versionSchema) }, { additionalProperties: false });
export const uploadQuery = Type.Object({ language: Type.Optional(languageSchema), note: Type.Optional(noteSchema) }, { additionalProperties: false });

/** What a recording may be sent as; what it is, is found out by looking. */
export const soundTypes = ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"];
export const soundAnswer = {
  description: "The file as it was sent.",
  content: { "audio/wav": { schema: Type.String({ description: "A WAV file.", examples: ["RIFF…"] }) } },
};

const fields = {
  id: Type.String({ ...idSchema, description: "Of the version." }),
  name: nameSchema,
  version: versionSchema,
  language: Type.Optional(languageSchema),
  note: Type.Optional(noteSchema),
  sha256: Type.String({ description: "Of the file as it was sent.", examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"] }),
  bytes: Type.Integer({ minimum: 1, maximum: mostPromptBytes }),
  durationMs: Type.Integer({ minimum: 1 }),
  encoding: Type.Enum([...soundEncodings]),
  sampleRate: Type.Integer({ description: "Samples per second.", examples: [8000] }),
  channels: Type.Integer({ minimum: 1, description: "Mixed to one where it is played." }),
  uploadedAt: timeSchema,
  uploadedBy: Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line.", examples: ["key crm"] }),
  soundKept: Type.Boolean({ description: "False for an old version of which only this is known: the sounds of the newest ten are kept." }),
};
export const promptSchema = Type.Object(fields, { description: "An uploaded prompt: its newest version." });
export const promptVersionSchema = Type.Object(fields);
export const uploadedSchema = Type.Object({
  ...fields,
  fresh: Type.Boolean({ description: "False when it is the newest version already: nothing was written." }),
  warnings: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), fix: Type.String() }), {
    description: "What is doubtful in it; it is heard all the same.",
  }),
});
export const promptUserSchema = Type.Object({
  script: Type.String({ description: "Name of a script.", examples: ["payment-reminder"] }),
  version: versionSchema,
  current: Type.Boolean({ description: "Whether new calls of its followers run it; if not, a campaign stays on it, or a script in use goes to it." }),
  campaigns: Type.Array(Type.String(), { description: "Campaigns that have not ended and run it." }),
});

export function showPrompt({ language, note, uploadedAt, ...prompt }: PromptVersion) {
  return { ...prompt, ...(language !== undefined && { language }), ...(note !== undefined && { note }), uploadedAt: timeText(uploadedAt) };
}

export function showWarnings(doubts: readonly UploadDoubt[]) {
  return doubts.map((doubt) => ({ ...doubt }));
}

export function showPromptUser({ name, version, current, campaigns }: PromptUser) {
  return { script: name, version, current, campaigns: [...campaigns] };
}
