import { frameMs, type Look, quietestDb } from "./spectrum.ts";

/* Tones: one or two frequencies that stand still. */

/** A tone that has ended, or sounds still. */
export interface Tone {
  readonly hz: number;
  /** The other frequency of a pair, higher or lower. */
  readonly otherHz?: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly levelDb: number;
  /** How often neither pitch nor loudness moved from one frame to the next, 0..1: a machine's tone stands still, a sung vowel does not. */
  readonly steadiness: number;
  /** How much of what sounds that is no noise is the tone, 0..1, its beginning and its end apart: a vowel has harmonics, a chord other notes. 0 when it is too short to say. */
  readonly purity: number;
}

interface Run {
  hz: number;
  otherHz: number;
  pairs: number;
  frames: number;
  startMs: number;
  endMs: number;
  levelDb: number;
  lastHz: number;
  lastDb: number;
  steady: number;
  /** Part of the power in the newest frame, and the sum of it over `middles`, the frames that are neither of the first two nor the last. */
  lastShare: number;
  pure: number;
  middles: number;
}

export interface ToneEar {
  run?: Run;
}

const quietestToneDb = -46;
/** Of the power on the line, this much is in the peak, or in the two peaks of a pair. */
const singleShare = 0.8;
const pairShare = 0.86;
const weakestOfPair = 0.14;
/** Up to three lost packets do not end a tone. */
const holeMs = 60;
/** No line is that quiet: there packets are missing, of which several may be lost in a row. */
const missingDb = -90;
const longestLossMs = 140;
/** So little of a tone is a piece of noise when a clean one follows so much louder, which must not wait until the first is given up. */
const strayFrames = 2;
const strayBelowDb = 8;
/** The first look at a tone sees only its beginning, and may be so far off its pitch. */
const firstOffHz = 42;

const steadyHz = 5;
const steadyDb = 1;
/** Pairs of frames at both ends that are never steady: the tone fills only a part of them. */
const edgePairs = 3;

/** Two ringing tones 40 Hz apart are one to a window of 32 ms, which wanders between them. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= (a > 380 && a < 520 ? 36 : Math.max(14, 0.012 * b));

interface Heard {
  hz: number;
  otherHz: number;
  /** Level of the tone alone, dB of full scale. */
  db: number;
  /** Its part of the power that is no noise, 0..1. */
  share: number;
}

function toneIn(look: Look): Heard | undefined {
  if (look.levelDb < quietestToneDb) return undefined;
  const { first, second } = look;
  const isPair = first.share + second.share >= pairShare && second.share >= weakestOfPair;
  const share = isPair ? first.share + second.share : first.share;
  if (!isPair && share < singleShare) return undefined;
  return { hz: first.hz, otherHz: isPair ? second.hz : 0, db: look.levelDb + 10 * Math.log10(share), share: Math.min(1, share) };
}

/**
 * Takes a look that ends at `nowMs`.
 * @returns `now`: the tone that sounds; `ended`: the tone that has just stopped
 */
export function listen(ear: ToneEar, look: Look, nowMs: number): { readonly now?: Tone; readonly ended?: Tone } {
  const heard = toneIn(look);
  const { run } = ear;
  if (run && heard && continues(run, heard, look.levelDb)) {
    if (run.frames > 2) {
      run.pure += run.lastShare;
      run.middles++;
    }
    run.lastShare = heard.share;
    run.frames++;
    if (Math.abs(heard.hz - run.lastHz) <= steadyHz && Math.abs(heard.db - run.lastDb) <= steadyDb) run.steady++;
    run.lastHz = heard.hz;
    run.lastDb = heard.db;
    const wasOff = run.frames === 2 && !near(heard.hz, run.hz);
    run.hz += (heard.hz - run.hz) / (wasOff ? 1 : Math.min(run.frames, 12));
    if (heard.otherHz > 0) {
      run.pairs++;
      run.otherHz += (heard.otherHz - run.otherHz) / Math.min(run.pairs, 12);
    }
    run.levelDb = Math.max(run.levelDb, look.levelDb);
    run.endMs = nowMs;
    return { now: toneOf(run) };
  }
  const isStray = run && heard && run.frames <= strayFrames && heard.db >= run.levelDb + strayBelowDb && heard.share >= pureShare;
  if (run && !isStray && nowMs - run.endMs <= (look.levelDb <= missingDb ? longestLossMs : holeMs)) return { now: toneOf(run) };
  delete ear.run;
  if (heard) {
    const pairs = heard.otherHz > 0 ? 1 : 0;
    const { hz, otherHz, db, share } = heard;
    const newest = { lastHz: hz, lastDb: db, lastShare: share };
    ear.run = {
      hz,
      otherHz,
      pairs,
      frames: 1,
      startMs: nowMs - frameMs,
      endMs: nowMs,
      levelDb: look.levelDb,
      steady: 0,
      pure: 0,
      middles: 0,
      ...newest,
    };
  }
  return run ? { ended: toneOf(run) } : {};
}

