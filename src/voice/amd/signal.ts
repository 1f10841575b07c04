import { frameMs, type Look } from "./spectrum.ts";
import { isCallProgress, lengthOf, type Tone } from "./tone.ts";
import type { Cause, Outcome } from "./verdict.ts";

/* Signals that are made of tones: fax, special information tones, ringing, busy. */

export interface SignalEar {
  /** The last tones that have ended, newest last. */
  readonly ended: Tone[];
  /** How long the pitch of a called fax has been heard, less the half of what else has been heard since. */
  answeringMs: number;
}

const kept = 4;
/** Called faxes say 2100 Hz for 2.6 to 4 s (ITU-T T.30 §4.1, V.8 ANSam); nothing else does so for so long. */
const answeringHz = 2100;
const answeringMs = 600;
const quietestDb = -48;
/** After words a beep may be of that pitch, but rarely that long. */
const answeringAfterWordsMs = 900;
/** Calling faxes say 1100 Hz for half a second (ITU-T T.30 §4.2). */
const callingHz = 1100;
const callingMs = [400, 650] as const;
/** The three tones in turn, 900 to 1000, 1350 to 1450 and 1750 to 1850 Hz nominally (ITU-T E.180 §7; Telcordia GR-674), with 3 % to either side. */
const informationHz = [
  [880, 1030],
  [1330, 1470],
  [1735, 1855],
] as const;
const informationMinMs = 140;
/** There is hardly a gap; lost packets may make one. */
const informationGapMs = 200;

export interface Signal {
  readonly outcome: Outcome & ("fax" | "sit" | "unknown");
  readonly cause: Cause;
}

/**
 * What the tones so far are.
 * @param words whether anybody has spoken before
 */
export function signalIn(ear: SignalEar, look: Look, now: Tone | undefined, ended: Tone | undefined, words: boolean): Signal | undefined {
  const answering = Math.abs(look.first.hz - answeringHz) <= 25 && look.first.share >= 0.5 && look.levelDb >= quietestDb;
  // Noise, and the turned phase of a modem, leave holes.
  ear.answeringMs = Math.max(0, ear.answeringMs + (answering ? frameMs : -frameMs / 2));
  if (ear.answeringMs >= (words ? answeringAfterWordsMs : answeringMs)) return { outcome: "fax", cause: "answering-tone" };
  if (now && isThird(ear, now)) return { outcome: "sit", cause: "special-information-tones" };
  if (!ended || lengthOf(ended) < 100) return undefined;
  ear.ended.push(ended);
  if (ear.ended.length > kept) ear.ended.shift();
  if (words) return undefined;
  if (Math.abs(ended.hz - callingHz) <= 45 && lengthOf(ended) >= callingMs[0] && lengthOf(ended) <= callingMs[1]) {
    return { outcome: "fax", cause: "calling-tone" };
  }
  return progress(ear.ended);
}

function isThird({ ended }: SignalEar, now: Tone): boolean {
  return ended.length >= 2 && isRising([...ended.slice(-2), now]);
}

/** Whether the last two tones may be the first two of three. */
export function mayGoOn({ ended }: SignalEar): boolean {
  return ended.length >= 2 && isRising(ended.slice(-2));
}

/** Whether a tone may be the first of three. */
export function mayBegin(tone: Tone): boolean {
  return tone.otherHz === undefined && tone.hz >= informationHz[0][0] && tone.hz <= informationHz[0][1];
}

function isRising(tones: readonly Tone[]): boolean {
  return tones.every((tone, at) => {
    const [low, high] = informationHz[at] ?? [0, 0];
    const before = tones[at - 1];
    return tone.hz >= low && tone.hz <= high && lengthOf(tone) >= informationMinMs && (!before || tone.startMs - before.endMs <= informationGapMs);
  });
}

/** Busy and congestion sound and pause for the same 0.2 to 0.6 s (ITU-T E.180 §5, §6). Twice, because a ringing tone that loses packets may look like it once. */
function progress(ended: readonly Tone[]): Signal | undefined {
  const three = ended.slice(-3);
  const even = three.every((tone, at) => {
    const before = three[at - 1];
    if (!isCallProgress(tone) || lengthOf(tone) > 620) return false;
    return !before || (Math.abs(lengthOf(tone) - lengthOf(before)) <= 120 && Math.abs(tone.startMs - before.endMs - lengthOf(tone)) <= 130);
  });
  return even && three.length === 3 ? { outcome: "unknown", cause: "busy" } : undefined;
}

/** Ringing sounds for a second or two (ITU-T E.180 §4; 0.4 s twice in Britain), longer than a busy tone. */
export function isRinging(tone: Tone): boolean {
  return isCallProgress(tone) && lengthOf(tone) >= 700;
}
