import t from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { dueAfter, fieldTimes } from "../../src/strategy/due.ts";
import type { Onward } from "../../src/strategy/follows.ts";
import { atTimeText, parseAtTime } from "../../src/strategy/read-at.ts";
import { openWorld } from "../adapter/stores-kit.ts";

const at = (text: string) => Date.parse(text);
const newYork = "America/New_York";

t.test("a time of day, as it is written", async (t) => {
  t.same(parseAtTime("09:00"), { minute: 540 });
  t.same(parseAtTime(" Tomorrow 23:59 "), { minute: 1439, tomorrow: true });
  t.same(parseAtTime("sun 00:05"), { minute: 5, weekday: 7 });
  for (const text of ["9:00", "24:00", "09:60", "noon", "tomorrow", "09:00 mon", "mon tue 09:00", ""]) t.equal(parseAtTime(text), undefined, text);
  t.equal(atTimeText({ minute: 545, weekday: 1 }), "at mon 09:05");
  t.equal(atTimeText({ minute: 540, tomorrow: true }), "at tomorrow 09:00");
});

t.test("when it is, on the clock of the person", async (t) => {
  const table: readonly (readonly [from: string, Pick<Onward, "s" | "at" | "t">, due: string])[] = [
    ["2026-11-23T13:59Z", { s: 0, at: { z: newYork, m: 540 } }, "2026-11-23T14:00Z"],
    ["2026-11-23T14:00Z", { s: 0, at: { z: newYork, m: 540 } }, "2026-11-23T14:00Z"],
    ["2026-11-23T14:01Z", { s: 0, at: { z: newYork, m: 540 } }, "2026-11-24T14:00Z"],
    ["2026-11-23T13:00Z", { s: 0, at: { z: newYork, m: 540, d: 1 } }, "2026-11-24T14:00Z"],
    // Late in the evening there it is the next day in Greenwich.
    ["2026-11-24T03:00Z", { s: 0, at: { z: newYork, m: 540, d: 1 } }, "2026-11-24T14:00Z"],
    ["2026-11-23T13:00Z", { s: 2 * 86_400, at: { z: newYork, m: 540 } }, "2026-11-25T14:00Z"],
    ["2026-11-23T15:00Z", { s: 0, at: { z: newYork, m: 540, w: 1 } }, "2026-11-30T14:00Z"],
    ["2026-11-23T13:00Z", { s: 0, at: { z: newYork, m: 540, w: 1 } }, "2026-11-23T14:00Z"],
    ["2026-11-23T15:00Z", { s: 0, at: { z: newYork, m: 540, w: 5 } }, "2026-11-27T14:00Z"],
    // The clocks of New York jump from 02:00 to 03:00 on 2026-03-08, and back from 02:00 to 01:00 on 2026-11-01.
    ["2026-03-07T20:00Z", { s: 0, at: { z: newYork, m: 540, d: 1 } }, "2026-03-08T13:00Z"],
    ["2026-03-08T06:00Z", { s: 0, at: { z: newYork, m: 150 } }, "2026-03-08T07:30Z"],
    ["2026-11-01T04:30Z", { s: 0, at: { z: newYork, m: 90 } }, "2026-11-01T06:30Z"],
    ["2026-11-23T13:00Z", { s: 60 }, "2026-11-23T13:01Z"],
    ["2026-11-23T13:00Z", { s: 0, t: at("2026-11-24T00:00Z") }, "2026-11-24T00:00Z"],
    ["2026-11-23T13:00Z", { s: 60, t: 0 }, "2026-11-23T13:01Z"],
  ];
  for (const [from, onward, due] of table) t.equal(new Date(dueAfter(onward, at(from))).toISOString(), new Date(due).toISOString(), from);
});

t.test("times that fields have", async (t) => {
  const now = at("2026-11-23T12:00Z");
  const times = fieldTimes(
    { zoned: "2026-12-01T10:00:00+01:00", local: "2026-12-01 10:00", day: "2026-12-01", word: "soon", past: "2026-01-01" },
    newYork,
    now,
  );
  t.equal(times({ field: "zoned", beforeS: 0 }), at("2026-12-01T09:00Z"));
  t.equal(times({ field: "local", beforeS: 86_400 }), at("2026-11-30T15:00Z"));
  t.equal(times({ field: "day", beforeS: 0 }), at("2026-12-01T05:00Z"));
  for (const field of ["word", "past", "missing", "toString"]) t.equal(times({ field, beforeS: 0 }), undefined, field);
  t.equal(times({ field: "zoned", beforeS: 30 * 86_400 }), undefined, "its reminder would be late");
});

t.test("the database says the same of it", async (t) => {
  const seed = 20_261_123;
  const random = seededRandom(seed);
  // Zones whose rules every release of the IANA database has alike: this one may be another than the one of Node.
  const zones = [newYork, "Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "UTC"];
  const asked = Array.from({ length: 2000 }, () => {
    const from = intBetween(random, at("2025-01-01T00:00Z"), at("2028-01-01T00:00Z"));
    const s = pick(random, [0, 60, 3600, 86_400, 7 * 86_400]);
    const onClock = { z: pick(random, zones), m: intBetween(random, 0, 1439), ...pick(random, [{}, { d: 1 }, { w: intBetween(random, 1, 7) }]) };
    const onward = pick(random, [{ s }, { s, at: onClock }, { s, at: onClock }, { s, t: from + intBetween(random, -1e9, 1e9) }]);
    return { from, onward };
  });
  const { stores } = await openWorld(t);
  const { rows } = await stores.pool.query<{ due: number }>(
    `select (extract(epoch from onward_due(e.onward, to_timestamp(e."from" / 1000))) * 1000)::float8 as due
     from rows from (json_to_recordset($1::json) as ("from" float8, onward jsonb)) with ordinality as e("from", onward, position) order by position`,
    [JSON.stringify(asked)],
  );
  const wrong = asked.flatMap(({ from, onward }, index) => {
    const [here, there] = [dueAfter(onward, from), rows[index]?.due ?? 0];
    return Math.abs(here - there) < 1
      ? []
      : [{ from: new Date(from).toISOString(), onward, here: new Date(here).toISOString(), there: new Date(there).toISOString() }];
  });
  t.same(wrong.slice(0, 5), [], `seed ${seed}`);
  const { rows: strange } = await stores.pool.query(
    `select onward_due(null, now()) is null as none, onward_due('{"s": 0, "at": {"z": "No/Where", "m": 0, "d": 1}}', '2026-11-23T12:00Z') = '2026-11-24T00:00Z' as unknown`,
  );
  t.same(strange, [{ none: true, unknown: true }], "a zone that the database does not know keeps nothing from being written");
});
