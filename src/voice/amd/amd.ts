import { type Activity, newActivity, prominence } from "./activity.ts";
import type { AmdOptions } from "./options.ts";
import { isRinging, mayGoOn, type SignalEar, signalIn } from "./signal.ts";
import { frameMs, frameSamples, type Lens, type Look, learnNoise, look, newLens } from "./spectrum.ts";
import { greetingOf, hear, include, newSpeech, retract, type Speech } from "./speech.ts";
import { isCallProgress, isKey, lengthOf, listen, pitchesOf, type Tone, type ToneEar } from "./tone.ts";
import type { Cause, MessagePlace, Outcome, Verdict } from "./verdict.ts";

/** Everything a detector has heard. Its clock is the samples: the same sound gives the same verdict at the same time, always. */
export interface AmdState {
  readonly options: AmdOptions;
  readonly lens: Lens;
  readonly activity: Activity;
  readonly speech: Speech;
  readonly toneEar: ToneEar;
  readonly signalEar: SignalEar;
  /** Samples that are not a whole frame yet. */
  readonly rest: Int16Array;
  restLength: number;
  nowMs: number;
  /** A tone that may have been the beep, while it is being heard whether quiet follows. */
  beep?: { readonly tone: Tone; readonly quietMs: number; loudMs: number };
  /** It rings on after the answer: the call was passed on, and somebody may answer yet. */
  ringing: boolean;
  /** When anything but noise was last heard. */
  soundMs: number;
  verdict?: Verdict;
  message?: MessagePlace;
  /** Whether the last frame was foreground sound; the frames before it are the bits of `activePast`, newest lowest. */
  active: boolean;
  activePast: number;
  /** When there was last a sound as loud as the voice. */
  strongMs: number;
  /** How long that has been so without a gap. */
  strongRunMs: number;
  /** Whether somebody spoke right up to the tone that sounds. */
  spokenInto: boolean;
  levelDb: number;
  prominenceDb: number;
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left > 0; left >>= 1) count += left & 1;
  return count;
}

/** Of the way from the noise to the loudest voice; what is below is other people in a loud room. */
const foregroundShare = 0.45;
const tailMs = 200;
const tailDb = 8;
/** On a line as quiet as that a word may end softly: what is soft there is no other people. */
const quietLineDb = 24;
const softShare = 0.3;
/** Noise that stands out for a moment is no greeting: somewhere in it a voice stands out by so much more than it has to. */
const clearerDb = 4;
/** How much earlier than a tone its first frame may have been taken for a voice. */
const edgeMs = 60;
/** A voice never has one pitch alone for so long, however unsteady: two tones close to each other beat. */
const longToneMs = 300;

function isTonal(tone: Tone): boolean {
  return lengthOf(tone) >= longToneMs || (lengthOf(tone) >= 80 && tone.steadiness >= steadyShare);
}

const beepBelowVoiceDb = 13;
const noteBelowVoiceDb = 14;
const quietestBeepDb = -41;
const lengthBeforeWordsMs = 120;
/** Short beeps are most easily taken for a vowel, which more words follow. */
const shortBeepMs = 200;
const quietAfterShortMs = 400;
/** A tone of the telephone network that comes once and not again, before anybody has spoken, is a beep: busy and ringing tones come again sooner (ITU-T E.180 §4, §5). */
const longestLoneMs = 620;
const quietAfterLoneMs = 1000;
/** A tone that moves more is a voice. */
const steadyShare = 0.5;
const beepSteadyShare = 0.7;

export function startAmd(options: AmdOptions): AmdState {
  return {
    options,
    lens: newLens(),
    activity: newActivity(),
    speech: newSpeech(),
    toneEar: {},
    signalEar: { ended: [], answeringMs: 0 },
    rest: new Int16Array(frameSamples),
    restLength: 0,
    nowMs: 0,
    ringing: false,
    soundMs: 0,
    active: false,
    activePast: 0,
    strongMs: -1000,
    strongRunMs: 0,
    spokenInto: false,
    levelDb: -96,
    prominenceDb: 0,
  };
}

/**
 * Takes the next sound of the far side, from the answer on, and says who answered as far as is known.
 * After `machine` it goes on listening for the beep; any other verdict is the last. Never throws.
 * @param samples 16-bit, 8 kHz; frames of 160 are best, any number will do
 * @returns the verdict so far
 */
