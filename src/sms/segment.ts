import { Fault } from "../kernel/fault.ts";
import { encodeGsm, isAsciiGsm, isGsm, septetsOf } from "./gsm7.ts";
import type { Concatenation, Part } from "./ports.ts";

/** What a bind's data_coding 0 stands for: "SMSC default alphabet" is the carrier's choice (SMPP 3.4 §5.2.19). */
export const defaultAlphabets = ["gsm", "latin-1"] as const;
export type DefaultAlphabet = (typeof defaultAlphabets)[number];

export interface SegmentOptions {
  readonly concatenation: Concatenation;
  /** `gsm` when left out. */
  readonly dataCoding0?: DefaultAlphabet;
  /** Of the parts of a long message; its lower 8 bits with `udh-8`. 0 to 65535. */
  readonly reference?: number;
}

/** How a text goes over the air, and what it costs. */
export interface Extent {
  readonly encoding: "gsm" | "ucs-2";
  /** Septets, or UCS-2 code units. */
  readonly units: number;
  /** What the carrier counts. */
  readonly segments: number;
}

export interface Segmented extends Extent {
  /** One PDU each: as many as there are segments, but one for `payload`, which the SMSC takes apart. */
  readonly parts: readonly Part[];
}

/** A part's number is one octet (3GPP TS 23.040 §9.2.3.24.1). */
const maxParts = 255;

/*
 * A message is 140 octets (3GPP TS 23.040 §9.2.3.24): 160 septets or 70 code units. The header of a part takes 6 octets with a reference of 8 bits, which
 * leaves 153 septets (a fill bit before them) or 67 units, and 7 with one of 16 bits: 152 or 66. With sar_msg_ref_num the SMSC makes the header, and its reference has 16
 * bits (SMPP 3.4 §5.3.2.22), so the longer one must fit. A message_payload is taken apart by the SMSC with the short one as a rule.
 */
const single = { gsm: 160, "ucs-2": 70 } as const;
const perPart: Readonly<Record<Concatenation, Readonly<Record<Extent["encoding"], number>>>> = {
  "udh-8": { gsm: 153, "ucs-2": 67 },
  "udh-16": { gsm: 152, "ucs-2": 66 },
  sar: { gsm: 152, "ucs-2": 66 },
  payload: { gsm: 153, "ucs-2": 67 },
};
const ucs2Coding = 8;

/** The text as it is sent: composed, with one sign for the end of a line. */
function readied(text: string): string {
  return text.toWellFormed().normalize("NFC").replace(/\r\n?/g, "\n");
}

function fitsLatin1(text: string): boolean {
  for (const character of text) if (character > "\u00ff") return false;
  return true;
}

function encodingOf(text: string, dataCoding0: DefaultAlphabet): Extent["encoding"] {
  // The carrier of a Latin-1 bind writes it in 7 bits itself; a euro sign or a Greek letter has no octet on the way to it.
  return isGsm(text) && (dataCoding0 === "gsm" || fitsLatin1(text)) ? "gsm" : "ucs-2";
}

function unitsOf(character: string, encoding: Extent["encoding"]): number {
  return encoding === "gsm" ? septetsOf(character) : character.length;
}

/** Cuts where a part is full, never within an extension character or a surrogate pair. */
function cut(text: string, encoding: Extent["encoding"], limit: number): { readonly pieces: readonly string[]; readonly units: number } {
  const pieces: string[] = [];
  let [piece, filled, units] = ["", 0, 0];
  for (const character of text) {
    const width = unitsOf(character, encoding);
    units += width;
    if (filled + width > limit) {
      pieces.push(piece);
      [piece, filled] = ["", 0];
    }
    piece += character;
    filled += width;
  }
  return { pieces: [...pieces, piece], units };
}

function cutUp(text: string, { concatenation, dataCoding0 = "gsm" }: SegmentOptions) {
  if (text.length <= single.gsm && isAsciiGsm(text)) return { ready: text, encoding: "gsm" as const, pieces: [text], units: text.length };
  const ready = readied(text);
  const encoding = encodingOf(ready, dataCoding0);
  const whole = cut(ready, encoding, single[encoding]);
  const { pieces, units } = whole.pieces.length === 1 ? whole : cut(ready, encoding, perPart[concatenation][encoding]);
  return { ready, encoding, pieces, units };
}

/** What a text would take, without making it. Texts of any length. */
export function measure(text: string, options: SegmentOptions): Extent {
  const { encoding, units, pieces } = cutUp(text, options);
  return { encoding, units, segments: pieces.length };
}

/** The characters because of which a text does not go out in 7 bits; empty when it does. In order, each once. */
export function forcingUcs2(text: string, dataCoding0: DefaultAlphabet = "gsm"): readonly string[] {
  return [...new Set(readied(text))].filter((character) => encodingOf(character, dataCoding0) === "ucs-2");
}

/** @throws Fault `sms-too-long` for one of more than 255 parts */
export function segment(text: string, options: SegmentOptions): Segmented {
  const { concatenation, dataCoding0 = "gsm", reference = 0 } = options;
  const { ready, encoding, pieces, units } = cutUp(text, options);
  const total = pieces.length;
  if (total > maxParts) throw new Fault("sms-too-long", `The text takes ${total} segments; ${maxParts} are possible. Make it shorter.`);
  const plain = (piece: string): Part => ({ text: encode(piece, encoding, dataCoding0), dataCoding: encoding === "gsm" ? 0 : ucs2Coding });
  if (total === 1) return { encoding, units, segments: 1, parts: [plain(ready)] };
  if (concatenation === "payload") return { encoding, units, segments: total, parts: [{ ...plain(ready), payload: true }] };
  const parts = pieces.map((piece, index): Part => {
    const number = index + 1;
    return concatenation === "sar"
      ? { ...plain(piece), sar: { reference, total, number } }
      : { ...plain(piece), udh: headerOf(concatenation, reference, total, number) };
  });
  return { encoding, units, segments: total, parts };
}

function encode(text: string, encoding: Extent["encoding"], dataCoding0: DefaultAlphabet): Uint8Array {
  if (encoding === "ucs-2") return new Uint8Array(Buffer.from(text, "utf16le").swap16());
  return dataCoding0 === "gsm" && !isAsciiGsm(text) ? encodeGsm(text) : Buffer.from(text, "latin1");
}

/** 3GPP TS 23.040 §9.2.3.24.1 (information element 0) and §9.2.3.24.8 (8). */
function headerOf(concatenation: "udh-8" | "udh-16", reference: number, total: number, number: number): Uint8Array {
  return concatenation === "udh-8"
    ? Uint8Array.of(5, 0, 3, reference & 0xff, total, number)
    : Uint8Array.of(6, 8, 4, (reference >> 8) & 0xff, reference & 0xff, total, number);
}
