import type { Activity } from "./activity.ts";
import type { AmdOptions } from "./options.ts";
import { frameMs, type Look, quietestDb } from "./spectrum.ts";

/* Who speaks into the telephone, and not behind whoever does: sounds by how loud the voice is and how quiet the line. */

export interface Foreground {
  /** Whether the last frame was foreground sound; the frames before it are the bits of `activePast`, newest lowest. */
  active: boolean;
  activePast: number;
  /** When there was last a sound as loud as the voice. */
  strongMs: number;
  /** How long that has been so without a gap. */
  strongRunMs: number;
  /** When it was last clearly the voice: nearer to the voice than to the noise. */
  nearMs: number;
  /** How long anything has been heard since. */
  behindMs: number;
  /** When it was last about as loud as the voice has been. */
  loudMs: number;
  /** When anything was first heard, and the loudest of its first moments, dB of full scale. */
  firstMs: number | undefined;
  firstDb: number;
}

export function newForeground(): Foreground {
  return {
    active: false,
    activePast: 0,
    strongMs: -1000,
    strongRunMs: 0,
    nearMs: 0,
    behindMs: 0,
    loudMs: 0,
    firstMs: undefined,
    firstDb: quietestDb,
  };
}

/** Of the way from the noise to the loudest voice; what is below is other people in a loud room. */
const foregroundShare = 0.4;
/** The end of a word is softer than its middle, and so is a word at the end of a sentence. */
const tailMs = 300;
const tailDb = 8;
/** On a line as quiet as that what is soft is no other people. */
const quietLineDb = 24;
const softShare = 0.2;
/** Nobody's television is so near to the voice all the time: for a moment it may be. */
const nearShare = 0.6;
const nearDb = 16;
const loudDb = 15;
/**
 * Whoever breaks a silence of so long, and is about as loud in the first moments as ever after, on a line as quiet as that, has nobody behind them: a
 * television or other people would have been heard before. What is soft on such a line is their own voice.
 */
const silenceBeforeMs = 200;
const firstMomentsMs = 800;
const aloneWithinDb = 10;
const aloneRangeDb = 38;
/** So much softer than on other lines a voice may be there. */
const aloneSofterDb = 14;
const aloneShare = 0.3;

/**
 * Takes a frame.
 * @param prominenceDb how far it stands out of the noise
 * @param tonal whether a tone sounds, which is nobody's voice
 */
export function followForeground(
  foreground: Foreground,
  activity: Activity,
  { levelDb }: Look,
  prominenceDb: number,
  tonal: boolean,
  nowMs: number,
  options: Pick<AmdOptions, "silenceThresholdDb" | "foregroundDb">,
): void {
  const loud = prominenceDb >= options.silenceThresholdDb;
  if (loud && !tonal) {
    activity.peakDb = Math.max(activity.peakDb, levelDb);
    foreground.firstMs ??= nowMs;
    if (nowMs - foreground.firstMs <= firstMomentsMs) foreground.firstDb = Math.max(foreground.firstDb, levelDb);
  }
  const { peakDb, floorDb } = activity;
  const alone = isAlone(foreground, activity);
  const foregroundDb = options.foregroundDb + (alone ? aloneSofterDb : 0);
  const rangeDb = peakDb - floorDb;
  const noiseDb = floorDb + (alone ? aloneShare : foregroundShare) * rangeDb;
  const strong = loud && !tonal && levelDb >= Math.max(peakDb - foregroundDb, noiseDb);
  if (strong) {
    foreground.strongRunMs = (nowMs - foreground.strongMs <= frameMs ? foreground.strongRunMs : 0) + frameMs;
    foreground.strongMs = nowMs;
  }
  const tailNoiseDb = rangeDb >= quietLineDb && foreground.strongRunMs > 0 ? floorDb + softShare * rangeDb : noiseDb;
  const tail = loud && !tonal && nowMs - foreground.strongMs <= tailMs && levelDb >= Math.max(peakDb - foregroundDb - tailDb, tailNoiseDb);
  foreground.active = strong || tail;
  foreground.activePast = ((foreground.activePast << 1) | (foreground.active ? 1 : 0)) & 0xff;
  if (!loud) return;
  foreground.behindMs += frameMs;
  if (levelDb >= Math.max(floorDb + nearShare * rangeDb, peakDb - nearDb)) {
    foreground.nearMs = nowMs;
    foreground.behindMs = 0;
  }
  if (levelDb >= peakDb - loudDb) foreground.loudMs = nowMs;
}

/** Whether nobody is behind whoever speaks. */
export function isAlone({ firstMs, firstDb }: Foreground, { peakDb, floorDb }: Activity): boolean {
  return firstMs !== undefined && firstMs >= silenceBeforeMs && firstDb >= peakDb - aloneWithinDb && peakDb - floorDb >= aloneRangeDb;
}

/** Whether it was foreground sound for most of the four frames before the last three. */
export function spokeBefore({ activePast }: Foreground): boolean {
  return bitsIn((activePast >> 3) & 0b1111) >= 2;
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left > 0; left >>= 1) count += left & 1;
  return count;
}
