import { encode, type Law, linearTable } from "../media/g711.ts";

/** How much of a reference was found in what was heard. */
export interface Match {
  /** All of it, up to its last sound: at least 98 % of the bytes and every byte of the last 200 ms. */
  readonly complete: boolean;
  /** Share of the bytes that are the same at the best place, 0..1. */
  readonly fraction: number;
  /** Where its beginning lies in what was heard, ms; undefined when it was not found. Negative when the beginning was missed. */
  readonly fromMs: number | undefined;
}

const anchorBytes = 32;
const mostAnchors = 24;
const tailBytes = 1600;
/** A tone comes round the same again and again; no more places than this are tried for one anchor. */
const mostPlaces = 200;
const nothing: Match = { complete: false, fraction: 0, fromMs: undefined };

/**
 * Looks for a sound in heard bytes. The lab's path is lossless, so the bytes themselves are compared; silence at the ends of the reference
 * does not count.
 */
export function findSound(heard: Uint8Array, law: Law, reference: Int16Array): Match {
  const [start, wanted] = trimmed(law, encode(law, reference));
  if (wanted.length === 0 || heard.length === 0) return nothing;
  const bytes = Buffer.from(heard.buffer, heard.byteOffset, heard.length);
  const votes = new Map<number, number>();
  const step = Math.max(1, Math.floor(wanted.length / mostAnchors));
  for (let at = 0; at + anchorBytes <= wanted.length; at += step) {
    const anchor = wanted.subarray(at, at + anchorBytes);
    if (new Set(anchor).size < 4) continue;
    let place = bytes.indexOf(anchor);
    for (let count = 0; place >= 0 && count < mostPlaces; count++) {
      votes.set(place - at, (votes.get(place - at) ?? 0) + 1);
      place = bytes.indexOf(anchor, place + 1);
    }
  }
  let best = nothing;
  const places = [...votes].sort((one, other) => other[1] - one[1]).slice(0, 8);
  for (const [place] of places) {
    const match = compare(heard, wanted, place, start);
    if (match.fraction > best.fraction) best = match;
  }
  return best;
}

function trimmed(law: Law, bytes: Uint8Array): [number, Uint8Array] {
  const table = linearTable(law);
  const loud = (byte: number): boolean => Math.abs(table[byte] ?? 0) > 16;
  const start = bytes.findIndex(loud);
  return start < 0 ? [0, new Uint8Array(0)] : [start, bytes.subarray(start, bytes.findLastIndex(loud) + 1)];
}

function compare(heard: Uint8Array, wanted: Uint8Array, place: number, start: number): Match {
  let same = 0;
  let tailSame = true;
  for (let at = 0; at < wanted.length; at++) {
    if (heard[place + at] === wanted[at]) same++;
    else if (at >= wanted.length - tailBytes) tailSame = false;
  }
  const fraction = same / wanted.length;
  return { complete: fraction >= 0.98 && tailSame, fraction, fromMs: (place - start) / 8 };
}
