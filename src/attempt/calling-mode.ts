/*
 * How the calls of a campaign come to be. Voice has the schema of the options (voice/pacing/campaign.ts); a campaign only keeps them.
 */

/** Every mode, and what it means. */
export const callingModes = {
  ivr: "a script talks with whoever answers; as many calls as lines and rates allow",
  "ivr-progressive": "a script talks, and one call is placed for each of `ports` that is free",
  "ivr-power": "a script talks, and `linesPerPort` calls are placed for each of `ports` that is free",
  manual: "agents dial whom they want to",
  preview: "agents see a contact first, and then have it dialled",
  progressive: "`linesPerAgent` calls are placed for each agent who is free",
  predictive: "calls are placed for agents who will be free by the time somebody answers",
} as const;

export type CallingMode = keyof typeof callingModes;

export const callingModeNames = Object.keys(callingModes) as readonly CallingMode[];

/** What a campaign wants otherwise than the defaults (voice/pacing/campaign.ts). It has only what its mode has (`optionsOf`). */
export interface PacingWishes {
  readonly linesPerAgent?: number;
  readonly maxLinesPerAgent?: number;
  readonly target?: number;
  readonly cap?: number;
  readonly expectedTalkMs?: number;
  readonly expectedWrapMs?: number;
  readonly ports?: number;
  readonly linesPerPort?: number;
  readonly abandonedPauseS?: number;
}

/** What protects people who are called stays with a campaign through every mode. */
const everywhere: readonly (keyof PacingWishes)[] = ["cap", "abandonedPauseS"];

const ofMode: Readonly<Record<CallingMode, readonly (keyof PacingWishes)[]>> = {
  ivr: [],
  "ivr-progressive": ["ports"],
  "ivr-power": ["ports", "linesPerPort"],
  manual: [],
  preview: [],
  progressive: ["linesPerAgent", "expectedTalkMs", "expectedWrapMs"],
  predictive: ["target", "maxLinesPerAgent", "expectedTalkMs", "expectedWrapMs"],
};

/** The options that a campaign of this mode may have. */
export function optionsOf(mode: CallingMode): readonly string[] {
  return [...ofMode[mode], ...everywhere];
}

/** UK practice (Ofcom, persistent misuse): whoever was abandoned is not dialled by a machine again within 72 hours. */
export const defaultAbandonedPauseS = 72 * 3600;

/** Whether agents talk with whoever answers. */
export function isForAgents(mode: CallingMode): boolean {
  return mode === "manual" || mode === "preview" || mode === "progressive" || mode === "predictive";
}

/** Whether calls are placed by themselves for agents. */
export function isPacedForAgents(mode: CallingMode): boolean {
  return mode === "progressive" || mode === "predictive";
}

/** Whether somebody may answer for whom there is no agent. */
export function mayAbandon(mode: CallingMode, { linesPerAgent = 1 }: PacingWishes = {}): boolean {
  return mode === "predictive" || (mode === "progressive" && linesPerAgent > 1);
}

/** For how long (ms) whoever was abandoned is left alone; undefined where nobody can be. */
export function abandonedPauseMs(mode: CallingMode, pacing: PacingWishes = {}): number | undefined {
  return mayAbandon(mode, pacing) ? (pacing.abandonedPauseS ?? defaultAbandonedPauseS) * 1000 : undefined;
}
