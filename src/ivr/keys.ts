import type { CollectAction } from "./place.ts";

/** The key that agrees to being recorded. */
export const agreeKey = "1";

/** The keys of a text as a telephone would take them: up to a terminator or the last digit; others are not there. */
export function keysOf(text: string, { maxDigits, terminators }: Pick<CollectAction, "maxDigits" | "terminators">): string {
  let keys = "";
  for (const key of text) {
    if (terminators.includes(key)) break;
    if (/[0-9*#]/.test(key)) keys += key;
    if (keys.length >= maxDigits) break;
  }
  return keys;
}
