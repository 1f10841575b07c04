/*
 * What a campaign does about whoever or whatever answers. Voice has the schema (voice/amd/campaign.ts); a campaign only keeps it.
 */

/** `message`: the script's step for a machine, once it listens. `script`: the step for that verdict, at once. `connect`: as a person. */
export type AnswerAction = "message" | "script" | "connect" | "hang-up";

/** Who answered, as far as an action may be chosen for it; a person is always connected. */
export type AnsweredBy = "machine" | "fax" | "sit" | "silence" | "unknown";

/** Answering-machine detection of a campaign. */
export interface Answering {
  readonly profile: "b2c" | "b2b";
  /** Parameters of the detector that differ from the profile's, by name. */
  readonly tuning?: Readonly<Record<string, unknown>>;
  readonly actions?: Readonly<Partial<Record<AnsweredBy, AnswerAction>>>;
  /** Share of the machines (0..1), drawn by lot, that are given to agents all the same, to measure how many of them are people. */
  readonly holdoutShare?: number;
}
