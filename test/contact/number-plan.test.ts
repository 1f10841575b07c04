import { type CountryCode, getCountries, getCountryCallingCode, getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import t, { type Test } from "tap";
import { readAnyNumber } from "../../src/contact/normalise.ts";
import { readPlainNumber } from "../../src/contact/number-plan.ts";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const countries = getCountries();

const digitsFrom = (random: Random, count: number) => Array.from({ length: Math.max(0, count) }, () => intBetween(random, 0, 9)).join("");

/** A number of a country as somebody might write it: near one that exists, or made up; with or without its code and trunk prefix. */
function written(random: Random, country: CountryCode): string {
  const example = getExampleNumber(country, examples)?.nationalNumber ?? digitsFrom(random, 9);
  const kept = intBetween(random, 0, example.length);
  const national = example.slice(0, kept) + digitsFrom(random, example.length - kept + pick(random, [0, 0, 0, 0, 0, 1, -1]));
  const code = getCountryCallingCode(country);
  const front = pick(random, [
    "",
    "",
    "0",
    "1",
    "8",
    "00",
    "011",
    `+${code}`,
    `+${code}`,
    `+${code} `,
    `+${code}0`,
    `+ ${code}`,
    `+${code} (0)`,
    code,
    `00${code}`,
  ]);
  const digits = [...national];
  for (let times = intBetween(random, 0, 3); times > 0; times -= 1)
    digits.splice(intBetween(random, 0, digits.length), 0, pick(random, [" ", "-", ".", ") ", " (", "/", " - ", "x", "."]));
  return `${front}${digits.join("")}${pick(random, ["", "", "", "", ".0", " "])}`.trim();
}

function compare(t: Test, texts: Iterable<readonly [text: string, country: CountryCode]>): number {
  let short = 0;
  for (const [text, country] of texts) {
    const plain = text === "" ? undefined : readPlainNumber(text, country);
    if (!plain) continue;
    short += 1;
    const whole = readAnyNumber(text, country);
    if (!("number" in whole) || whole.number !== plain.number || whole.kind !== plain.kind)
      t.same(plain, whole, `seed ${seed}: ${text} in ${country}`);
  }
  return short;
}

t.test("the short way says what libphonenumber says, in every country", (t) => {
  const random = seededRandom(seed);
  function* everywhere(): Generator<[string, CountryCode]> {
    for (const country of countries)
      for (let times = 0; times < 500; times += 1) yield [written(random, country), pick(random, [country, country, country, "US", "GB"])];
  }
  const short = compare(t, everywhere());
  t.ok(short > 10_000, `${short} numbers went the short way (seed ${seed})`);
  t.end();
});

t.test("also all over North America, where one code is shared by 25 countries, in every usual form", (t) => {
  const random = seededRandom(seed + 1);
  const forms = ["+1AAABBBCCCC", "(AAA) BBB-CCCC", "1-AAA-BBB-CCCC", "AAABBBCCCC", "1.AAA.BBB.CCCC", "+1 AAA BBB CCCC"];
  let short = 0;
  let tried = 0;
  for (let area = 200; area < 1000; area += 1)
    for (let times = 0; times < 25; times += 1) {
      const [exchange, line] = [digitsFrom(random, 3), digitsFrom(random, 4)];
      const text = pick(random, forms).replace("AAA", String(area)).replace("BBB", exchange).replace("CCCC", line);
      tried += 1;
      short += compare(t, [[text, pick(random, ["US", "US", "CA", "JM"] as const)]]);
    }
  t.ok(short > tried / 4, `${short} of ${tried} (seed ${seed})`);
  for (const form of forms) t.ok(readPlainNumber(form.replace("AAA", "212").replace("BBB", "555").replace("CCCC", "0123"), "US"), form);
  t.end();
});
