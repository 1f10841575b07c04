"use strict";
// Writes src/access/known-passwords.bin from a list of passwords that leaked, one a line, the most used first, such as the 10 Million Password List (Mark Burnett, 2015):
//   node scripts/known-passwords.cjs LIST
// Of each of the first 20,000 that are long enough to be chosen: the first five bytes of the SHA-256 of its small letters, in order.
const { createHash } = require("node:crypto");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [list] = process.argv.slice(2);
if (!list) throw new Error("usage: known-passwords.cjs LIST");
const [shortest, most, bytes] = [12, 20_000, 5];

const words = new Set();
for (const line of readFileSync(list, "utf8").split(/\r?\n/)) {
  const word = line.normalize("NFKC").toLowerCase();
  if ([...word].length >= shortest && words.size < most) words.add(word);
}
const hashes = Array.from(words, (word) => createHash("sha256").update(word).digest().subarray(0, bytes)).sort(Buffer.compare);
writeFileSync(join(__dirname, "../src/access/known-passwords.bin"), Buffer.concat(hashes));
process.stdout.write(`${hashes.length} passwords\n`);
