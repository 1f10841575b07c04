const units: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
};
const shape = /^(?:\d{1,7}\s*[a-z]+(?:\s+|$))+$/;

/** Reads a time as people write it: `20 min`, `24 h`, `2 d`, `1 h 30 min`. @returns seconds; undefined when the text is none */
export function parseDuration(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  if (plain === "0") return 0;
  if (!shape.test(plain)) return undefined;
  let seconds = 0;
  for (const [, count = "", word = ""] of plain.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const unit = unitOf(word) ?? unitOf(word.replace(/s$/, ""));
    if (unit === undefined) return undefined;
    seconds += Number(count) * unit;
  }
  return seconds;
}

function unitOf(word: string): number | undefined {
  return Object.hasOwn(units, word) ? units[word] : undefined;
}

/** The same as text, in at most two units: 5400 is `1 h 30 min`. @param seconds from 0 */
export function durationText(seconds: number): string {
  const parts: string[] = [];
  let left = Math.round(seconds);
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ] as const) {
    if (left < size || parts.length === 2) continue;
    parts.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}
