import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { intBetween, pick, type Random, seededRandom } from "../../../src/kernel/random.ts";

/* A list as a customer's system writes it: twelve columns, numbers in every form, some rows that are no good and some that are there twice. */

const header = "customer_id,first_name,last_name,mobile,language,time_zone,street,city,state,zip,amount_due,due_date";
const zones = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"];
const firstNames = ["Ann", "Bob", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiro"];
const lastNames = ["Nguyen", "Smith", "García", "O'Brien", "Müller", "Kowalski", "Okafor", "Haddad"];
const languages = ["en", "es", "fr"];
const cities = [
  ["New York", "NY", "100"],
  ["Chicago", "IL", "606"],
  ["Denver", "CO", "802"],
  ["Los Angeles", "CA", "900"],
] as const;
const areas = ["212", "213", "303", "305", "312", "404", "415", "512", "602", "617", "702", "713", "718", "773", "816", "917"];
/** Subscribers of an area code, from 200 0000 on; a prime, so that steps of another number come to each of them. */
const perArea = 7_900_001;
const step = 2_654_435_761 % perArea;

const forms: readonly ((area: string, exchange: string, line: string) => string)[] = [
  (area, exchange, line) => `(${area}) ${exchange}-${line}`,
  (area, exchange, line) => `${area}-${exchange}-${line}`,
  (area, exchange, line) => `+1 ${area} ${exchange} ${line}`,
  (area, exchange, line) => `${area}${exchange}${line}`,
  (area, exchange, line) => `1.${area}.${exchange}.${line}`,
];

/** Of a hundred rows one has no usable address, and one is somebody who stands further up. */
const badEach = 100;

/** The number of the nth person, ten digits; of each its own, in no order. */
export function digitsOf(index: number): string {
  return `${areas[index % areas.length]}${2_000_000 + ((Math.floor(index / areas.length) * step) % perArea)}`;
}

/** Writes the file. @returns how many rows of it can be used */
export async function writeRows(path: string, rows: number, seed: number): Promise<number> {
  const random = seededRandom(seed);
  const out = createWriteStream(path);
  out.write(`${header}\n`);
  let usable = 0;
  let text = "";
  for (let index = 0; index < rows; index += 1) {
    const kind = index % badEach;
    if (kind !== 41 && kind !== 83) usable += 1;
    text += row(random, kind === 83 ? index - 50 : index, kind === 41);
    if (text.length < 1 << 16) continue;
    if (!out.write(text)) await once(out, "drain");
    text = "";
  }
  out.end(text);
  await finished(out);
  return usable;
}

function row(random: Random, index: number, bad: boolean): string {
  const digits = digitsOf(index);
  const [city, state, zip] = cities[index % cities.length] ?? cities[0];
  const mobile = bad ? "n/a" : pick(random, forms)(digits.slice(0, 3), digits.slice(3, 6), digits.slice(6));
  const cells = [
    `C-${index}`,
    pick(random, firstNames),
    pick(random, lastNames),
    mobile,
    pick(random, languages),
    zones[index % zones.length] ?? "",
    `"${intBetween(random, 1, 9999)} Main St, Apt ${intBetween(random, 1, 99)}"`,
    city,
    state,
    `${zip}${String(intBetween(random, 0, 99)).padStart(2, "0")}`,
    `${intBetween(random, 10, 9999)}.${String(intBetween(random, 0, 99)).padStart(2, "0")}`,
    `2026-${String(intBetween(random, 1, 12)).padStart(2, "0")}-${String(intBetween(random, 1, 28)).padStart(2, "0")}`,
  ];
  return `${cells.join(",")}\n`;
}
