import { frameMs } from "./spectrum.ts";

/* Notes: pitches that are held, as instruments hold them, and no voice that speaks. */

export interface Melody {
  /** The strongest pitch of each of the last frames, Hz; 0 where nothing sounded in the foreground. */
  readonly pastHz: Float64Array;
  frames: number;
  /** How long notes have been held altogether, the first 120 ms of each apart. */
  heldMs: number;
}

/** A vowel glides on to the next sound within that: nine of ten greetings, of people and of speech engines, hold no pitch for so long. */
const noteFrames = 6;
/** What is read off a note wanders less than that. */
const heldShare = 0.012;
/** A monotonous vowel or two are no music yet. */
const musicMs = 160;

export function newMelody(): Melody {
  return { pastHz: new Float64Array(noteFrames), frames: 0, heldMs: 0 };
}

/** Takes the strongest pitch of a frame, 0 when there was none in the foreground. */
export function followMelody(melody: Melody, hz: number): void {
  const { pastHz } = melody;
  pastHz[melody.frames++ % noteFrames] = hz;
  if (hz > 0 && pastHz.every((past) => Math.abs(past - hz) <= heldShare * hz)) melody.heldMs += frameMs;
}

export function isMusic({ heldMs }: Melody): boolean {
  return heldMs >= musicMs;
}
