import { Fault } from "../../kernel/fault.ts";
import { rateHz } from "./g711.ts";

/** Sound that may repeat: `times` is how often it plays, Infinity for ever. */
export interface Loop {
  readonly pcm: Int16Array;
  readonly times: number;
}

/** Row and column frequencies, Hz, of the 16 keys (ITU-T Q.23). */
export const keyTonesHz: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  ["123A", "456B", "789C", "*0#D"].flatMap((row, line) =>
    [...row].map((key, column) => [key, [[697, 770, 852, 941][line] ?? 0, [1209, 1336, 1477, 1633][column] ?? 0]] as const),
  ),
);

/** Nothing longer is rendered: a tone_stream is a line of text, and a line of text must not cost gigabytes. */
const longestMs = 600_000;

/** Peak of a sine at `level` dBm0; full scale is +3.14 dBm0 and the square root of 2 more (libteletone, DBM0_MAX_POWER). */
function peakOf(levelDbm0: number): number {
  return 32767 * Math.SQRT2 * 10 ** ((levelDbm0 - 6.16) / 20);
}

/**
 * Sines added and shared out equally, as libteletone does: two tones at -7 are each at -13 dBm0.
 * @param levelDbm0 -63..0
 */
export function sines(frequenciesHz: readonly number[], durationMs: number, levelDbm0 = -7): Int16Array {
  const pcm = new Int16Array(Math.round((durationMs * rateHz) / 1000));
  const peak = peakOf(levelDbm0) / Math.max(1, frequenciesHz.length);
  for (const frequencyHz of frequenciesHz) {
    const step = (2 * Math.PI * frequencyHz) / rateHz;
    for (let at = 0; at < pcm.length; at++) pcm[at] = (pcm[at] ?? 0) + Math.round(peak * Math.sin(step * at));
  }
  return pcm;
}

export function silence(durationMs: number): Int16Array {
  return new Int16Array(Math.round((durationMs * rateHz) / 1000));
}

export function join(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Settings {
  levelDbm0: number;
  /** l=, consumed by the next tone. */
  loops: number;
  /** d= and w=, for keys written without %(). libteletone's own defaults are 2000 and 500 samples. */
  onMs: number;
  offMs: number;
  /** L=, the whole line. */
  lineLoops: number;
}

function number(text: string): number {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? value : 0;
}

function setting(settings: Settings, name: string, value: string): boolean {
  const given = number(value);
  if (name === "v" && given >= -63 && given <= 0) settings.levelDbm0 = given;
  else if (name === "l") settings.loops = Math.max(1, given);
  else if (name === "L") settings.lineLoops = Math.max(1, given);
  else if (name === "d") settings.onMs = Math.max(0, given);
  else if (name === "w") settings.offMs = Math.max(0, given);
  else return "cvr><+".includes(name);
  return true;
}

/** Tones of one segment: any mix of %(on,off,f1,f2…), 5(on,off) and bare keys. */
function segment(text: string, settings: Settings, parts: Int16Array[]): void {
  for (let at = 0; at < text.length; ) {
    const name = text[at] ?? "";
    if (/\s/.test(name)) {
      at++;
      continue;
    }
    let inside: number[] = [];
    let next = at + 1;
    if (text[next] === "(") {
      const close = text.indexOf(")", next);
      if (close < 0) throw new Fault("tone-syntax", `no closing bracket in tone ${JSON.stringify(text.slice(at))}`);
      inside = text
        .slice(next + 1, close)
        .split(",")
        .map(number);
      next = close + 1;
    }
    const frequenciesHz = name === "%" ? inside.slice(2) : keyTonesHz[name];
    if (frequenciesHz === undefined || frequenciesHz.length === 0 || frequenciesHz.some((hz) => hz < 0 || hz > rateHz / 2)) {
      throw new Fault("tone-syntax", `cannot read tone ${JSON.stringify(text.slice(at, next))}; write %(on ms,off ms,Hz,Hz) or a key`);
    }
    const onMs = inside[0] ?? settings.onMs;
    const offMs = inside[1] ?? settings.offMs;
    const already = parts.reduce((sum, part) => sum + part.length, 0) / 8;
    if (onMs < 0 || offMs < 0 || already + (onMs + offMs) * settings.loops > longestMs) {
      throw new Fault("tone-syntax", `a tone_stream may be ${longestMs / 1000} s long at most`);
    }
    const once = join([sines(frequenciesHz, onMs, settings.levelDbm0), silence(offMs)]);
    for (; settings.loops > 0; settings.loops--) parts.push(once);
    settings.loops = 1;
    at = next;
  }
}

/**
 * FreeSWITCH's tone_stream language (mod_tone_stream, libteletone): `v=-7;%(500,500,480,620);loops=3`.
 * @param line with or without the leading tone_stream://
 * @throws Fault `tone-syntax`
 */
export function toneStream(line: string): Loop {
  let text = line.replace(/^tone_stream:\/\//, "");
  let times = 1;
  const loops = /;loops=(-?\d*)/i.exec(text);
  if (loops) {
    text = text.slice(0, loops.index);
    const asked = number(loops[1] ?? "");
    times = asked < 0 ? Number.POSITIVE_INFINITY : Math.max(1, asked);
  }
  const settings: Settings = { levelDbm0: -7, loops: 1, onMs: 250, offMs: 62.5, lineLoops: 1 };
  const parts: Int16Array[] = [];
  for (const piece of text.split(";")) {
    const trimmed = piece.trim();
    if (trimmed[1] === "=") {
      if (!setting(settings, trimmed[0] ?? "", trimmed.slice(2))) throw new Fault("tone-syntax", `unknown setting ${JSON.stringify(trimmed)}`);
    } else if (trimmed) segment(trimmed, settings, parts);
  }
  if (parts.length === 0) throw new Fault("tone-syntax", `no tone in ${JSON.stringify(line)}`);
  return { pcm: join(parts), times: times * settings.lineLoops };
}

/** `silence_stream://MILLISECONDS[,NOISE]`; 0 or less means for ever (mod_tone_stream). */
export function silenceStream(line: string): Loop {
  const lengthMs = Math.min(number(line.replace(/^silence_stream:\/\//, "")), longestMs);
  return lengthMs > 0 ? { pcm: silence(lengthMs), times: 1 } : { pcm: silence(1000), times: Number.POSITIVE_INFINITY };
}
