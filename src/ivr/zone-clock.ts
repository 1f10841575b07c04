import { DateTime, IANAZone } from "luxon";

/** What a clock on the wall shows. */
export interface WallClock {
  /** ISO: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Minute of the day, 0..1439. */
  readonly minute: number;
}

// There are few zones and many calls; to look one up in the database of zones costs some 0.3 ms.
const known = new Map<string, boolean>();
/** Contacts come from strangers and may name anything. */
const mostRemembered = 2000;

/** Whether the text names a zone of the IANA database; bare offsets are none. */
export function isZone(name: string): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
  const valid = name.length <= 64 && /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
  if (known.size >= mostRemembered) known.clear();
  known.set(name, valid);
  return valid;
}

/** What the clocks of a zone show at an instant (epoch ms). */
export function wallClock(at: number, zone: string): WallClock {
  const time = DateTime.fromMillis(at, { zone });
  return { weekday: time.weekday, minute: time.hour * 60 + time.minute };
}

const localTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?$/;

/**
 * The instant (epoch ms) at which the clocks of a zone show an ISO 8601 local time, for example 2026-11-24T14:30. Of an hour that
 * comes twice the first; an hour that is skipped is taken as long after the change as it names.
 * @returns undefined when the text is no such time
 */
export function instantOf(text: string, zone: string): number | undefined {
  if (!localTime.test(text.trim())) return undefined;
  const time = DateTime.fromISO(text.trim().replace(" ", "T"), { zone });
  return time.isValid ? Math.min(...time.getPossibleOffsets().map((possible) => possible.toMillis())) : undefined;
}
