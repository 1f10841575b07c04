import { Type } from "typebox";

/** A program that speaks one language. */
const voiceOptions = Type.Object(
  {
    language: Type.String({
      description: "What it speaks: one language as it is spoken somewhere (es-US), or wherever it is spoken (es).",
      pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
      hint: "write a language tag such as es or es-US",
    }),
    command: Type.Array(Type.String({ minLength: 1 }), { description: "As prompts.command.", default: [] }),
  },
  { description: "A voice.", additionalProperties: false },
);

/** Where spoken text becomes audio. */
export const promptOptions = Type.Object(
  {
    dir: Type.String({
      description: "Directory in which rendered prompts are kept; relative to the working directory.",
      default: ".carillon/prompts",
      minLength: 1,
    }),
    mediaDir: Type.Optional(
      Type.String({
        description: "The same directory as the media servers see it, if they see it elsewhere (another machine, a container).",
        pattern: "^/[^\\s]*$",
        hint: "write an absolute path without spaces",
      }),
    ),
    recordingsDir: Type.Optional(
      Type.String({
        description:
          "Directory of the recordings that scripts name with file:, as WAV files; relative to the working directory. An uploaded prompt of the same name is heard instead.",
        minLength: 1,
      }),
    ),
    engine: Type.Enum(["flite", "command"], {
      description: "What renders text: flite is built in; command is any program, such as piper.",
      default: "flite",
    }),
    command: Type.Array(Type.String({ minLength: 1 }), {
      description:
        "For engine command: the program and its arguments, run without a shell. {text_file} is replaced by a UTF-8 file with the text (without it the text is given on standard input), {out_file} by the WAV file to write, {language} by the language of the text.",
      default: [],
    }),
    voices: Type.Array(voiceOptions, { description: "Voices for languages that the engine does not speak, or not well.", default: [] }),
    keepDays: Type.Integer({
      description: "Rendered prompts that nobody used for so many days are removed, once a day; they are made again when they are wanted.",
      minimum: 2,
      maximum: 3650,
      default: 30,
    }),
  },
  { description: "Spoken text.", additionalProperties: false },
);
