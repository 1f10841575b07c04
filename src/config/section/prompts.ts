import { type Static, Type } from "typebox";

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
          "Directory of the recordings that scripts name with file:, as WAV files; relative to the working directory. Without it scripts can only speak.",
        minLength: 1,
      }),
    ),
    engine: Type.Enum(["flite", "command"], {
      description: "What renders text: flite is built in; command is any program, such as piper.",
      default: "flite",
    }),
    command: Type.Array(Type.String({ minLength: 1 }), {
      description:
        "For engine command: the program and its arguments, run without a shell. {text_file} is replaced by a UTF-8 file with the text, {out_file} by the WAV file to write.",
      default: [],
    }),
  },
  { description: "Spoken text.", additionalProperties: false },
);

export type PromptOptions = Static<typeof promptOptions>;
