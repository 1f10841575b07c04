import t from "tap";
import { type GateCandidate, isPermit, mayContact } from "../../src/compliance/gate.ts";
import { holidayRefused, holidayTest } from "../../src/compliance/holiday-calendar.ts";

const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

t.test("which days are holidays", async (t) => {
  const table: readonly (readonly [holidays: readonly string[], day: string, is: boolean])[] = [
    [["US"], "2026-11-26", true],
    [["US"], "2026-11-27", false],
    // Independence Day of 2026 is a Saturday, and kept on the Friday; New Year's Day of 2028 is one, too.
    [["US"], "2026-07-03", true],
    [["US"], "2026-07-04", true],
    [["US"], "2027-12-31", true],
    [["DE"], "2026-07-04", false],
    [["GB"], "2026-04-06", true],
    [["FR"], "2026-07-14", true],
    [["ES"], "2026-12-08", true],
    // Victoria Day is the Monday before 25 May: on the 18th in 2026, when the 25th is a Monday itself.
    [["CA"], "2026-05-18", true],
    [["CA"], "2026-05-25", false],
    [["CA"], "2027-05-24", true],
    [["CA"], "2026-09-30", true],
    [["CA"], "2026-10-12", true],
    [["CA"], "2026-02-16", false],
    [["CA-ON"], "2026-02-16", true],
    [["CA-ON"], "2026-09-30", false],
    [["CA-NL"], "2026-02-16", false],
    [["CA-QC"], "2026-06-24", true],
    [["CA-QC"], "2026-11-11", false],
    [["CA-BC"], "2026-08-03", true],
    [["CA-YT"], "2026-08-17", true],
    [["CA-NU"], "2026-07-09", true],
    [["05-mon-before-25"], "2026-05-18", true],
    [["12-24"], "2031-12-24", true],
    [["2026-12-24"], "2026-12-24", true],
    [["2026-12-24"], "2027-12-24", false],
    [["easter+1"], "2026-04-06", true],
    [["11-thu-4", "2026-11-27"], "2026-11-27", true],
    [["2026-12-24..2027-01-02"], "2026-12-31", true],
    [["2026-12-24..2027-01-02"], "2027-01-03", false],
    [["2026-12-24..2027-01-02"], "2027-12-31", false],
    [["12-24..01-02"], "2031-12-24", true],
    [["12-24..01-02"], "2032-01-02", true],
    [["12-24..01-02"], "2032-01-03", false],
    [["07-01..07-14"], "2026-07-15", false],
    [["07-01..07-14"], "2026-07-01", true],
    [["our-office"], "2026-12-25", false],
    [[], "2026-12-25", false],
  ];
  for (const [holidays, day, is] of table) t.equal(holidayTest(holidays)(dayOf(day)), is, `${holidays} ${day}`);
});

t.test("what is no holiday is refused with what there is", async (t) => {
  for (const text of ["US", "12-24", "2028-02-29", "05-mon-last", "05-mon-before-25", "easter-2", "12-24..01-02", "our-office"])
    t.equal(holidayRefused(text), undefined, text);
  for (const text of [
    "XX",
    "2027-02-29",
    "Christmas",
    "12-foo-1",
    "05-mon-before-5",
    "",
    "13-01",
    "02-30",
    "2026-12-24..01-02",
    "2027-01-02..2026-12-24",
    "2026-01-01..2027-01-02",
    "12-24..",
    "11-thu-4..12-24",
  ])
    t.type(holidayRefused(text), "string", text);
});

t.test("the gate waits for the next day that is none, where the person is", async (t) => {
  const candidate: GateCandidate = { address: "+12125550123", timeZone: "America/New_York", suppressed: false };
  const window = { startMinute: 540, endMinute: 1080, weekdays: [1, 2, 3, 4, 5], holidays: ["US", "2026-11-27"] };
  const ask = (at: string) => mayContact(Date.parse(at), candidate, { window, defaultTimeZone: "UTC" });
  t.same(ask("2026-11-26T15:00Z"), { rule: "holiday", retryAt: Date.parse("2026-11-30T14:00Z") }, "over the week-end, too");
  t.match(
    ask("2026-11-26T02:00Z"),
    { rule: "holiday", retryAt: Date.parse("2026-11-30T14:00Z") },
    "in the evening before: it is the holiday that is waited for",
  );
  t.ok(isPermit(ask("2026-11-25T15:00Z")));
  t.ok(isPermit(ask("2026-11-30T15:00Z")));
  t.match(mayContact(Date.parse("2026-12-25T15:00Z"), candidate, { window: { ...window, holidays: ["DE"] }, defaultTimeZone: "UTC" }), {
    rule: "holiday",
  });
});
