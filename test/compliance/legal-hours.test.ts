import { DateTime } from "luxon";
import t from "tap";
import callingHours from "../../src/compliance/calling-hours.json" with { type: "json" };
import { type GateCandidate, type GatePolicy, isPermit, mayContact } from "../../src/compliance/gate.ts";
import { holidaysOf } from "../../src/compliance/holiday.ts";
import { legalHours, readHours } from "../../src/compliance/legal-hours.ts";
import { stoppedChannels } from "../../src/compliance/opt-out-law.ts";
import { placesOfNumber, zonesOfNumber } from "../../src/compliance/place.ts";

/*
 * For each row of calling-hours.json the last minute that its source allows and the first that it does not, on the clock of the place.
 */

const places = { hours: legalHours, stateField: "state" };
const allDay: GatePolicy = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC", places };

const numbers: Readonly<Record<string, readonly [number: string, zone: string]>> = {
  US: ["+12135550100", "America/Los_Angeles"],
  "US-AL": ["+12055550100", "America/Chicago"],
  "US-CT": ["+12035550100", "America/New_York"],
  "US-FL": ["+13055550100", "America/New_York"],
  "US-KY": ["+15025550100", "America/New_York"],
  "US-LA": ["+15045550100", "America/Chicago"],
  "US-MA": ["+16175550100", "America/New_York"],
  "US-MD": ["+13015550100", "America/New_York"],
  "US-MN": ["+16125550100", "America/Chicago"],
  "US-MS": ["+16015550100", "America/Chicago"],
  "US-NM": ["+15055550100", "America/Denver"],
  "US-NV": ["+17025550100", "America/Los_Angeles"],
  "US-OK": ["+14055550100", "America/Chicago"],
  "US-PA": ["+12155550100", "America/New_York"],
  "US-RI": ["+14015550100", "America/New_York"],
  "US-SD": ["+16055550100", "America/Chicago"],
  "US-TX": ["+12145550100", "America/Chicago"],
  "US-UT": ["+18015550100", "America/Denver"],
  "US-WA": ["+12065550100", "America/Los_Angeles"],
  CA: ["+14165550100", "America/Toronto"],
  GB: ["+442079460100", "Europe/London"],
  DE: ["+493012345678", "Europe/Berlin"],
  FR: ["+33142685300", "Europe/Paris"],
  ES: ["+34911234567", "Europe/Madrid"],
};

// 2026-11-02 is a Monday, 11-07 a Saturday, 11-08 a Sunday. What is open: "day from-to" with both ends as the last closed minute before and the first after.
const opens: Readonly<Record<string, string>> = {
  US: "02 08:00-21:00, 08 08:00-21:00",
  "US-AL": "02 08:00-20:00, 07 08:00-20:00, 08 none, 26 none",
  "US-CT": "02 09:00-20:00, 08 09:00-20:00",
  "US-FL": "02 08:00-20:00, 08 08:00-20:00",
  "US-KY": "02 10:00-21:00, 08 10:00-21:00",
  "US-LA": "02 08:00-20:00, 08 none, 26 none",
  "US-MA": "02 08:00-20:00, 08 08:00-20:00",
  "US-MD": "02 08:00-20:00, 08 08:00-20:00",
  "US-MN": "02 09:00-21:00, 08 09:00-21:00",
  "US-MS": "02 08:00-20:00, 07 08:00-20:00, 08 none",
  "US-NM": "02 09:00-21:00, 08 09:00-21:00",
  "US-NV": "02 09:00-20:00, 08 09:00-20:00",
  "US-OK": "02 08:00-20:00, 08 08:00-20:00",
  "US-PA": "02 08:00-21:00, 08 08:00-21:00, 26 none",
  "US-RI": "02 09:00-18:00, 07 10:00-17:00, 08 none, 26 none",
  "US-SD": "02 09:00-21:00, 07 09:00-21:00, 08 none",
  "US-TX": "02 09:00-21:00, 07 09:00-21:00, 08 12:00-21:00",
  "US-UT": "02 08:00-21:00, 08 none, 26 none",
  "US-WA": "02 08:00-20:00, 08 08:00-20:00",
  CA: "02 09:00-21:30, 07 10:00-18:00, 08 10:00-18:00",
  GB: "02 08:00-21:00, 07 09:00-20:00, 08 none, 30 none",
  DE: "02 08:00-20:00, 07 10:00-16:00, 08 none",
  FR: "02 10:00-13:00, 02 14:00-20:00, 07 none, 08 none, 11 none",
  ES: "02 09:00-21:00, 07 none, 08 none",
};

