import { isGsm, septetsOf } from "./gsm7.ts";

/** What stands for a character that no taking apart leads to one of GSM 03.38. */
const standIns: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "'": "‘’‚‛′`´ʻʼ",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−",
    "...": "…",
    "*": "•·●",
    oe: "œ",
    OE: "Œ",
    l: "ł",
    L: "Ł",
    d: "đð",
    D: "ĐÐ",
    th: "þ",
    TH: "Þ",
    i: "ı",
    TM: "™",
    "(c)": "©",
    "(R)": "®",
    "1/2": "½",
    "1/4": "¼",
    "3/4": "¾",
    x: "×",
    SS: "ẞ",
    ">": "›",
    "<": "‹",
  }).flatMap(([stand, characters]) => Array.from(characters, (character) => [character, stand] as const)),
);

/** A character in GSM 03.38, or undefined when nothing in it says the same. */
function written(character: string): string | undefined {
  if (septetsOf(character) > 0) return character;
  const stand = standIns.get(character);
  if (stand !== undefined) return stand;
  if (/\p{Zs}/u.test(character)) return " ";
  if (/[\u2028\u2029]/u.test(character)) return "\n";
  // Soft hyphens, marks of direction and joiners are not seen anyway.
  if (/\p{Cf}|\p{Variation_Selector}/u.test(character)) return "";
  const apart = character.normalize("NFKD").replace(/\p{M}/gu, "");
  if (apart === character) return undefined;
  const plain = Array.from(apart, (part) => (septetsOf(part) > 0 ? part : standIns.get(part)));
  return plain.length > 0 && plain.every((part) => part !== undefined) ? plain.join("") : undefined;
}

/**
 * A text in the letters of GSM 03.38, where that keeps the whole of it out of UCS-2: `Größe – “naïve” café` loses its dash, its quotes and its diaeresis and
 * stays in 7 bits. A text with something that nothing stands for (an emoji, Cyrillic) is left as it is: it goes out in UCS-2 anyhow.
 */
export function transliterate(text: string): string {
  const composed = text.normalize("NFC");
  if (isGsm(composed)) return composed;
  let plain = "";
  for (const character of composed) {
    const stand = written(character);
    if (stand === undefined) return composed;
    plain += stand;
  }
  return plain;
}
