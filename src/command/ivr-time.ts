import { DateTime } from "luxon";
import { type Script, zoneColumn } from "../ivr/script.ts";
import { instantOf, isZone } from "../ivr/zone-clock.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Fields } from "../template/template.ts";

const forms = "Write it as 2026-12-24T18:30, or with its offset: 2026-12-24T18:30-05:00";

/**
 * When a call takes place that is only tried, epoch ms.
 * @param text ISO 8601; without an offset it is what clocks show in the contact's time_zone, else in the script's zone
 * @throws Fault `time-form`
 */
export function callTime(text: string, script: Script, fields: Fields): number {
  if (/T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text)) {
    const exact = DateTime.fromISO(text, { setZone: true });
    if (exact.isValid) return exact.toMillis();
    throw new Fault("time-form", `--at ${text} is no time. ${forms}.`);
  }
  const own = fields[zoneColumn] ?? "";
  const zone = isZone(own) ? own : script.zone;
  if (zone === undefined) {
    const why =
      own === "" ? "neither the contact nor the script has a time zone" : `the contact's ${zoneColumn} ${own} is none, and the script has none`;
    throw new Fault("time-form", `--at ${text} has no offset, and ${why}: add --field ${zoneColumn}=America/New_York, or the offset.`);
  }
  const at = instantOf(text, zone);
  if (at === undefined) throw new Fault("time-form", `--at ${text} is no time. ${forms}.`);
  return at;
}

/** A clock that goes as the given one, and shows `at` (epoch ms) now. */
export function clockAt(clock: Clock, at: number): Clock {
  const aheadMs = at - clock.now();
  return { now: () => clock.now() + aheadMs, after: (delayMs, fire) => clock.after(delayMs, fire) };
}
