/**
 * The risk that is taken with each call, adjusted by what comes of it: with every person who answers, log θ moves by gain · (target − abandoned). Unless it is clamped,
 * |abandoned share − target| = |change of log θ| / (gain · answers), however wrong the forecast.
 */
export interface ThresholdPolicy {
  /** Share of the people who answer that may be abandoned, 0..1. */
  readonly target: number;
  readonly gain: number;
  readonly least: number;
  readonly most: number;
}

export const thresholdGain = 0.05;

export function thresholdFor(target: number): ThresholdPolicy {
  return { target, gain: thresholdGain, least: target / 20, most: 0.6 };
}

/** The next log θ. @param held whether something else than risk holds calls back: then few abandoned calls prove nothing, and θ does not rise */
export function adjusted(logTheta: number, abandoned: boolean, held: boolean, { target, gain, least, most }: ThresholdPolicy): number {
  const change = gain * (target - (abandoned ? 1 : 0));
  if (held && change > 0) return logTheta;
  return Math.max(Math.log(least), Math.min(Math.log(most), logTheta + change));
}
