import { type Static, Type } from "typebox";

const ms = (description: string, minimum: number, maximum: number) => Type.Integer({ description, minimum, maximum });

/** Parameters of answering-machine detection; their defaults are those of a profile (`amdProfiles`). */
export const amdOptions = Type.Object(
  {
    initialSilenceMs: ms("When nobody has said a word by then, the verdict is silence.", 1000, 20_000),
    greetingMs: ms("A greeting that lasts so long, its longest pause counted twice, is a machine's.", 1000, 20_000),
    afterGreetingSilence: Type.Array(
      Type.Object(
        {
          upToMs: Type.Optional(ms("Holds for greetings up to this length; without it, for all longer ones.", 1, 20_000)),
          silenceMs: ms("So much quiet after the greeting, and it was a person's.", 200, 5000),
        },
        { additionalProperties: false },
      ),
      { description: "How long it has to be quiet after a greeting, by the greeting's length.", minItems: 1, maxItems: 8 },
    ),
    minimumWordMs: ms("Shorter sounds are no speech.", 20, 500),
    totalAnalysisMs: ms("Without a verdict by then, it is unknown.", 2000, 60_000),
    silenceThresholdDb: Type.Number({ description: "Speech is so much louder than the noise on the line.", minimum: 3, maximum: 30 }),
    foregroundDb: Type.Number({
      description: "What is more than this below the person's loudest is background: a television, other people.",
      minimum: 6,
      maximum: 60,
    }),
    beep: Type.Object(
      {
        minMs: ms("Shortest beep.", 60, 1000),
        maxMs: ms("Longest beep.", 200, 5000),
        minHz: Type.Integer({ description: "Lowest beep.", minimum: 200, maximum: 2000 }),
        maxHz: Type.Integer({ description: "Highest beep.", minimum: 500, maximum: 3400 }),
        quietAfterMs: ms("So long it is quiet after a beep: a machine listens now, while music goes on.", 40, 1000),
      },
      { description: "What counts as a machine's beep.", additionalProperties: false },
    ),
    messageEndSilenceMs: ms("A machine without a beep is taken to listen after so much quiet.", 500, 10_000),
    messageEndTimeoutMs: ms("So long after the answer nobody waits for a beep any more.", 5000, 120_000),
  },
  { description: "Answering-machine detection.", additionalProperties: false },
);

export type AmdOptions = Static<typeof amdOptions>;
export type AmdProfile = "b2c" | "b2b";

const beep = { minMs: 100, maxMs: 1300, minHz: 380, maxHz: 2300, quietAfterMs: 160 };
const common = {
  initialSilenceMs: 5000,
  afterGreetingSilence: [{ upToMs: 900, silenceMs: 840 }, { upToMs: 1900, silenceMs: 1020 }, { silenceMs: 1055 }],
  minimumWordMs: 80,
  totalAnalysisMs: 9500,
  silenceThresholdDb: 7,
  foregroundDb: 24,
  beep,
  messageEndSilenceMs: 2000,
  messageEndTimeoutMs: 30_000,
};

/**
 * Tuned on the tuning half of the corpus (test/bench/amd). A shorter greetingMs finds machines sooner and hangs up on businesses, whose greetings last
 * up to 4.4 s there. Longer waits after a greeting of more than a word would miss 1100 ms in more than 5 of 100; a shorter one after a word takes more
 * machines for people that pause there.
 *
 * Homes answer in a word or two, so a machine is known early; businesses greet at length, so it is known late.
 */
export const amdProfiles: Readonly<Record<AmdProfile, AmdOptions>> = {
  b2c: { ...common, greetingMs: 4600 },
  b2b: { ...common, greetingMs: 4650 },
};
