import { Type } from "typebox";

/** Calls. */
export const voiceOptions = Type.Object(
  {
    ringTimeoutMs: Type.Integer({
      // 16 CFR 310.4(b)(4)(ii) and 47 CFR 64.1200(a)(6) want at least 15 s or four rings.
      description: "How long a call rings, unless the campaign says otherwise. The law (16 CFR 310.4) wants at least 15000.",
      minimum: 15_000,
      maximum: 120_000,
      default: 25_000,
    }),
    holdLimitMs: Type.Integer({
      description: "How long an agent may leave a person on hold. Half a minute before, the agent is told; then the two are connected again.",
      minimum: 10_000,
      maximum: 3_600_000,
      default: 300_000,
    }),
    maxSetups: Type.Integer({
      // Beyond what the daemons can do, more offered load completes fewer calls: FreeSWITCH falls from 200 to 131 a second when offered 400.
      description:
        "Calls being set up at once, over all campaigns, at most: from the decision until the network says a first word. More is held back.",
      minimum: 1,
      maximum: 10_000,
      default: 60,
    }),
    idleEndpointMs: Type.Integer({
      description: "A media session kept for the next call is let go when nobody wanted it for so long.",
      minimum: 1000,
      maximum: 3_600_000,
      default: 15_000,
    }),
    inboundMessage: Type.String({
      description:
        "What those hear who call a number of yours for which there is no script, or whom the script cannot serve; then the call is ended.",
      minLength: 1,
      maxLength: 1000,
      default: "Thank you for calling. Nobody can take your call at this number. Goodbye.",
    }),
    inboundLanguage: Type.String({
      description: "The language of that message, and of the messages of numbers.",
      pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
      hint: "write a language tag, such as en-US",
      default: "en-US",
    }),
    recordingsDir: Type.String({
      description:
        "Directory in which the media servers keep what people say to a record step; relative to the working directory. FreeSWITCH must be able to write there.",
      default: ".carillon/recordings",
      minLength: 1,
    }),
    recordingsMediaDir: Type.Optional(
      Type.String({
        description: "The same directory as the media servers see it, if they see it elsewhere (another machine, a container).",
        pattern: "^/[^\\s]*$",
        hint: "write an absolute path without spaces",
      }),
    ),
  },
  { description: "Calls.", additionalProperties: false },
);