t.test("each place is open from the first minute that its law allows to the last", async (t) => {
  t.same(Object.keys(opens).sort(), [...new Set(callingHours.rows.map(({ place }) => place))].sort(), "every row is tried");
  for (const [place, text] of Object.entries(opens)) {
    const [address = "", zone = ""] = numbers[place] ?? [];
    const someone: GateCandidate = { address, timeZone: zone, suppressed: false };
    const may = (day: string, clock: string, minutes = 0) => {
      const at = DateTime.fromISO(`2026-11-${day}T${clock === "24:00" ? "23:59" : clock}`, { zone })
        .plus({ minutes })
        .toMillis();
      const decision = mayContact(at, someone, allDay);
      return isPermit(decision) ? "open" : decision.rule;
    };
    for (const each of text.split(", ")) {
      const [day = "", stretch = ""] = each.split(" ");
      if (stretch === "none") {
        for (const clock of ["09:00", "12:00", "15:00", "19:59"]) t.equal(may(day, clock), "outside-legal-hours", `${place} ${each} ${clock}`);
        continue;
      }
      const [from = "", to = ""] = stretch.split("-");
      t.equal(may(day, from, -1), "outside-legal-hours", `${place} ${each}: the minute before`);
      t.equal(may(day, from), "open", `${place} ${each}: the first minute`);
      t.equal(may(day, to, -1), "open", `${place} ${each}: the last minute`);
      t.equal(may(day, to), "outside-legal-hours", `${place} ${each}: the minute after`);
    }
  }
});

t.test("where people are is learnt from their number; where it is in doubt the strictest counts", async (t) => {
  t.same(zonesOfNumber("+12125550100"), ["America/New_York"]);
  t.same(zonesOfNumber("+18505550100"), ["America/Chicago", "America/New_York"], "the Panhandle lies in two");
  t.same(zonesOfNumber("+14485550100"), ["America/Chicago", "America/New_York"], "as its overlay");
  for (const number of ["+18005550100", "+15555550100", "+81312345678", "a@example.com"]) t.equal(zonesOfNumber(number), undefined, number);
  t.same(placesOfNumber("+13055550100"), ["US", "US-FL"]);
  t.same(placesOfNumber("+13055550100", { state: " tx " }), ["US", "US-FL", "US-TX"], "also where the contact says to live");
  t.same(placesOfNumber("+13055550100", { state: "Florida" }), ["US", "US-FL"]);
  t.same(placesOfNumber("+442079460100", { state: "TX" }), ["GB"]);
  t.same(placesOfNumber("+17875550100"), ["US", "PR"]);

  const panhandle: GateCandidate = { address: "+18505550100", timeZone: undefined, suppressed: false };
  const at = (clock: string) => DateTime.fromISO(`2026-11-02T${clock}`, { zone: "America/New_York" }).toMillis();
  t.match(mayContact(at("08:30"), panhandle, allDay), { rule: "outside-legal-hours", retryAt: at("09:00") }, "07:30 in Chicago");
  t.ok(isPermit(mayContact(at("09:00"), panhandle, allDay)));
  t.match(mayContact(at("20:00"), panhandle, allDay), { rule: "outside-legal-hours" }, "20:00 in New York");
  const { places: _, ...nothing } = allDay;
  t.ok(isPermit(mayContact(at("20:00"), panhandle, nothing)), "nothing is looked up where the account says nothing of places");
  t.ok(isPermit(mayContact(at("20:00"), panhandle, { ...allDay, places: { stateField: "state" } })), "waived");
});

t.test("the campaign's hours hold within those of the law, and the retry is when both are open", async (t) => {
  const someone: GateCandidate = { address: "+13055550100", timeZone: undefined, suppressed: false };
  const at = (day: number, clock: string) => DateTime.fromISO(`2026-11-0${day}T${clock}`, { zone: "America/New_York" }).toMillis();
  const evening = { ...allDay, window: { startMinute: 19 * 60, endMinute: 22 * 60, weekdays: [1, 2, 3, 4, 5] } };
  t.match(mayContact(at(2, "20:00"), someone, evening), { rule: "outside-legal-hours", retryAt: at(3, "19:00") });
  t.match(mayContact(at(2, "12:00"), someone, evening), { rule: "outside-calling-window", retryAt: at(2, "19:00") });
  const night = { ...allDay, window: { startMinute: 20 * 60, endMinute: 22 * 60, weekdays: [1, 2, 3, 4, 5] } };
  t.match(mayContact(at(2, "12:00"), someone, night), { rule: "window-never-opens", retryAt: undefined });
  const permit = mayContact(at(2, "19:58"), someone, allDay);
  t.equal(isPermit(permit) && permit.untilMs, at(2, "20:00"), "a permit ends with the law's hours");
});

