import { type Activity, newActivity, prominence } from "./activity.ts";
import { type Foreground, followForeground, isAlone, newForeground, spokeBefore } from "./foreground.ts";
import { followMelody, isMusic, type Melody, newMelody } from "./melody.ts";
import type { AmdOptions } from "./options.ts";
import { isRinging, mayBegin, mayGoOn, type SignalEar, signalIn } from "./signal.ts";
import { frameMs, frameSamples, type Lens, type Look, learnNoise, look, newLens } from "./spectrum.ts";
import { followLoudness, greetingOf, hear, include, newSpeech, retract, type Speech } from "./speech.ts";
import { isAboveVoices, isCallProgress, isFlawless, isKey, isMachineMade, lengthOf, listen, pitchesOf, type Tone, type ToneEar } from "./tone.ts";
import type { Cause, MessagePlace, Outcome, Span, Verdict } from "./verdict.ts";
import { periodicity } from "./voicing.ts";

/** Everything a detector has heard. Its clock is the samples: the same sound gives the same verdict at the same time, always. */
export interface AmdState {
  readonly options: AmdOptions;
  readonly lens: Lens;
  readonly activity: Activity;
  readonly foreground: Foreground;
  readonly speech: Speech;
  readonly melody: Melody;
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
  /** Whether somebody spoke right up to the tone that sounds. */
  spokenInto: boolean;
  /** Whether what was taken for a voice at its beginning has been taken back. */
  tookBack: boolean;
  levelDb: number;
  prominenceDb: number;
}

/** Noise that stands out for a moment is no greeting: somewhere in it a voice stands out by so much more than it has to. */
const clearerDb = 6;
/** One that stands out by no more than this could be a gust, unless it has the pitch of a voice for some frames. */
const certainDb = 9;
const pitched = 0.47;
const pitchedMs = 60;
/** A greeting that lasts that long and has hardly been as loud again as in its beginning was somebody's who said a word, and then the television's or a crowd's. */
const keptUpMs = 140;
/** Music is softer for a while and goes on; who has music on waits that much longer. */
const afterMusicMs = 2000;
/** Whose voice has not been heard for so long is silent, whatever is heard behind; longer after more than a few words, where it is rarely a person's. */
const backgroundMs = 1070;
const longBackgroundMs = 1500;
/** Behind whom there is nobody, who is heard is that one, softly. */
const aloneBackgroundMs = 2000;
const fewWordsMs = 1900;
/** On a quiet line with nothing behind, what is soft is the end of a word, and that longer nothing but quiet makes it a person's. */
const softEndMs = 300;
const softEndShare = 0.3;
const quietLineDb = 38;
/** How much earlier than a tone its first frame may have been taken for a voice. */
const edgeMs = 60;
/** A voice never has one pitch alone for so long, however unsteady: two tones close to each other beat. */
const longToneMs = 300;

/** Nothing on the telephone sounds as low (dial tone is 350 Hz, ITU-T E.180 supplement 2) but the harmonics of a voice. */
const lowestToneHz = 335;

function isTonal(tone: Tone): boolean {
  if (Math.max(...pitchesOf(tone)) < lowestToneHz) return false;
  return lengthOf(tone) >= longToneMs || (lengthOf(tone) >= 80 && (tone.steadiness >= steadyShare || isAboveVoices(tone)));
}

const beepBelowVoiceDb = 13;
/** A tone that no instrument plays so cleanly may be softer: some people record their greetings loudly. */
const flawlessBelowVoiceDb = 18;
const noteBelowVoiceDb = 14;
const quietestBeepDb = -41;
const lengthBeforeWordsMs = 120;
/** Short beeps are most easily taken for a vowel, which more words follow; one before any word for the first of three tones, of which packets are lost. */
const shortBeepMs = 200;
const quietAfterDoubtfulMs = 400;
/** A tone of the telephone network that comes once and not again, before anybody has spoken, is a beep: busy and ringing tones come again sooner (ITU-T E.180 §4, §5). */
const longestLoneMs = 620;
const quietAfterLoneMs = 1000;
/** One that lasts as long as a ringing tone is a beep when it does not ring again: of the countries of E.180 none waits longer than 5 s. */
const quietAfterRingMs = 5400;
/** A tone that moves more is a voice. */
const steadyShare = 0.5;

