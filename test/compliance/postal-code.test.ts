import t from "tap";
import { isTimeZone } from "../../src/compliance/calling-window.ts";
import { type GateCandidate, type GatePolicy, isPermit, mayContact } from "../../src/compliance/gate.ts";
import { legalHours } from "../../src/compliance/legal-hours.ts";
import { placesOf, zonesThere } from "../../src/compliance/place.ts";
import { postalPlaceOf } from "../../src/compliance/postal-code.ts";
import postalCodes from "../../src/compliance/postal-codes.json" with { type: "json" };

const [east, central, mountain, pacific] = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"];

t.test("a postal code says the state or province, and the zones it may be in", async (t) => {
  const table: readonly (readonly [code: string, states: string, zones: string])[] = [
    // First and last prefixes of states, after USPS Domestic Mail Manual L002.
    ["00501", "NY", east],
    ["01001", "MA", east],
    ["02799", "MA", east],
    ["02801", "RI", east],
    ["06390", "CT NY", east],
    ["07001", "NJ", east],
    ["19701", "DE", east],
    ["20001", "DC", east],
    ["20588", "DC MD VA", east],
    ["33101-1234", "FL", east],
    ["331011234", "FL", east],
    ["32401", "FL", `${central} ${east}`],
    ["32501", "FL", central],
    ["73301", "TX", central],
    ["73949", "OK TX", central],
    ["79821", "TX", `${central} ${mountain}`],
    ["79901", "TX", mountain],
    ["83401", "ID WY", mountain],
    ["83501", "ID", `${mountain} ${pacific}`],
    ["85001", "AZ", "America/Phoenix"],
    ["97901", "OR", `${mountain} ${pacific}`],
    ["98101", "WA", pacific],
    ["99546", "AK", "America/Adak America/Anchorage"],
    ["96799", "AS HI", "Pacific/Honolulu Pacific/Pago_Pago"],
    ["00901", "PR", "America/Puerto_Rico"],
    // What a spreadsheet makes of 02139.
    ["2139", "MA", east],
    // Canada Post: the first letter is the province.
    ["M5V 2T6", "ON", "America/Toronto"],
    ["m5v2t6", "ON", "America/Toronto"],
    ["P0T", "ON", "America/Toronto America/Winnipeg"],
    ["X0A 0H0", "NT NU", "America/Edmonton America/Iqaluit America/Rankin_Inlet America/Winnipeg"],
    ["X1A 2N4", "NT", "America/Edmonton"],
    ["S4P 3Y2", "SK", "America/Edmonton America/Regina"],
  ];
  for (const [code, states, zones] of table) {
    const place = postalPlaceOf(code);
    t.same([place?.states.join(" "), place?.zones.join(" ")], [states, zones], code);
  }
  for (const code of [undefined, "", "09012", "96201", "00001", "D1A 1A1", "1234567", "10115 Berlin", "SW1A 1AA", "33"])
    t.equal(postalPlaceOf(code), undefined, String(code));
});

t.test("the table has every state once in one piece of data, and only zones that are known", async (t) => {
  const rows = [...postalCodes.zips, ...postalCodes.canada];
  for (const [prefix = "", zones = ""] of rows) t.ok(zones.split(" ").every(isTimeZone), prefix);
  const states = new Set(rows.flatMap(([, , found = ""]) => found.split(" ")));
  // 50 states, the District of Columbia, five territories; thirteen provinces and territories.
  t.equal(states.size, 50 + 1 + 5 + 13, [...states].sort().join(" "));
});

const fieldNames = { stateField: "state", postalField: "postal_code" };
const places = { ...fieldNames, hours: legalHours };
const allDay: GatePolicy = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC", places };
const person = (address: string, postalCode: string, more: Readonly<Record<string, string>> = {}): GateCandidate => ({
  ...{ address, timeZone: undefined, fields: { postal_code: postalCode, ...more }, suppressed: false },
});
/** A Monday. */
const at = (time: string) => Date.parse(`2026-11-02T${time}:00Z`);

t.test("a postal code counts beside the area code, and the stricter of both wins", async (t) => {
  const zones = (address: string, code: string) => zonesThere(person(address, code), fieldNames);
  t.same(zones("+12135550100", "90001"), [pacific], "the same");
  t.same(zones("+18505550100", "32501"), [central], "the Panhandle lies in two, Pensacola in one of them");
  t.same(zones("+12135550100", "10001"), [pacific, east], "moved, and kept the number");
  t.same(zones("+18005550100", "10001"), [east], "a number that says nothing");
  t.same(zones("+12135550100", "09012"), [pacific], "a code that says nothing");
  t.same(zones("+493012345678", "10115"), ["Europe/Berlin"], "a code of Germany is no ZIP code");
  t.same(placesOf(person("+12135550100", "33101", { state: "TX" }), fieldNames), ["US", "US-CA", "US-TX", "US-FL"]);
  t.same(placesOf(person("+12135550100", "M5V 2T6"), fieldNames), ["US", "US-CA", "CA", "CA-ON"]);
  t.same(placesOf(person("+12135550100", "00901"), fieldNames), ["US", "US-CA", "PR"]);
  t.same(placesOf(person("+493012345678", "33101"), fieldNames), ["DE"]);

  const open = (time: string, candidate: GateCandidate) => isPermit(mayContact(at(time), candidate, allDay));
  // Fla. Stat. § 501.616(6)(a): from 8 a.m. until 8 p.m. there; 16 CFR 310.4(c): until 9 p.m. in California. Both are UTC-5 and UTC-8 on that day.
  const moved = person("+12135550100", "33101");
  for (const [time, is] of [
    ["15:59", false],
    ["16:00", true],
    ["00:59", true],
    ["01:00", false],
  ] as const)
    t.equal(open(time, moved), is, `${time} UTC: not before 8:00 in Los Angeles, not after 20:00 in Miami`);
  t.equal(open("04:59", person("+12135550100", "90001")), true, "until 21:00 at home");
  t.equal(
    open("01:00", { ...moved, timeZone: pacific }),
    true,
    "17:00 in the zone that the list says, which is certain; and in Florida's hours there",
  );
  t.equal(open("04:00", { ...moved, timeZone: pacific }), false, "20:00 there: Florida's law counts all the same");
});
