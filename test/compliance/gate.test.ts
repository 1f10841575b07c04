import { DateTime } from "luxon";
import t from "tap";
import { type CallingWindow, hoursOf, isTimeZone, openInEvery } from "../../src/compliance/calling-window.ts";
import { type GateCandidate, type GatePolicy, gateRules, isPermit, mayContact, permitMs } from "../../src/compliance/gate.ts";
import { foresee } from "../../src/compliance/preflight.ts";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const eightToNine: CallingWindow = { startMinute: 8 * 60, endMinute: 21 * 60, weekdays: everyDay };
const hours = (start: string, end: string, weekdays: readonly number[] = everyDay): CallingWindow => ({
  startMinute: minute(start),
  endMinute: minute(end),
  weekdays,
});
const minute = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const utc = (text: string) => Date.parse(text);
const windowInEvery = (at: number, zones: readonly string[], window: CallingWindow) =>
  openInEvery(
    at,
    zones.map((zone) => ({ zone, hours: hoursOf(window) })),
  );
const show = (at: number | undefined) => (at === undefined ? "never" : new Date(at).toISOString().replace(":00.000Z", "Z"));

t.test("the window on the clock of the called person's wall", async (t) => {
  // at (UTC), zone, window, open?, next change (UTC)
  const cases: [string, string, CallingWindow, boolean, string][] = [
    // Plain days, and the two edges: the start is in, the end is out.
    ["2026-01-15T13:00Z", "America/New_York", eightToNine, true, "2026-01-16T02:00Z"],
    ["2026-01-15T12:59Z", "America/New_York", eightToNine, false, "2026-01-15T13:00Z"],
    ["2026-01-16T01:59Z", "America/New_York", eightToNine, true, "2026-01-16T02:00Z"],
    ["2026-01-16T02:00Z", "America/New_York", eightToNine, false, "2026-01-16T13:00Z"],
    // The same instant elsewhere.
    ["2026-01-15T13:00Z", "America/Chicago", eightToNine, false, "2026-01-15T14:00Z"],
    ["2026-01-15T13:00Z", "Europe/Berlin", eightToNine, true, "2026-01-15T20:00Z"],
    ["2026-01-15T13:00Z", "Asia/Kolkata", eightToNine, true, "2026-01-15T15:30Z"],
    // +13, +14 and -11: another weekday than in UTC.
    ["2026-01-15T18:59Z", "Pacific/Tongatapu", eightToNine, false, "2026-01-15T19:00Z"],
    ["2026-01-15T19:00Z", "Pacific/Tongatapu", hours("08:00", "21:00", [5]), true, "2026-01-16T08:00Z"],
    ["2026-01-15T18:00Z", "Pacific/Kiritimati", hours("08:00", "21:00", [5]), true, "2026-01-16T07:00Z"],
    ["2026-01-16T07:59Z", "Pacific/Pago_Pago", hours("08:00", "21:00", [4]), true, "2026-01-16T08:00Z"],
    ["2026-01-16T08:00Z", "Pacific/Pago_Pago", hours("08:00", "21:00", [4]), false, "2026-01-22T19:00Z"],
    // No calls on Sunday: from Saturday's end to Monday's start.
    ["2026-01-18T02:00Z", "America/New_York", hours("08:00", "21:00", [1, 2, 3, 4, 5, 6]), false, "2026-01-19T13:00Z"],
    ["2026-01-18T15:00Z", "America/New_York", hours("08:00", "21:00", [1, 2, 3, 4, 5, 6]), false, "2026-01-19T13:00Z"],
    // Midnight: a window to 24:00 ends there unless the next day begins with one.
    ["2026-01-15T22:30Z", "Europe/London", hours("22:00", "24:00", [4]), true, "2026-01-16T00:00Z"],
    ["2026-01-15T22:30Z", "Europe/London", hours("00:00", "24:00"), true, "never"],
    ["2026-01-15T22:30Z", "Europe/London", hours("00:00", "24:00", [4, 5]), true, "2026-01-17T00:00Z"],
    ["2026-01-15T00:00Z", "Europe/London", hours("00:00", "01:00"), true, "2026-01-15T01:00Z"],
    // New York springs forward on 2026-03-08 at 02:00 (07:00Z): the start comes an hour sooner in UTC.
    ["2026-03-07T13:00Z", "America/New_York", eightToNine, true, "2026-03-08T02:00Z"],
    ["2026-03-08T02:00Z", "America/New_York", eightToNine, false, "2026-03-08T12:00Z"],
    // A start within the hour that does not exist: it opens as the clock jumps over it.
    ["2026-03-08T06:30Z", "America/New_York", hours("02:30", "12:00"), false, "2026-03-08T07:00Z"],
    // A window that lies in that hour altogether does not open on that day.
    ["2026-03-08T06:30Z", "America/New_York", hours("02:10", "02:50"), false, "2026-03-09T06:10Z"],
    // An end within it: it closes as the clock jumps.
    ["2026-03-08T06:30Z", "America/New_York", hours("00:00", "02:30"), true, "2026-03-08T07:00Z"],
    // New York falls back on 2026-11-01 at 02:00 (06:00Z): 01:00 to 02:00 comes twice.
    ["2026-10-31T12:00Z", "America/New_York", eightToNine, true, "2026-11-01T01:00Z"],
    ["2026-11-01T01:00Z", "America/New_York", eightToNine, false, "2026-11-01T13:00Z"],
    ["2026-11-01T04:30Z", "America/New_York", hours("00:00", "01:30"), true, "2026-11-01T05:30Z"],
    ["2026-11-01T05:45Z", "America/New_York", hours("00:00", "01:30"), false, "2026-11-01T06:00Z"],
    ["2026-11-01T05:45Z", "America/New_York", hours("01:30", "04:00"), true, "2026-11-01T06:00Z"],
    ["2026-11-01T06:15Z", "America/New_York", hours("01:30", "04:00"), false, "2026-11-01T06:30Z"],
    // Half an hour of daylight saving (Lord Howe falls back 2026-04-05 02:00 +11 to 01:30 +10:30).
    ["2026-04-04T14:00Z", "Australia/Lord_Howe", hours("08:00", "20:00"), false, "2026-04-04T21:30Z"],
    // A change at midnight itself (Beirut springs forward 2026-03-29 00:00 to 01:00, a Sunday).
    ["2026-03-28T21:30Z", "Asia/Beirut", hours("00:00", "24:00", [6]), true, "2026-03-28T22:00Z"],
    ["2026-03-28T21:30Z", "Asia/Beirut", hours("00:30", "10:00", [7]), false, "2026-03-28T22:00Z"],
    // Samoa had no 30 December 2011, a Friday.
    ["2011-12-30T09:59Z", "Pacific/Apia", hours("08:00", "21:00", [5]), false, "2012-01-05T18:00Z"],
  ];
  for (const [at, zone, window, open, change] of cases) {
    const state = windowInEvery(utc(at), [zone], window);
    const next = state.open ? state.closesAt : state.opensAt;
    t.same([state.open, show(next)], [open, change], `${at} ${zone} ${window.startMinute}-${window.endMinute} on ${window.weekdays.join("")}`);
  }
});