export function push(state: AmdState, samples: Int16Array): Verdict | undefined {
  let at = 0;
  while (at < samples.length) {
    const taken = Math.min(frameSamples - state.restLength, samples.length - at);
    state.rest.set(samples.subarray(at, at + taken), state.restLength);
    state.restLength += taken;
    at += taken;
    if (state.restLength < frameSamples) break;
    state.restLength = 0;
    pushFrame(state, state.rest);
  }
  return state.verdict;
}

/** Whether nothing more will be learned. */
export function isSettled({ verdict, message }: AmdState): boolean {
  return verdict !== undefined && (verdict.outcome !== "machine" || message !== undefined);
}

function pushFrame(state: AmdState, frame: Int16Array): void {
  state.nowMs += frameMs;
  if (isSettled(state)) return;
  const seen = look(state.lens, frame);
  const { now, ended } = listen(state.toneEar, seen, state.nowMs);
  // A tone is known in its second frame; the two before it may hold its beginning already.
  if (now && state.nowMs - now.startMs === 2 * frameMs) state.spokenInto = bitsIn((state.activePast >> 3) & 0b1111) >= 2;
  const tonal = now !== undefined && isTonal(now);
  if (tonal) retract(state.speech, now.startMs - edgeMs);
  const growing = followActivity(state, seen, tonal);
  const { speech } = state;
  const words = speech.startMs !== undefined && speech.voicedMs >= 200;
  if (now && !words && isRinging(now)) state.ringing = true;
  if (tonal || growing || state.active) state.soundMs = state.nowMs;
  const signal = signalIn(state.signalEar, seen, now, ended, words);
  if (signal && !state.verdict) decide(state, signal.outcome, signal.cause);
  else followBeep(state, ended, seen);
  if (state.verdict?.outcome === "machine") followMessage(state);
  else if (!state.verdict) judgeTiming(state, growing || now !== undefined || state.beep !== undefined);
}

/** The rules of time. @param pending whether something is being heard that is neither speech nor quiet yet */
function judgeTiming(state: AmdState, pending: boolean): void {
  const { options, nowMs } = state;
  const isClear = state.speech.clearestDb >= options.silenceThresholdDb + clearerDb;
  const greeting = isClear ? greetingOf(state.speech) : undefined;
  const spanMs = greeting ? greeting.endMs - greeting.startMs : 0;
  if (greeting && spanMs >= options.greetingMs) decide(state, "machine", "long-greeting");
  else if (greeting && !pending && nowMs - greeting.endMs >= silenceAfter(options, spanMs)) decide(state, "human", "quiet-after-greeting");
  else if (!greeting && !pending && !state.ringing && nowMs >= options.initialSilenceMs) decide(state, "silence", "no-speech");
  else if (nowMs >= options.totalAnalysisMs) decide(state, "unknown", state.ringing ? "ringback" : "no-decision");
}

/** @returns whether a word may be under way */
function followActivity(state: AmdState, seen: Look, tonal: boolean): boolean {
  const { options, activity, speech, nowMs } = state;
  state.levelDb = seen.levelDb;
  state.prominenceDb = prominence(activity, seen);
  const loud = state.prominenceDb >= options.silenceThresholdDb;
  if (loud && !tonal) activity.peakDb = Math.max(activity.peakDb, seen.levelDb);
  const { peakDb, floorDb } = activity;
  const noiseDb = floorDb + foregroundShare * (peakDb - floorDb);
  const strong = loud && !tonal && seen.levelDb >= Math.max(peakDb - options.foregroundDb, noiseDb);
  if (strong) {
    state.strongRunMs = (nowMs - state.strongMs <= frameMs ? state.strongRunMs : 0) + frameMs;
    state.strongMs = nowMs;
  }
  // The end of a word is softer than its middle.
  const isSoft = peakDb - floorDb >= quietLineDb && state.strongRunMs >= options.minimumWordMs;
  const tailNoiseDb = isSoft ? floorDb + softShare * (peakDb - floorDb) : noiseDb;
  const tail = loud && !tonal && nowMs - state.strongMs <= tailMs && seen.levelDb >= Math.max(peakDb - options.foregroundDb - tailDb, tailNoiseDb);
  state.active = strong || tail;
  // A tone from the first sample on stands out of nothing, and is no noise all the same.
  if (!loud && !state.toneEar.run) learnNoise(state.lens);
  state.activePast = ((state.activePast << 1) | (state.active ? 1 : 0)) & 0xff;
  if (state.active) speech.clearestDb = Math.max(speech.clearestDb, state.prominenceDb);
  return hear(speech, state.active, nowMs, options.minimumWordMs);
}

