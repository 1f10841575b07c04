import t from "tap";
import { type Calendar, checkedCalendar, readyCalendar } from "../../src/compliance/calendar.ts";
import type { OwnCalendars } from "../../src/compliance/calendar-ports.ts";
import { explain, type GateCandidate, isPermit, mayContact } from "../../src/compliance/gate.ts";
import { foresee } from "../../src/compliance/preflight.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { gatePolicyOf } from "../../src/strategy/gate-policy.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { defaultChances } from "../../src/strategy/simulate-chances.ts";
import { simulateStrategy } from "../../src/strategy/simulate-strategy.ts";

const office: Calendar = { name: "our-office", meaning: "nobody is in", days: ["2026-12-21..2027-01-15", "US-NY,CA-QC: 12-18", "DE: 12-17"] };
const ready = readyCalendar(office, 3);
const calendars: OwnCalendars = { of: (name) => (name === office.name ? ready : undefined) };
const window = { startMinute: 540, endMinute: 1080, weekdays: [1, 2, 3, 4, 5], holidays: ["US", office.name] };
const policy = { window, defaultTimeZone: "America/New_York", calendars };
const person = (address: string, more: Partial<GateCandidate> = {}): GateCandidate => ({
  ...{ address, timeZone: "America/New_York", suppressed: false },
  ...more,
});
/** At noon in New York. */
const noon = (day: string) => Date.parse(`${day}T17:00Z`);
const nine = (day: string) => Date.parse(`${day}T14:00Z`);

t.test("a calendar says what is wrong with it, and with which day", async (t) => {
  const wrong = (change: Partial<Calendar>, message: RegExp) =>
    t.throws(() => checkedCalendar({ ...office, ...change }), { code: "calendar-invalid", message }, String(message));
  wrong({ name: "Office" }, /lower-case/);
  wrong({ name: "easter-2" }, /is no day/);
  wrong({ meaning: " " }, /Say what/);
  wrong({ meaning: "a\u0007" }, /Say what/);
  wrong({ days: [] }, /1 to 1000/);
  wrong({ days: ["12-24", "12-32", "XX"] }, /^day 2: 12-32 is no day; day 3: XX is neither a calendar \(US, .* or one of your own/);
  wrong({ days: ["other-office"] }, /day 1: other-office is no day/);
  wrong({ days: ["us-ny: 12-24"] }, /day 1: .*; with regions as in US-NY/);
  wrong({ days: ["US-NY: 12-32"] }, /^day 1: 12-32 is no day\.$/);
  wrong({ days: Array.from({ length: 12 }, () => "XX").map((day, index) => `${day}${index}`) }, /and 2 more/);
  t.same(checkedCalendar({ ...office, days: [" 12-24", "12-24", "US-NY, US-CT: 02-12"] }).days, ["12-24", "US-NY, US-CT: 02-12"]);
});

t.test("the gate keeps to a calendar of the account's own where the person is or may be", async (t) => {
  const table: readonly (readonly [what: string, address: string, day: string, open: boolean])[] = [
    ["an ordinary day", "+12125550101", "2026-12-16", true],
    ["the first day of the range", "+12125550101", "2026-12-21", false],
    ["a day of New York, in New York", "+12125550101", "2026-12-18", false],
    ["in New Jersey, by an area code that lies in New York too", "+12015550101", "2026-12-18", false],
    ["in California", "+12135550101", "2026-12-18", true],
    ["in Quebec", "+15145550101", "2026-12-18", false],
    ["in Ontario", "+14165550101", "2026-12-18", true],
    ["a day of all Germany, in Germany", "+4930123456", "2026-12-17", false],
    ["not in France", "+33123456789", "2026-12-17", true],
    ["of a toll-free number nobody knows the state", "+18005550101", "2026-12-18", false],
    ["of a mailbox nobody knows the country", "ann@example.com", "2026-12-17", false],
  ];
  for (const [what, address, day, open] of table) t.equal(isPermit(mayContact(noon(day), person(address), policy)), open, what);
  t.ok(isPermit(mayContact(noon("2026-12-21"), person("+12125550101"), { ...policy, calendars: { of: () => undefined } })));
});

t.test("a closure of weeks is waited for, in the gate, why and preflight alike", async (t) => {
  const closed = noon("2026-12-21");
  // The Monday after is Martin Luther King's birthday.
  const opens = nine("2027-01-19");
  t.same(mayContact(closed, person("+12135550101"), policy), { rule: "holiday", retryAt: opens });
  t.match(
    explain(closed, person("+12135550101"), policy).find(({ step }) => step === "calling-window"),
    { passed: false, rule: "holiday", saw: /its holidays US, our-office \(version 3\)/ },
  );
  t.same(foresee(closed, person("+12135550101"), policy), { at: opens, delayedBy: "holiday" });
  const evening = (day: string) => Date.parse(`${day}T23:30Z`);
  t.same(mayContact(evening("2026-12-18"), person("+12135550101"), policy), { rule: "holiday", retryAt: opens }, "on its eve, too");
  const nextDay = { rule: "outside-calling-window", retryAt: nine("2026-12-17") };
  t.same(mayContact(evening("2026-12-16"), person("+12135550101"), policy), nextDay, "where the next day is none it is the hours");
  const wholeYear = readyCalendar({ ...office, days: ["2026-12-21..2027-12-20"] }, 4);
  t.same(mayContact(closed, person("+12135550101"), { ...policy, calendars: { of: () => wholeYear } }), {
    rule: "holiday",
    retryAt: nine("2027-12-21"),
  });
});

t.test("a campaign without calendars has none, and the simulation of a strategy has them", async (t) => {
  const campaign = { window: { ...window, holidays: undefined }, defaultTimeZone: "UTC", name: "x", channel: "sms", sender: "main" };
  t.notOk("calendars" in gatePolicyOf(campaign as unknown as Parameters<typeof gatePolicyOf>[0], { calendars }));
  const source =
    "name: one\npasses:\n  text:\n    channel: sms\n    template: a\n    sender: main\n    holidays: our-office\n    window: 09:00-18:00\n";
  const { strategy } = readStrategy(source);
  if (strategy === undefined) return t.fail("the strategy can be read");
  const simulated = (own?: OwnCalendars) =>
    simulateStrategy({
      ...{ strategy, calendars: own, people: [{ addresses: ["mobile"], fields: {} }], chances: defaultChances(strategy) },
      ...{ random: seededRandom(1), startAt: noon("2026-12-22"), defaultTimeZone: "America/New_York" },
    }).passes[0]?.firstAt;
  t.equal(simulated(), noon("2026-12-22"));
  t.equal(simulated(calendars), nine("2027-01-16"));
});
