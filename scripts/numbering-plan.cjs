"use strict";
// Writes src/compliance/numbering-plan.json from the metadata that comes with libphonenumber-js. Run it again when that library is updated:
//   node scripts/numbering-plan.cjs 2026-11-22
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const metadata = require("libphonenumber-js/metadata.max.json");
const { version } = require("libphonenumber-js/package.json");

// Places in a country's metadata (libphonenumber-js, format 4).
const leadingDigitsAt = 10;
const typesAt = 11;
const types = { fixed: 0, premium: 3, personal: 4, sharedCost: 9 };

// What the metadata leaves out. North America: exchange 976 is charged for by whoever is called, in every area code (pay-per-call, 47 CFR 64.1501).
const more = { US: ["[2-9]\\d\\d976\\d{4}"] };

function patternsOf(country, names) {
  const all = metadata.countries[country][typesAt] ?? [];
  return names.flatMap((name) => all[types[name]]?.[0] || []);
}

/** How a country that shares its calling code is told from the main one: by its leading digits, else by its fixed lines: mobile numbers are often shared. */
function leadOf(country) {
  const digits = metadata.countries[country][leadingDigitsAt];
  if (digits) return `^(?:${digits})`;
  return `^(?:${patternsOf(country, ["fixed"]).join("|")})$`;
}

function build(dated) {
  const callingCodes = {};
  for (const [code, [main, ...others]] of Object.entries(metadata.country_calling_codes)) {
    if (main !== "001") callingCodes[code] = [{ country: main }, ...others.map((country) => ({ country, pattern: leadOf(country) }))];
  }
  const dear = {};
  for (const country of Object.keys(metadata.countries)) {
    const patterns = [...patternsOf(country, ["premium", "sharedCost", "personal"]), ...(more[country] ?? [])];
    if (patterns.length > 0) dear[country] = `^(?:${patterns.join("|")})$`;
  }
  return { dated, source: `google/libphonenumber, as of libphonenumber-js ${version} (metadata.max.json)`, callingCodes, dear };
}

module.exports = { build };

if (require.main === module) {
  const plan = build(process.argv[2] ?? "");
  writeFileSync(join(__dirname, "../src/compliance/numbering-plan.json"), `${JSON.stringify(plan, null, 1)}\n`);
}
