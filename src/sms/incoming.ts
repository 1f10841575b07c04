import { createHash } from "node:crypto";
import { decodeGsm } from "./gsm7.ts";
import type { Incoming } from "./ports.ts";
import type { DefaultAlphabet } from "./segment.ts";

/** Which part of a long message something is; `number` counts from 1. */
export interface PartMark {
  readonly reference: number;
  readonly total: number;
  readonly number: number;
}

/** Octets and how they are to be read: of a whole message, or of one of its parts. */
export interface Octets {
  readonly text: Uint8Array;
  readonly dataCoding: number;
}

/** What goes neither into a database nor onto a screen. */
const controls = /(?![\t\n\r])\p{Cc}/gu;

const charsets: ReadonlyMap<number, string> = new Map([
  [5, "iso-2022-jp"],
  [6, "iso-8859-5"],
  [7, "iso-8859-8"],
  [13, "euc-jp"],
  [14, "euc-kr"],
]);

/** The alphabet of a data_coding: SMPP 3.4 §5.2.19; from 16 on as in 3GPP TS 23.038 §4, which gives bits 2 and 3 to the alphabet. */
function alphabetOf(dataCoding: number, dataCoding0: DefaultAlphabet): "gsm" | "latin-1" | "ucs-2" | number {
  if (dataCoding === 0) return dataCoding0;
  if (dataCoding === 8 || (dataCoding & 0xf0) === 0xe0) return "ucs-2";
  if (dataCoding < 16) return charsets.has(dataCoding) ? dataCoding : "latin-1";
  if (dataCoding < 0x40) return (["gsm", "latin-1", "ucs-2", "gsm"] as const)[(dataCoding >> 2) & 3] ?? "gsm";
  if (dataCoding >= 0xf0) return (dataCoding & 4) === 0 ? "gsm" : "latin-1";
  return "gsm";
}

/** The text of octets; never fails, whatever they are. Fit to be kept: no control characters but tabs and ends of lines, no half surrogate pairs. */
export function decodeText({ text, dataCoding }: Octets, dataCoding0: DefaultAlphabet): string {
  return decoded(Buffer.from(text), alphabetOf(dataCoding, dataCoding0)).replace(controls, "").toWellFormed().replace(/\r\n?/g, "\n");
}

function decoded(octets: Buffer, alphabet: ReturnType<typeof alphabetOf>): string {
  if (alphabet === "ucs-2")
    return octets
      .subarray(0, octets.length & ~1)
      .swap16()
      .toString("utf16le");
  if (typeof alphabet === "number") return new TextDecoder(charsets.get(alphabet)).decode(octets);
  // Seven bits never have an eighth: who sets it writes Latin-1 and says otherwise.
  if (alphabet === "gsm" && octets.every((octet) => octet < 0x80)) return decodeGsm(octets);
  return octets.toString("latin1");
}

/** The same for what an SMSC brings once more: who wrote what to whom, over which bind. Not what it says of itself, which may count its tries. */
export function sameKey({ bind, from, to, dataCoding, udh, sar, text }: Incoming): string {
  const said = JSON.stringify([bind, from, to, dataCoding, sar ?? null, Buffer.from(udh ?? []).toString("hex"), Buffer.from(text).toString("hex")]);
  return createHash("sha256").update(said).digest("base64");
}

/** Which part of a long message it is, by its header or its TLVs; undefined when it is whole, or says what cannot be. */
export function partOf({ udh, sar }: Pick<Incoming, "udh" | "sar">): PartMark | undefined {
  const mark = (udh && markIn(udh)) ?? sar;
  if (!mark || mark.total < 2 || mark.total > 255 || mark.number < 1 || mark.number > mark.total) return undefined;
  return { reference: mark.reference, total: mark.total, number: mark.number };
}

/** 3GPP TS 23.040 §9.2.3.24: the length of the header, then elements of identifier, length and value. */
function markIn(udh: Uint8Array): PartMark | undefined {
  const end = Math.min(udh.length, 1 + (udh[0] ?? 0));
  for (let at = 1; at + 2 <= end; ) {
    const [id = -1, length = 0] = udh.subarray(at, at + 2);
    const value = udh.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    if (at > end) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = value;
    if (id === 0 && length === 3) return { reference: a, total: b, number: c };
    if (id === 8 && length === 4) return { reference: a * 256 + b, total: c, number: d };
  }
  return undefined;
}