/** Quiet that makes a greeting of this length a person's. */
export function silenceAfter({ afterGreetingSilence }: AmdOptions, spanMs: number): number {
  const row = afterGreetingSilence.find(({ upToMs }) => upToMs === undefined || spanMs <= upToMs) ?? afterGreetingSilence.at(-1);
  return row?.silenceMs ?? 0;
}

/** A tone of a beep's length and pitch, with quiet after it. */
function followBeep(state: AmdState, ended: Tone | undefined, seen: Look): void {
  const { nowMs } = state;
  const quietMs = ended && quietAfter(ended, state);
  if (ended && quietMs !== undefined) {
    state.beep = { tone: ended, quietMs, loudMs: 0 };
  } else if (ended && isNote(ended, state)) include(state.speech, ended);
  const { beep } = state;
  if (!beep) return;
  const toneDb = beep.tone.levelDb;
  if (seen.levelDb > Math.min(toneDb - 3, Math.max(toneDb - 12, state.activity.floorDb + 5))) beep.loudMs += frameMs;
  if (beep.loudMs > 40) {
    if (isNote(beep.tone, state)) include(state.speech, beep.tone);
    delete state.beep;
    return;
  }
  if (nowMs - beep.tone.endMs < beep.quietMs) return;
  delete state.beep;
  const { startMs, endMs } = beep.tone;
  state.message = { by: "beep", atMs: nowMs };
  decide(state, "machine-beep", "beep", { startMs, endMs });
}

/** Music in the foreground, or a vowel. */
function isNote(tone: Tone, { activity }: AmdState): boolean {
  return isTonal(tone) && !isCallProgress(tone) && !isKey(tone) && tone.levelDb >= activity.peakDb - noteBelowVoiceDb;
}

/** How long it has to be quiet after a tone for it to be a beep; undefined when it is none whatever follows. */
function quietAfter(tone: Tone, state: AmdState): number | undefined {
  const { quietAfterMs } = state.options.beep;
  if (isBeep(tone, state)) return lengthOf(tone) < shortBeepMs ? Math.max(quietAfterMs, quietAfterShortMs) : quietAfterMs;
  return isLone(tone, state) ? Math.max(quietAfterMs, quietAfterLoneMs) : undefined;
}

function isLone(tone: Tone, { speech, signalEar }: AmdState): boolean {
  const length = lengthOf(tone);
  if (!isCallProgress(tone) || length < lengthBeforeWordsMs || length > longestLoneMs || speech.startMs !== undefined) return false;
  const before = signalEar.ended.at(-2);
  return !(before && isCallProgress(before)) && tone.steadiness >= beepSteadyShare && tone.levelDb >= quietestBeepDb;
}

function isBeep(tone: Tone, state: AmdState): boolean {
  const { beep } = state.options;
  const words = state.speech.startMs !== undefined;
  const length = lengthOf(tone);
  if (length < beep.minMs || length > beep.maxMs || pitchesOf(tone).some((hz) => hz < beep.minHz || hz > beep.maxHz)) return false;
  if (tone.steadiness < beepSteadyShare || state.spokenInto || mayGoOn(state.signalEar)) return false;
  // What is much softer than the voice is behind it.
  if (tone.levelDb < (words ? state.activity.peakDb - beepBelowVoiceDb : quietestBeepDb)) return false;
  // Before anybody has spoken, a tone of the telephone network is just that, and a short one may be a note.
  return !isKey(tone) && (words || (!isCallProgress(tone) && length >= lengthBeforeWordsMs));
}

function followMessage(state: AmdState): void {
  const { options, nowMs, soundMs } = state;
  if (nowMs >= options.messageEndTimeoutMs) state.message = { by: "timeout", atMs: nowMs };
  else if (!state.beep && nowMs - soundMs >= options.messageEndSilenceMs) state.message = { by: "silence", atMs: nowMs };
}

function decide(state: AmdState, outcome: Outcome, cause: Cause, beep?: Verdict["beep"]): void {
  const speech = greetingOf(state.speech);
  state.verdict = { outcome, cause, atMs: state.nowMs, ...(speech ? { speech } : {}), ...(beep ? { beep } : {}) };
}