t.test("against a clock that is walked minute by minute", async (t) => {
  const seed = 20260308;
  const random = seededRandom(seed);
  const zones = [
    "America/New_York",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Tehran",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Asia/Kathmandu",
  ];
  const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  for (let round = 0; round < 60; round++) {
    const zone = pick(random, zones);
    const start = intBetween(random, 0, 1300);
    const window = { startMinute: start, endMinute: intBetween(random, start + 1, 1440), weekdays: everyDay.filter(() => random.next() < 0.8) };
    // March, April, September, October, November: where the clocks change.
    const at = Date.UTC(2026, pick(random, [2, 3, 8, 9, 10]), intBetween(random, 1, 30), intBetween(random, 0, 23), intBetween(random, 0, 59));
    const wall = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const isOpen = (instant: number) => {
      const parts = Object.fromEntries(wall.formatToParts(instant).map((part) => [part.type, part.value]));
      const now = Number(parts["hour"]) * 60 + Number(parts["minute"]);
      return window.weekdays.includes(weekdayNames.indexOf(parts["weekday"] ?? "") + 1) && now >= window.startMinute && now < window.endMinute;
    };
    const state = windowInEvery(at, [zone], window);
    let walked = at;
    while (walked < at + 3 * 86_400_000 && isOpen(walked) === state.open) walked += 60_000;
    const change = (state.open ? state.closesAt : state.opensAt) ?? Number.POSITIVE_INFINITY;
    const facts = `seed ${seed} round ${round}: ${new Date(at).toISOString()} ${zone} ${JSON.stringify(window)}`;
    t.equal(state.open, isOpen(at), facts);
    if (walked < at + 3 * 86_400_000) t.equal(show(change), show(walked), facts);
    else t.ok(change >= walked, facts);
  }
});

t.test("asked again and again, forwards and backwards, it answers the same", async (t) => {
  const window = hours("08:00", "21:00");
  const instants = ["2026-03-07T13:00Z", "2026-03-07T20:00Z", "2026-03-08T01:59Z", "2026-03-08T02:00Z", "2026-03-08T11:59Z", "2026-03-08T12:00Z"].map(
    utc,
  );
  for (const at of [...instants, ...instants.toReversed()]) {
    for (const zone of ["America/New_York", "America/Chicago"])
      t.same(windowInEvery(at, [zone], window), windowInEvery(at, [zone], { ...window }), `${show(at)} ${zone}`);
  }
});

t.test("of several zones the strictest", async (t) => {
  const both = ["America/New_York", "America/Chicago"];
  const cases: [string, boolean, string][] = [
    ["2026-01-15T13:30Z", false, "2026-01-15T14:00Z"],
    ["2026-01-15T14:00Z", true, "2026-01-16T02:00Z"],
    ["2026-01-16T02:30Z", false, "2026-01-16T14:00Z"],
  ];
  for (const [at, open, change] of cases) {
    const state = windowInEvery(utc(at), both, eightToNine);
    t.same([state.open, show(state.open ? state.closesAt : state.opensAt)], [open, change], at);
  }
  t.same(
    windowInEvery(utc("2026-01-15T13:00Z"), ["Pacific/Kiritimati", "Pacific/Pago_Pago"], hours("09:00", "10:00")),
    { open: false },
    "zones whose hours never meet",
  );
});

