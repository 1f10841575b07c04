const dayMs = 86_400_000;

/**
 * The offsets of a zone within a stretch of time, as Node knows them, so that a day of a report ends where the day ended by which people were called: PostgreSQL has
 * data of its own about zones, and one of the two is always the older.
 * @param from epoch ms @param to epoch ms
 * @returns first when each begins (epoch s, the first one at `from`), then as many offsets in minutes east of UTC
 */
export function zoneOffsets(zone: string, from: number, to: number): readonly number[] {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const offsetAt = (at: number) => minutesOf(format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "GMT");
  const starts = [from];
  const offsets = [offsetAt(from)];
  for (let at = from; at < to; at += dayMs) {
    const before = offsets.at(-1);
    const after = offsetAt(at + dayMs);
    if (after === before) continue;
    let [low, high] = [at, at + dayMs];
    // Clocks are changed at a full minute.
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    starts.push(Math.round(high / 60_000) * 60_000);
    offsets.push(after);
  }
  return [...starts.map((start) => start / 1000), ...offsets];
}

/** Of `GMT`, `GMT-07:00`, `GMT+05:30`. */
function minutesOf(name: string): number {
  const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
