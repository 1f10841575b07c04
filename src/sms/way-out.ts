/**
 * A web address, with its scheme or as people write it, and a mailbox. Without a scheme it has a path or one of the usual endings: “is due.Reply STOP” lacks a blank and names
 * nothing.
 */
const ways = [
  /\bhttps?:\/\/[^\s]+/iu,
  /\bwww\.[a-z0-9-]+\.[a-z]/iu,
  /\b(?:[a-z0-9-]+\.)+[a-z]{2,}\/[a-z0-9]/iu,
  /\b(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|info|biz|app|link|bank|help|online)\b/iu,
  /[^\s@]+@(?:[a-z0-9-]+\.)+[a-z]{2,}/iu,
];
const digits = /(?<![\d.,$€£#])\+?\(?\d[\d ().-]{4,20}\d(?!\d)/gu;
/** 2026-11-22, 22-11-2026, 22.11.2026 */
const date = /^(?:\d{4}[.-]\d\d?[.-]\d\d?|\d\d?[.-]\d\d?[.-]\d{4})$/u;
/** Of a telephone number; a short code has fewer, and is called by nobody. */
const leastDigits = 7;

/**
 * Whether a text names a way to opt out other than an answer: a web address, a mailbox or a telephone number. What an alphanumeric sender sends must name
 * one, since it cannot be answered (3GPP TS 23.040 §9.1.2.5: such an address is none of the numbering plan).
 */
export function namesWayOut(text: string): boolean {
  const start = text.slice(0, 20_000);
  if (ways.some((way) => way.test(start))) return true;
  return (start.match(digits) ?? []).some((number) => !date.test(number.trim()) && number.replace(/\D/g, "").length >= leastDigits);
}