t.test("a row begins and ends by itself", async (t) => {
  const book = {
    rows: [
      { place: "US", from: "2026-01-01", until: "2026-11-29", hours: { "1234567": ["08:00-21:00"] }, source: "old" },
      { place: "US", from: "2026-11-30", hours: { "1234567": ["10:00-12:00"] }, source: "new" },
    ],
    holidays: {},
  };
  const policy = { ...allDay, places: { hours: readHours(book), stateField: "state" } };
  const someone: GateCandidate = { address: "+12125550100", timeZone: undefined, suppressed: false };
  const at = (text: string) => DateTime.fromISO(text, { zone: "America/New_York" }).toMillis();
  // Asked in order, as a campaign that runs would: what was learnt under the old row is not used under the new one.
  t.ok(isPermit(mayContact(at("2026-11-29T20:59"), someone, policy)));
  t.match(mayContact(at("2026-11-29T21:00"), someone, policy), { retryAt: at("2026-11-30T10:00") });
  t.match(mayContact(at("2026-11-30T09:59"), someone, policy), { rule: "outside-legal-hours" });
  t.match(mayContact(at("2026-11-30T12:00"), someone, policy), { rule: "outside-legal-hours" });

  const later = readHours({ rows: [{ place: "US", from: "2026-12-31", hours: { "4": [] }, source: "closed on a Thursday" }], holidays: {} });
  const closed = { ...allDay, places: { hours: later, stateField: "state" } };
  t.ok(isPermit(mayContact(at("2026-11-01T12:00"), someone, closed)), "nothing holds for two months");
  t.match(mayContact(at("2026-12-31T12:00"), someone, closed), { rule: "window-never-opens" });
  t.throws(() => readHours({ rows: [{ place: "X", from: "soon", hours: {}, source: "" }], holidays: {} }), /X: soon is no day/);
  t.throws(() => readHours({ rows: [{ place: "X", from: "2026-01-01", hours: {}, holidays: "Y", source: "" }], holidays: {} }), /no holidays Y/);
});

t.test("holidays by rule", async (t) => {
  const days = (name: keyof typeof callingHours.holidays, year: number) =>
    [...holidaysOf(callingHours.holidays[name], year)].sort((a, b) => a - b).map((day) => new Date(day * 86_400_000).toISOString().slice(5, 10));
  t.match(
    days("US", 2026).join(" "),
    /01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25/,
    "as OPM has them, with the day on which it is kept",
  );
  t.match(days("FR", 2026).join(" "), /01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25/);
  t.ok(days("ES", 2027).includes("03-26"), "Good Friday of an early Easter");
  for (const [year, easter] of [
    [2024, "03-31"],
    [2025, "04-20"],
    [2038, "04-25"],
    [2285, "03-22"],
  ] as const)
    t.same(
      [...holidaysOf({ source: "", days: ["easter+0"] }, year)].map((day) => new Date(day * 86_400_000).toISOString().slice(5, 10)),
      [easter],
    );
  t.throws(() => holidaysOf({ source: "", days: ["second Tuesday"] }, 2026), /no rule/);
});

t.test("a campaign may keep the hours of further places for everybody, and takes none away by that", async (t) => {
  /** 19:59 and 20:00 in New York, where the law leaves until 21:00. */
  const [before, after] = [Date.parse("2026-11-03T00:59Z"), Date.parse("2026-11-03T01:00Z")];
  const ann: GateCandidate = { address: "+12125550100", timeZone: "America/New_York", suppressed: false };
  const asked = (at: number, laws: readonly string[], policy: GatePolicy = allDay, who = ann) => mayContact(at, who, { ...policy, laws });
  t.ok(isPermit(asked(after, [])));
  t.ok(isPermit(asked(before, ["US-FL"])), "until 20:00, where she is");
  t.match(asked(after, ["US-FL"]), { rule: "outside-legal-hours", retryAt: Date.parse("2026-11-03T13:00Z") });
  const waived = { ...allDay, places: { stateField: "state" } };
  t.match(asked(after, ["US-FL"], waived), { rule: "outside-legal-hours" }, "also where the account waives the others");
  const mailed = { window: allDay.window, defaultTimeZone: "America/New_York" };
  t.match(asked(after, ["US-FL"], mailed, { ...ann, address: "ann@example.com" }), { rule: "outside-legal-hours" }, "and for e-mail");
  const inFlorida = { ...ann, address: "+13055550100" };
  t.match(asked(after, ["US-NY", "US"], allDay, inFlorida), { rule: "outside-legal-hours" }, "what it names takes nothing away");
});

t.test("STOP to an SMS stops calls, too, where the law says so, from its first day", async (t) => {
  // 2027-01-31 begins in Kiribati.
  const first = Date.parse("2027-01-30T10:00:00Z");
  for (const number of ["+12125550101", "+17875550101"]) {
    t.same(stoppedChannels(first - 1, number), ["sms"], number);
    t.same(stoppedChannels(first, number), ["sms", "voice"], number);
  }
  for (const other of ["+14165550101", "+442079460101", "+33142685301", "71234567890", "Carrier", ""])
    t.same(stoppedChannels(first, other), ["sms"], other);
});
