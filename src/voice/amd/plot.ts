import type { Moment, Timeline } from "./timeline.ts";

/* A timeline as a picture: level and noise, speech, and what was decided when. */

const width = 1000;
const height = 240;
const left = 44;
const top = 34;
const plotHeight = 150;
const lowestDb = -80;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? "");

/** An SVG document. @param title shown above it, such as the file's name */
export function plotSvg(timeline: Timeline, title: string): string {
  const { moments, verdicts, message } = timeline;
  const lastMs = Math.max(1000, (moments.at(-1)?.atMs ?? 0) + 20);
  const x = (ms: number) => (left + (ms / lastMs) * (width - left - 16)).toFixed(1);
  const y = (db: number) => (top + (Math.min(0, Math.max(lowestDb, db)) / lowestDb) * plotHeight).toFixed(1);
  const line = (of: (moment: Moment) => number, colour: string) =>
    `<polyline fill="none" stroke="${colour}" points="${moments.map((moment) => `${x(moment.atMs)},${y(of(moment))}`).join(" ")}"/>`;
  const band = (fromMs: number, toMs: number, atY: number, colour: string) =>
    `<rect x="${x(fromMs)}" y="${atY}" width="${(Number(x(toMs)) - Number(x(fromMs))).toFixed(1)}" height="10" fill="${colour}"/>`;
  const mark = (atMs: number, text: string, colour: string, row: number) =>
    `<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${top}" y2="${top + plotHeight + 16}" stroke="${colour}"/>` +
    `<text x="${x(atMs)}" y="${top + 12 + row * 14}" fill="${colour}" text-anchor="${atMs > lastMs / 2 ? "end" : "start"}" dx="${atMs > lastMs / 2 ? -4 : 4}">${escaped(text)}</text>`;
  const seconds = Array.from({ length: Math.floor(lastMs / 1000) + 1 }, (_, second) => second);
  const beep = verdicts.flatMap((verdict) => verdict.beep ?? []).at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/><text x="${left}" y="20" font-size="13">${escaped(title)}</text>`,
    ...[0, -20, -40, -60, -80].map(
      (db) =>
        `<line x1="${left}" x2="${width - 16}" y1="${y(db)}" y2="${y(db)}" stroke="#ddd"/><text x="${left - 4}" y="${y(db)}" text-anchor="end" dy="4">${db}</text>`,
    ),
    ...seconds.map((second) => `<text x="${x(second * 1000)}" y="${top + plotHeight + 44}" text-anchor="middle">${second} s</text>`),
    line(({ floorDb }) => floorDb, "#bbb"),
    line(({ levelDb }) => levelDb, "#36c"),
    ...runsOf(moments).map(([fromMs, toMs]) => band(fromMs, toMs, top + plotHeight + 6, "#3a3")),
    ...(beep ? [band(beep.startMs, beep.endMs, top + plotHeight + 20, "#c60")] : []),
    ...verdicts.map(({ atMs, outcome, cause }, row) => mark(atMs, `${outcome}: ${cause}`, "#c00", row)),
    ...(message ? [mark(message.atMs, `message may begin: ${message.by}`, "#c60", verdicts.length)] : []),
    "</svg>",
    "",
  ].join("\n");
}

/** Stretches of speech, from and to, ms. */
export function runsOf(moments: readonly Moment[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const { atMs, speech } of moments) {
    const last = runs.at(-1);
    if (speech && last && last[1] === atMs) last[1] = atMs + 20;
    else if (speech) runs.push([atMs, atMs + 20]);
  }
  return runs;
}
