/*
 * The GSM 7 bit default alphabet and its extension (3GPP TS 23.038 §6.2.1 and §6.2.1.1), one septet to an octet, as SMPP carries them. What needs
 * a national language table goes out in UCS-2.
 */

const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const escapeCode = 0x1b;
export const extension: ReadonlyMap<number, string> = new Map([
  [0x0a, "\f"],
  [0x14, "^"],
  [0x28, "{"],
  [0x29, "}"],
  [0x2f, "\\"],
  [0x3c, "["],
  [0x3d, "~"],
  [0x3e, "]"],
  [0x40, "|"],
  [0x65, "€"],
]);

/** The octets of each character: one, or the escape and another one. */
const octetsOf: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...Array.from(basic, (character, code) => [character, [code]] as const).filter(([character]) => character !== "\u001b"),
  ...Array.from(extension, ([code, character]) => [character, [escapeCode, code]] as const),
]);

/** Line feed, and what of ASCII has the same code in the alphabet. Most texts have nothing else. */
const sameAsAscii = /^[\n !"#%-?A-Za-z]*$/;

/** Whether a text is written in the alphabet as it is in ASCII, one septet for each character. */
export function isAsciiGsm(text: string): boolean {
  return sameAsAscii.test(text);
}

/** How many septets a character takes, 1 or 2; 0 when the alphabet lacks it. */
export function septetsOf(character: string): number {
  return octetsOf.get(character)?.length ?? 0;
}

/** Whether a text can be written in the alphabet. */
export function isGsm(text: string): boolean {
  for (const character of text) if (!octetsOf.has(character)) return false;
  return true;
}

/** @throws RangeError for a text that `isGsm` is false for */
export function encodeGsm(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const codes = octetsOf.get(character);
    if (!codes) throw new RangeError(`U+${(character.codePointAt(0) ?? 0).toString(16)} is not in the GSM alphabet`);
    octets.push(...codes);
  }
  return Uint8Array.from(octets);
}

/** Tables in place of the common ones: what a septet is, by its place, and what it is behind an escape. */
export interface GsmTables {
  readonly basic?: string;
  readonly extension?: ReadonlyMap<number, string>;
}

/**
 * The text of septets, one to an octet; never fails. An escape before what the extension lacks leaves the character of the basic table, and an escape
 * before another one, or at the end, is a blank (§6.2.1.1).
 */
export function decodeGsm(octets: Uint8Array, tables: GsmTables = {}): string {
  const { basic: letters = basic, extension: escaped = extension } = tables;
  let text = "";
  for (let at = 0; at < octets.length; at++) {
    const code = (octets[at] ?? 0) & 0x7f;
    if (code !== escapeCode) {
      text += letters[code] ?? " ";
      continue;
    }
    const next = octets[at + 1];
    at += 1;
    text += next === undefined || next === escapeCode ? " " : (escaped.get(next & 0x7f) ?? letters[next & 0x7f] ?? " ");
  }
  return text;
}