t.test("the gate", async (t) => {
  const noon = DateTime.fromISO("2026-01-15T12:00", { zone: "America/Denver" }).toMillis();
  const someone: GateCandidate = { address: "+13035550100", timeZone: "America/Denver", suppressed: false };
  const policy: GatePolicy = { window: eightToNine, defaultTimeZone: "America/New_York" };
  const cases: [string, Partial<GateCandidate>, Partial<GatePolicy>, string][] = [
    ["in their hours", {}, {}, "permit"],
    ["suppressed, even so", { suppressed: true }, {}, "suppressed"],
    ["no zone of their own: the campaign's counts", { timeZone: undefined }, {}, "permit"],
    ["and closes as there", { timeZone: undefined }, { defaultTimeZone: "Asia/Tokyo" }, "outside-calling-window"],
    ["a zone nobody knows is not the campaign's", { timeZone: "America/Nowhere" }, {}, "unknown-time-zone"],
    ["an empty one neither", { timeZone: "" }, {}, "unknown-time-zone"],
    ["nor a bare offset", { timeZone: "+05:00" }, {}, "unknown-time-zone"],
    ["nor what breaks the formatter", { timeZone: "../../etc/passwd" }, {}, "unknown-time-zone"],
    ["a campaign's that nobody knows", { timeZone: undefined }, { defaultTimeZone: "Mars/Base" }, "unknown-time-zone"],
    ["no weekday at all", {}, { window: hours("08:00", "21:00", []) }, "window-never-opens"],
    ["an end before the start", {}, { window: hours("21:00", "08:00") }, "window-never-opens"],
    ["a number the trunk may call", {}, { destinationPrefixes: ["+44", "+1303"] }, "permit"],
    ["one it may not", {}, { destinationPrefixes: ["+44", "+1212"] }, "destination-not-allowed"],
    ["a country the account calls", {}, { destinations: { countries: ["US"], premium: false } }, "permit"],
    ["one it does not", {}, { destinations: { countries: ["GB"], premium: true } }, "country-not-allowed"],
    ["a number that costs more", { address: "+19005550100" }, { destinations: { countries: ["US"], premium: false } }, "premium-number"],
    ["abandoned, where nobody can be again", { abandonedAt: noon - 1000 }, {}, "permit"],
    ["where that may be", { abandonedAt: noon - 1000 }, { abandonedPauseMs: 3_600_000 }, "abandoned-before"],
    ["long ago", { abandonedAt: noon - 3_600_000 }, { abandonedPauseMs: 3_600_000 }, "permit"],
    ["suppression is said first", { suppressed: true, timeZone: "X/Y" }, { destinationPrefixes: ["+44"] }, "suppressed"],
  ];
  for (const [name, candidate, more, wanted] of cases) {
    const decision = mayContact(noon, { ...someone, ...candidate }, { ...policy, ...more });
    t.equal(isPermit(decision) ? "permit" : decision.rule, wanted, name);
    // A final refusal has no time to come back at; any other must have one, and then the gate must say yes.
    if (isPermit(decision)) continue;
    t.equal(
      decision.retryAt === undefined,
      new Map<string, { final: boolean }>(Object.entries(gateRules)).get(decision.rule)?.final,
      `${name}: final or not`,
    );
    if (decision.retryAt !== undefined)
      t.ok(isPermit(mayContact(decision.retryAt, { ...someone, ...candidate }, { ...policy, ...more })), `${name}: open then`);
  }

  const long = mayContact(noon, someone, policy);
  t.equal(isPermit(long) && long.untilMs, noon + permitMs, "a permit does not last as long as the window");
  const late = DateTime.fromISO("2026-01-15T20:58", { zone: "America/Denver" }).toMillis();
  const short = mayContact(late, someone, policy);
  t.equal(isPermit(short) && short.untilMs, late + 120_000, "nor beyond its end");
});

t.test("who is on the telephone is not for ever: a preflight counts them, and what holds them back", async (t) => {
  const someone: GateCandidate = { address: "+12125550101", timeZone: "UTC", suppressed: false, onTheLine: true };
  const policy: GatePolicy = { window: hours("00:00", "24:00"), defaultTimeZone: "UTC" };
  const at = utc("2026-01-15T12:00Z");
  t.same(mayContact(at, someone, policy), { rule: "on-the-line", retryAt: at + 60_000 });
  t.match(foresee(at, someone, policy), { delayedBy: "on-the-line", at: at + 60_000 });
});

t.test("what is a zone", async (t) => {
  for (const name of ["America/Indiana/Indianapolis", "Europe/Kyiv", "UTC", "america/new_york"]) t.equal(isTimeZone(name), true, name);
  for (const name of ["", "+01:00", "America", "Chicago", "New York", "__proto__", "constructor", "GMT+25", "America/New_York\n"])
    t.equal(isTimeZone(name), false, name);
});
