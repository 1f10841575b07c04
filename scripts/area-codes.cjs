"use strict";
// Writes src/compliance/area-codes.json from the time zones and places that come with google/libphonenumber (Apache-2.0). Run it again when that is updated:
//   node scripts/area-codes.cjs CHECKOUT-OF-LIBPHONENUMBER 2026-07-17
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [checkout, dated] = process.argv.slice(2);
if (!checkout || !dated) throw new Error("usage: area-codes.cjs CHECKOUT DATE-OF-ITS-LAST-COMMIT");

const states = {};
for (const pair of (
  "Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,Florida FL,Georgia GA,Hawaii HI,Idaho ID,Illinois IL," +
  "Indiana IN,Iowa IA,Kansas KS,Kentucky KY,Louisiana LA,Maine ME,Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,Mississippi MS,Missouri MO,Montana MT," +
  "Nebraska NE,Nevada NV,New Hampshire NH,New Jersey NJ,New Mexico NM,New York NY,New York State NY,North Carolina NC,North Dakota ND,Ohio OH,Oklahoma OK," +
  "Oregon OR,Pennsylvania PA,Rhode Island RI,South Carolina SC,South Dakota SD,Tennessee TN,Texas TX,Utah UT,Vermont VT,Virginia VA,Washington WA," +
  "Washington State WA,West Virginia WV,Wisconsin WI,Wyoming WY,Washington D.C. DC,Alberta AB,British Columbia BC,British Colombia BC,Manitoba MB," +
  "New Brunswick NB,Newfoundland and Labrador NL,Nova Scotia NS,Ontario ON,Quebec QC,Saskatchewan SK"
).split(",")) {
  const [, name, code] = /^(.*) ([A-Z]{2})$/.exec(pair);
  states[name] = code;
}

// Codes laid over an area that has another one already have the zones of all of that area, of which the source has often only the larger.
const overlays = [
  ["205", "659"],
  ["208", "986"],
  ["250", "236", "257", "672", "778"],
  ["270", "364"],
  ["306", "474", "639"],
  ["418", "367", "581"],
  ["541", "458"],
  ["812", "930"],
  ["819", "468", "873"],
  ["850", "448"],
];
// What the source lacks: small parts of an area that have another time (North American Numbering Plan Administrator, maps of area codes; 49 CFR part 71).
const moreZones = { 432: ["America/Denver"], 931: ["America/New_York"] };

const found = {};
const of = (code) => (found[code] ??= { zones: new Set(), states: new Set() });
const lines = (path) => readFileSync(join(checkout, path), "utf8").matchAll(/^1(\d{3})\d*\|(.*)$/gm);
for (const [, code, zones] of lines("resources/timezones/map_data.txt")) for (const zone of zones.split("&")) of(code).zones.add(zone);
for (const [, code, place] of lines("resources/geocoding/en/1.txt")) {
  const state = states[place] ?? /, ([A-Z]{2})$/.exec(place)?.[1];
  if (state !== undefined) of(code).states.add(state);
}
for (const [code, zones] of Object.entries(moreZones)) for (const zone of zones) of(code).zones.add(zone);
for (const codes of overlays) {
  const zones = new Set(codes.flatMap((code) => [...of(code).zones]));
  for (const code of codes) of(code).zones = zones;
}

const codes = Object.fromEntries(
  Object.entries(found)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([code, { zones, states: named }]) => [code, [[...zones].sort().join(" "), [...named].sort().join(" ")]]),
);
const source = "google/libphonenumber, resources/timezones/map_data.txt and resources/geocoding/en/1.txt (Apache-2.0)";
writeFileSync(join(__dirname, "../src/compliance/area-codes.json"), `${JSON.stringify({ dated, source, codes }, null, 2)}\n`);
