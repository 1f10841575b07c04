import t from "tap";
import { inRange, parseRange } from "../../src/ivr/number-range.ts";
import { holdsAt, parseHours } from "../../src/ivr/time-branch.ts";
import { instantOf, isZone, wallClock } from "../../src/ivr/zone-clock.ts";

const utc = (text: string) => Date.parse(`${text}:00Z`);
const holds = (hours: string, at: string, zone: string) => {
  const parsed = parseHours(hours);
  const { weekday, minute } = wallClock(utc(at), zone);
  return parsed && holdsAt(parsed, weekday, minute);
};

t.test("hours of the week are read", async (t) => {
  const everyDay = [1, 2, 3, 4, 5, 6, 7];
  for (const [text, weekdays, startMinute, endMinute] of [
    ["mon-fri 09:00-17:00", [1, 2, 3, 4, 5], 540, 1020],
    ["Sat 10:00-14:00", [6], 600, 840],
    ["sat,sun", [6, 7], 0, 1440],
    ["fri-mon", [1, 5, 6, 7], 0, 1440],
    ["mon-tue,thu 08:00-09:00", [1, 2, 4], 480, 540],
    ["22:00-06:00", everyDay, 1320, 360],
    ["00:00-24:00", everyDay, 0, 1440],
    ["mon-sun", everyDay, 0, 1440],
  ] as const) {
    t.same(parseHours(text), { weekdays, startMinute, endMinute }, text);
  }
  for (const text of ["", "9-17", "09:00", "09:00-09:00", "24:00-06:00", "06:00-00:00", "09:60-10:00", "24:01-25:00", "monday", "mon 9:00-17:00"]) {
    t.equal(parseHours(text), undefined, text);
  }
  for (const text of [
    "mon-",
    "-fri",
    "mon,,tue",
    "mon-tue-wed",
    "09:00-17:00 mon",
    "mon09:00-17:00",
    "mon-fri 09:00-17:00, sat",
    "x".repeat(100_000),
  ]) {
    t.equal(parseHours(text), undefined, text.slice(0, 40));
  }
});

t.test("hours hold on the clock of their zone, past midnight and where it changes", async (t) => {
  const table: [string, string, string, boolean][] = [
    // Tuesday in New York is UTC−5.
    ["mon-fri 09:00-17:00", "2026-11-24T13:59", "America/New_York", false],
    ["mon-fri 09:00-17:00", "2026-11-24T14:00", "America/New_York", true],
    ["mon-fri 09:00-17:00", "2026-11-24T21:59", "America/New_York", true],
    ["mon-fri 09:00-17:00", "2026-11-24T22:00", "America/New_York", false],
    ["mon-fri 09:00-17:00", "2026-11-28T15:00", "America/New_York", false],
    // A night that begins on Friday goes on into Saturday, and no other night does.
    ["fri 22:00-06:00", "2026-11-27T21:59", "Etc/UTC", false],
    ["fri 22:00-06:00", "2026-11-27T22:00", "Etc/UTC", true],
    ["fri 22:00-06:00", "2026-11-28T05:59", "Etc/UTC", true],
    ["fri 22:00-06:00", "2026-11-28T06:00", "Etc/UTC", false],
    ["fri 22:00-06:00", "2026-11-27T05:00", "Etc/UTC", false],
    ["sun 22:00-06:00", "2026-11-30T05:00", "Etc/UTC", true],
    ["mon 00:00-24:00", "2026-11-30T23:59", "Etc/UTC", true],
    ["mon 00:00-24:00", "2026-12-01T00:00", "Etc/UTC", false],
    // The clocks of New York go back on 2026-11-01 at 06:00 UTC: 01:30 comes twice.
    ["01:00-02:00", "2026-11-01T05:30", "America/New_York", true],
    ["01:00-02:00", "2026-11-01T06:30", "America/New_York", true],
    ["01:00-02:00", "2026-11-01T07:00", "America/New_York", false],
    // They went forward on 2026-03-08 at 07:00 UTC: 02:30 never came.
    ["02:00-03:00", "2026-03-08T06:59", "America/New_York", false],
    ["02:00-03:00", "2026-03-08T07:00", "America/New_York", false],
    // Zones that are off by half hours, and a day ahead.
    ["wed 00:00-01:00", "2026-11-24T18:30", "Asia/Kolkata", true],
    ["wed 00:00-01:00", "2026-11-24T18:29", "Asia/Kolkata", false],
    ["wed", "2026-11-24T10:00", "Pacific/Kiritimati", true],
  ];
  for (const [hours, at, zone, expected] of table) t.equal(holds(hours, at, zone), expected, `${hours} at ${at} in ${zone}`);
});

t.test("local times as instants", async (t) => {
  const table: [string, string, string | undefined][] = [
    ["2026-11-24T14:30", "America/New_York", "2026-11-24T19:30"],
    ["2026-11-24 14:30", "Etc/UTC", "2026-11-24T14:30"],
    [" 2026-11-24T14:30:00 ", "Etc/UTC", "2026-11-24T14:30"],
    ["2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"],
    ["2026-03-08T02:30", "America/New_York", "2026-03-08T07:30"],
    ["2028-02-29T00:00", "Etc/UTC", "2028-02-29T00:00"],
    ["2026-02-29T00:00", "Etc/UTC", undefined],
    ["2026-11-24", "Etc/UTC", undefined],
    ["2026-11-24T25:00", "Etc/UTC", undefined],
    ["2026-11-24T14:30Z", "Etc/UTC", undefined],
    ["24/11/2026 14:30", "Etc/UTC", undefined],
    ["", "Etc/UTC", undefined],
  ];
  for (const [text, zone, expected] of table) t.equal(instantOf(text, zone), expected === undefined ? undefined : utc(expected), text);
});

t.test("zones are names of the IANA database", async (t) => {
  for (const zone of ["America/New_York", "Etc/UTC", "Asia/Kolkata"]) t.ok(isZone(zone), zone);
  for (const zone of ["", "+05:00", "Mars/Base", "local", "../etc/passwd", "x".repeat(1000)]) t.notOk(isZone(zone), zone.slice(0, 40));
});

t.test("ranges of numbers", async (t) => {
  for (const [text, inside, outside] of [
    ["1..10", ["1", "10", "5.5", " 7 ", "07"], ["0", "11", "", "x", "1e1", "0x5", "10.01"]],
    ["10..", ["10", "999999999999"], ["9.99", "-10"]],
    ["..-1.5", ["-1.5", "-20"], ["-1.4", "0"]],
    ["5..5", ["5", "5.0"], ["4", "6"]],
  ] as const) {
    const range = parseRange(text);
    t.ok(range, text);
    for (const value of inside) t.ok(range && inRange(value, range), `${value} in ${text}`);
    for (const value of outside) t.notOk(range && inRange(value, range), `${value} not in ${text}`);
  }
  for (const text of ["", "..", "5", "10..1", "1...5", "1..2..3", "a..b", "1,5..2", " 1..2"]) t.equal(parseRange(text), undefined, text);
});
