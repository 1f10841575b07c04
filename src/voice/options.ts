import { type Static, Type } from "typebox";

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
  },
  { description: "Calls.", additionalProperties: false },
);

export type VoiceOptions = Static<typeof voiceOptions>;
