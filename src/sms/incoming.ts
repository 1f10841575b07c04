import { createHash } from "node:crypto";
import { decodeGsm } from "./gsm7.ts";
import { nationalTables } from "./national-tables.ts";
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

const ucs2 = 8;

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
  if (dataCoding === ucs2 || (dataCoding & 0xf0) === 0xe0) return "ucs-2";
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
  if (alphabet === "gsm" && isSeptets(octets)) return decodeGsm(octets);
  return octets.toString("latin1");
}

/** The same for what an SMSC brings once more: who wrote what to whom, over which bind. Not what it says of itself, which may count its tries. */
export function sameKey({ bind, from, to, dataCoding, udh, sar, text }: Incoming): string {
  const said = JSON.stringify([bind, from, to, dataCoding, sar ?? null, Buffer.from(udh ?? []).toString("hex"), Buffer.from(text).toString("hex")]);
  return createHash("sha256").update(said).digest("base64");
}

/** Seven bits never have an eighth: who sets it writes Latin-1 and says otherwise. */
function isSeptets(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 0x80);
}

/** Which part of a long message it is, by its header or its TLVs; undefined when it is whole, or says what cannot be. */
export function partOf({ udh, sar }: Pick<Incoming, "udh" | "sar">): PartMark | undefined {
  const mark = (udh && markIn(udh)) ?? sar;
  if (!mark || mark.total < 2 || mark.total > 255 || mark.number < 1 || mark.number > mark.total) return undefined;
  return { reference: mark.reference, total: mark.total, number: mark.number };
}

/**
 * What is written in national tables as UCS-2, which keeps no header: a part may wait for others that are written otherwise. All else as it is.
 * @param dataCoding0 of the bind
 */
export function withoutTables({ udh, text, dataCoding }: Octets & Pick<Incoming, "udh">, dataCoding0: DefaultAlphabet): Octets {
  const tables = udh && alphabetOf(dataCoding, dataCoding0) === "gsm" && isSeptets(text) ? nationalTables(elementsOf(udh)) : undefined;
  return tables === undefined ? { text, dataCoding } : { text: Buffer.from(decodeGsm(text, tables), "utf16le").swap16(), dataCoding: ucs2 };
}

function markIn(udh: Uint8Array): PartMark | undefined {
  const elements = elementsOf(udh);
  const [short, long] = [elements.get(0), elements.get(8)];
  if (short?.length === 3) return { reference: short[0] ?? 0, total: short[1] ?? 0, number: short[2] ?? 0 };
  if (long?.length === 4) return { reference: (long[0] ?? 0) * 256 + (long[1] ?? 0), total: long[2] ?? 0, number: long[3] ?? 0 };
  return undefined;
}

/** 3GPP TS 23.040 §9.2.3.24: the length of the header, then elements of identifier, length and value; of one that is repeated the last (§9.2.3.24.1). */
function elementsOf(udh: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const elements = new Map<number, Uint8Array>();
  const end = Math.min(udh.length, 1 + (udh[0] ?? 0));
  for (let at = 1; at + 2 <= end; ) {
    const [id = -1, length = 0] = udh.subarray(at, at + 2);
    const value = udh.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    if (at <= end) elements.set(id, value);
  }
  return elements;
}
