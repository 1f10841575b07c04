import { Type } from "typebox";

const answer = (description: string, text: string) =>
  Type.String({ description, maxLength: 1000, hint: "write at most 1,000 characters, or an empty text for no answer", default: text });

const words = (meaning: "STOP" | "HELP") =>
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    description: `Words that mean ${meaning}, besides those of docs/sms.md; each of one to six words, and alone or with politeness.`,
    maxItems: 100,
    default: [],
  });

/** It fits everybody, and so names nobody. */
export const namelessHelp = "You get this because we have your number as a customer's. Reply STOP to get no more messages.";

/** What people get who write one of the words that everybody may write. */
export const answerOptions = {
  stopAnswer: answer(
    "What somebody gets, once, who has opted out by STOP. An empty text answers nothing; the opt-out holds all the same.",
    "You are unsubscribed and will get no more messages from us. Reply START to get them again.",
  ),
  helpAnswer: answer("What somebody gets who writes HELP. Say here who you are and how you are reached.", namelessHelp),
  startAnswer: answer("What somebody gets who takes an opt-out back by START.", "You will get messages from us again. Reply STOP to end them."),
  startHeldAnswer: answer(
    "What they get instead while something else keeps every text from them: they were erased, somebody took their wish by another way, they stand on a list that every campaign heeds.",
    "Your number stays blocked with us, so you will get no messages. Please contact us to change that.",
  ),
  stopWords: words("STOP"),
  helpWords: words("HELP"),
  answerOnceWithinS: Type.Integer({
    description: "STOP, HELP and START are answered once to one number within this time, however often they are written.",
    minimum: 1,
    maximum: 2_592_000,
    default: 3600,
  }),
  agentGroup: Type.Optional(
    Type.String({
      description: "Group of agents that answers what is no keyword, where a campaign does not name one. Left out: it is kept, and nobody answers.",
      minLength: 1,
      maxLength: 100,
    }),
  ),
  keywords: Type.Array(
    Type.Object(
      {
        keyword: Type.String({ description: "The word, alone or with politeness; one to six words.", minLength: 1, maxLength: 100 }),
        answer: Type.Optional(Type.String({ description: "What whoever writes it gets.", minLength: 1, maxLength: 1000 })),
        webhook: Type.Optional(
          Type.String({ description: "Name of a webhook that is told of it: message, from, to, text, keyword, contact, campaign.", minLength: 1 }),
        ),
      },
      { additionalProperties: false },
    ),
    { description: "Words of your own that people may write.", default: [] },
  ),
};