/** The louder of a pair may change from frame to frame. */
function continues(run: Run, heard: Heard, levelDb: number): boolean {
  if (levelDb < run.levelDb - 14) return false;
  if (near(heard.hz, run.hz) || (run.frames === 1 && Math.abs(heard.hz - run.hz) <= firstOffHz)) return true;
  if (run.pairs * 2 <= run.frames || !near(heard.hz, run.otherHz)) return false;
  [heard.hz, heard.otherHz] = [heard.otherHz || run.hz, heard.hz];
  return true;
}

function toneOf({ hz, otherHz, pairs, frames, startMs, endMs, levelDb, steady, pure, middles }: Run): Tone {
  return {
    hz,
    ...(pairs * 2 > frames ? { otherHz } : {}),
    startMs,
    endMs,
    levelDb,
    steadiness: Math.min(1, steady / Math.max(1, frames - edgePairs)),
    purity: middles > 0 ? pure / middles : 0,
  };
}

export const lengthOf = ({ startMs, endMs }: Tone): number => endMs - startMs;

/** One pitch, or the two of a pair. */
export const pitchesOf = ({ hz, otherHz }: Tone): readonly number[] => (otherHz === undefined ? [hz] : [hz, otherHz]);

/** So much of the power is in a machine's tone, however it is coded; less for each dB that it stands less than that out of the noise, which is not all taken off. */
const pureShare = 0.955;
const clearOfNoiseDb = 20;
const sharePerDb = 0.0055;
const machineSteadyShare = 0.7;
/** Nobody speaks so high, and what is heard there of voices are harmonics, of which none is alone. */
const aboveVoicesHz = 780;
const flawlessShare = 0.975;
const flawlessSteadyShare = 0.9;

/** GSM adds to a high tone what it knows of voices; nothing in a voice is so high and so long. */
const farAboveVoicesHz = 1300;
const farAboveVoicesMs = 200;
const farAboveShare = 0.93;

export function isAboveVoices(tone: Tone): boolean {
  const lowestHz = Math.min(...pitchesOf(tone));
  if (lowestHz >= farAboveVoicesHz && lengthOf(tone) >= farAboveVoicesMs) return tone.purity >= farAboveShare;
  return lowestHz >= aboveVoicesHz && tone.purity >= pureShare;
}

/**
 * Whether nothing but the tone sounds, and it stands still. High ones need not: GSM 06.10, which is made for voices, moves their loudness from frame to frame.
 * @param floorDb noise on the line, dB of full scale, once there has been more than the tone to know it by
 */
export function isMachineMade(tone: Tone, floorDb = quietestDb): boolean {
  if (isAboveVoices(tone)) return true;
  const inNoiseDb = Math.max(0, clearOfNoiseDb - (tone.levelDb - floorDb));
  return tone.steadiness >= machineSteadyShare && tone.purity >= pureShare - sharePerDb * inNoiseDb;
}

/** Whether no instrument plays it so cleanly. */
export function isFlawless({ purity, steadiness }: Tone): boolean {
  return purity >= flawlessShare && steadiness >= flawlessSteadyShare;
}

const rowsHz = [697, 770, 852, 941];
const columnsHz = [1209, 1336, 1477, 1633];

/** A key of the telephone (ITU-T Q.23; Q.24 takes ±1.8 %). */
export function isKey({ hz, otherHz }: Tone): boolean {
  if (otherHz === undefined) return false;
  const [low, high] = hz < otherHz ? [hz, otherHz] : [otherHz, hz];
  const is = (heard: number, named: number) => Math.abs(heard - named) <= 0.022 * named;
  return rowsHz.some((row) => is(low, row)) && columnsHz.some((column) => is(high, column));
}

/** The dial, ring and busy tones of the world lie here: 400, 425, 440 and 480 Hz, and 620 as the partner of 480 (ITU-T E.180). */
export function isCallProgress({ hz, otherHz }: Tone): boolean {
  const low = Math.min(hz, otherHz ?? hz);
  const high = Math.max(hz, otherHz ?? hz);
  return low >= 385 && low <= 500 && (high <= 500 || (high >= 600 && high <= 640));
}
