import { legalHours, noHoursOf } from "../compliance/legal-hours.ts";
import { pointerTo } from "../kernel/pointer.ts";
import type { Reading } from "./read-values.ts";

/** @param value `[US-FL, US-TX]`, or one of them: places whose hours are kept for everybody */
export function readLaws(reading: Reading, value: unknown, at: string): readonly string[] {
  if (value === undefined) return [];
  const places: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (places.length === 0 || places.length > legalHours.places.length)
    reading.wrong(at, "Name one place or several, each once, such as [US-FL, US-TX].");
  return places.slice(0, legalHours.places.length).map((place, index) => {
    const where = Array.isArray(value) ? pointerTo(at, index) : at;
    const name = typeof place === "string" ? place : JSON.stringify(place);
    const refused = noHoursOf(name);
    if (refused !== undefined) reading.wrong(where, refused);
    else if (places.indexOf(place) < index) reading.wrong(where, `${name} stands here twice.`);
    return name;
  });
}