export function startAmd(options: AmdOptions): AmdState {
  return {
    options,
    lens: newLens(),
    activity: newActivity(),
    foreground: newForeground(),
    speech: newSpeech(),
    melody: newMelody(),
    toneEar: {},
    signalEar: { ended: [], answeringMs: 0 },
    rest: new Int16Array(frameSamples),
    restLength: 0,
    nowMs: 0,
    ringing: false,
    soundMs: 0,
    spokenInto: false,
    tookBack: false,
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
  if (now && state.nowMs - now.startMs === 2 * frameMs) state.spokenInto = spokeBefore(state.foreground);
  const tonal = now !== undefined && isTonal(now);
  if (tonal) {
    retract(state.speech, now.startMs - edgeMs, now.endMs);
    state.tookBack = true;
  }
  const growing = followActivity(state, seen, tonal);
  const { speech } = state;
  const words = speech.startMs !== undefined && speech.voicedMs >= 200;
  if (now && !words && isRinging(now)) state.ringing = true;
  if (tonal || growing || state.foreground.active) state.soundMs = state.nowMs;
  const signal = signalIn(state.signalEar, seen, now, ended, words);
  if (signal && !state.verdict) decide(state, signal.outcome, signal.cause);
  else followBeep(state, ended, seen);
  if (state.verdict?.outcome === "machine") followMessage(state);
  else if (!state.verdict) judgeTiming(state, growing || now !== undefined || state.beep !== undefined);
}

/** The rules of time. @param pending whether something is being heard that is neither speech nor quiet yet */
function judgeTiming(state: AmdState, pending: boolean): void {
  const { options, nowMs } = state;
  const greeting = isClear(state) ? greetingOf(state.speech) : undefined;
  if (greeting) judgeGreeting(state, greeting, pending);
  else if (!pending && !state.ringing && nowMs >= options.initialSilenceMs) decide(state, "silence", "no-speech");
  if (!state.verdict && nowMs >= options.totalAnalysisMs) decide(state, "unknown", state.ringing ? "ringback" : "no-decision");
}

function isClear({ options, speech }: AmdState): boolean {
  const outDb = speech.clearestDb - options.silenceThresholdDb;
  return outDb >= certainDb || (outDb >= clearerDb && speech.pitchedMs >= pitchedMs);
}

function judgeGreeting(state: AmdState, { startMs, endMs }: Span, pending: boolean): void {
  const { options, nowMs, speech, foreground, activity } = state;
  const voiceMs = Math.min(endMs, foreground.loudMs) - startMs;
  const nearMs = Math.max(foreground.nearMs, startMs);
  const musicMs = isMusic(state.melody) ? afterMusicMs : 0;
  const isSoftEnd = activity.peakDb - activity.floorDb >= quietLineDb && foreground.behindMs < softEndShare * (nowMs - nearMs);
  const othersMs = isAlone(foreground, activity) ? aloneBackgroundMs : nearMs - startMs < fewWordsMs ? backgroundMs : longBackgroundMs;
  const quietMs = musicMs + (isSoftEnd ? softEndMs : 0) + othersMs;
  // Recorded announcements pause between their sentences; people who answer at such length hardly do.
  if (voiceMs + speech.pauseMs >= options.greetingMs) {
    if (speech.keptUpMs >= keptUpMs) decide(state, "machine", "long-greeting");
    else decide(state, "human", "background");
  } else if (!pending && nowMs - endMs >= musicMs + silenceAfter(options, endMs - startMs)) decide(state, "human", "quiet-after-greeting");
  else if (nowMs - nearMs >= quietMs) decide(state, "human", "background");
}

/** @returns whether a word may be under way */
function followActivity(state: AmdState, seen: Look, tonal: boolean): boolean {
  const { options, activity, foreground, speech, nowMs } = state;
  state.levelDb = seen.levelDb;
  state.prominenceDb = prominence(activity, seen);
  followForeground(foreground, activity, seen, state.prominenceDb, tonal, nowMs, options);
  // A tone from the first sample on stands out of nothing, and is no noise all the same.
  if (state.prominenceDb < options.silenceThresholdDb && !state.toneEar.run) learnNoise(state.lens);
  followMelody(state.melody, foreground.active ? seen.first.hz : 0);
  if (foreground.active) {
    speech.clearestDb = Math.max(speech.clearestDb, state.prominenceDb);
    if (speech.pitchedMs < pitchedMs && !isClear(state) && periodicity(state.lens) >= pitched) speech.pitchedMs += frameMs;
    followLoudness(speech, activity.peakDb - seen.levelDb, nowMs);
  }
  return hear(speech, foreground.active, nowMs, options.minimumWordMs);
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
  if (ended) state.tookBack = false;
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
function isNote(tone: Tone, { activity, tookBack }: AmdState): boolean {
  return (tookBack || isTonal(tone)) && !isCallProgress(tone) && !isKey(tone) && tone.levelDb >= activity.peakDb - noteBelowVoiceDb;
}

/** How long it has to be quiet after a tone for it to be a beep; undefined when it is none whatever follows. */
function quietAfter(tone: Tone, state: AmdState): number | undefined {
  const { quietAfterMs } = state.options.beep;
  if (isBeep(tone, state)) {
    const isDoubtful = lengthOf(tone) < shortBeepMs || (state.speech.startMs === undefined && mayBegin(tone));
    return isDoubtful ? Math.max(quietAfterMs, quietAfterDoubtfulMs) : quietAfterMs;
  }
  if (!isLone(tone, state)) return undefined;
  return Math.max(quietAfterMs, lengthOf(tone) <= longestLoneMs ? quietAfterLoneMs : quietAfterRingMs);
}

function isLone(tone: Tone, { options, speech, signalEar }: AmdState): boolean {
  const length = lengthOf(tone);
  if (!isCallProgress(tone) || length < lengthBeforeWordsMs || length > options.beep.maxMs || speech.startMs !== undefined) return false;
  const before = signalEar.ended.at(-2);
  return !(before && isCallProgress(before)) && isMachineMade(tone) && tone.levelDb >= quietestBeepDb;
}

function isBeep(tone: Tone, state: AmdState): boolean {
  const { beep } = state.options;
  const words = state.speech.startMs !== undefined;
  const length = lengthOf(tone);
  if (length < beep.minMs || length > beep.maxMs || pitchesOf(tone).some((hz) => hz < beep.minHz || hz > beep.maxHz)) return false;
  if (!isMachineMade(tone, words ? state.activity.floorDb : undefined) || mayGoOn(state.signalEar)) return false;
  const isUnmistakable = isFlawless(tone) && length > lengthBeforeWordsMs;
  // A vowel that stands still begins within a word.
  if (state.spokenInto && !isUnmistakable) return false;
  // What is much softer than the voice is behind it.
  const belowVoiceDb = isUnmistakable ? flawlessBelowVoiceDb : beepBelowVoiceDb;
  if (tone.levelDb < (words ? state.activity.peakDb - belowVoiceDb : quietestBeepDb)) return false;
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
