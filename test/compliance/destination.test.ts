import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { getCountries, getCountryCallingCode, getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import t from "tap";
import { countryOf, destinationRefused } from "../../src/compliance/destination.ts";

t.test("which country a number is in", async (t) => {
  const rows = [
    ["+12125550100", "US"],
    ["+15550100123", "US"],
    ["+14165550100", "CA"],
    ["+18765550100", "JM"],
    ["+12685550100", "AG"],
    ["+18095550100", "DO"],
    ["+442079460100", "GB"],
    ["+441481960194", "GG"],
    ["+74951234567", "RU"],
    ["+77012345678", "KZ"],
    ["+390612345678", "IT"],
    ["+3531234567", "IE"],
    ["+870773111632", undefined],
    ["+881612345678", undefined],
    ["+8823421234567", undefined],
    ["+979123456789", undefined],
    ["+80012345678", undefined],
    ["+9991234567", undefined],
  ] as const;
  for (const [number, country] of rows) t.equal(countryOf(number)?.country, country, number);
  const shared = ["AX", "BL", "CC", "CX", "EH", "GG", "GP", "IM", "JE", "MF", "SJ", "VA", "YT"];
  const wrong = getCountries().filter((country) => {
    const example = getExampleNumber(country, examples);
    const found = example && countryOf(example.number)?.country;
    const [main] = getCountries().filter((other) => other === found && getCountryCallingCode(other) === getCountryCallingCode(country));
    return example && found !== country && (main === undefined || !shared.includes(country));
  });
  t.same(wrong, [], "every country's mobile numbers are its own, but for a few that share them with the main country of their calling code");
});

t.test("the guard against toll fraud", async (t) => {
  const home = { countries: ["US", "GB", "DE", "FR"], premium: false };
  const rows = [
    ["+12125550100", undefined],
    ["+15550100123", undefined],
    ["+18005550100", undefined],
    ["+19002345678", "premium-number"],
    ["+12129761234", "premium-number"],
    ["+15002345678", "premium-number"],
    ["+442079460100", undefined],
    ["+447400123456", undefined],
    ["+449012345678", "premium-number"],
    ["+447012345678", "premium-number"],
    ["+4915123456789", undefined],
    ["+499001234567", "premium-number"],
    ["+491805123456", "premium-number"],
    ["+33899123456", "premium-number"],
    ["+33612345678", undefined],
    ["+18765550100", "country-not-allowed"],
    ["+18095550100", "country-not-allowed"],
    ["+14165550100", "country-not-allowed"],
    ["+37126123456", "country-not-allowed"],
    ["+25261234567", "country-not-allowed"],
    ["+881612345678", "country-not-allowed"],
    ["+979123456789", "country-not-allowed"],
  ] as const;
  for (const [number, refused] of rows) t.equal(destinationRefused(number, home), refused, number);
  t.equal(destinationRefused("+19002345678", { ...home, premium: true }), undefined, "unless the account wants them");
  t.equal(destinationRefused("+12125550100", { countries: [], premium: true }), "country-not-allowed", "no countries, no calls");
});

t.test("the numbering plan is dated, and as the library has it", async (t) => {
  const path = new URL("../../src/compliance/numbering-plan.json", import.meta.url);
  const plan = JSON.parse(readFileSync(path, "utf8"));
  t.match(plan.dated, /^\d{4}-\d\d-\d\d$/);
  const { build } = createRequire(import.meta.url)("../../scripts/numbering-plan.cjs");
  t.same(plan, build(plan.dated), "node scripts/numbering-plan.cjs DATE writes it anew");
});
