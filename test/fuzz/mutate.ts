import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";

/** Another seed with each run; set TEST_SEED to see a failure again. */
export const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

/** What parsers stumble over: ends, numbers beyond every type, halves of encodings, names of the object's own. */
const tokens = [
  "\0",
  "\r",
  "\n",
  "\r\n\r\n",
  "\n\n",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "<",
  ">",
  '"',
  "|",
  "=",
  "%",
  "%ff",
  "%zz",
  "\\",
  "[",
  "(",
  "*",
  "\u001b[2J",
  "\ud800",
  "\ufeff",
  "é",
  "-1",
  "0",
  "00",
  "4294967296",
  "99999999999999999999",
  "1e309",
  "NaN",
  "Infinity",
  "0x7f",
  "2147483648",
  "__proto__",
  "constructor",
  "toString",
  "undefined",
  "null",
  "true",
  "{}",
  "[]",
  '{"a":',
  "$1",
  "../..",
  "SIP/2.0",
  "INVITE",
  "CSeq: 1 BYE\r\n",
  "Content-Length: 99999\r\n",
  "Content-Length: -1\r\n",
  "sip:",
  "sips:@",
  "a=rtpmap:",
  "m=audio ",
  "c=IN IP6 ::",
  "x".repeat(3000),
];

/** Mutates inputs so that a seed always gives the same ones. */
export class Mutator {
  readonly random: Random;

  constructor(salt: number) {
    this.random = seededRandom(seed * 31 + salt);
  }

  /** The text with one to four wounds. */
  text(original: string): string {
    let text = original;
    for (let count = intBetween(this.random, 1, 4); count > 0; count -= 1) text = this.#wound(text);
    return text;
  }

  /** The same for bytes. */
  bytes(original: Uint8Array): Buffer {
    const bytes = Buffer.from(original);
    for (let count = intBetween(this.random, 1, 8); count > 0 && bytes.length > 0; count -= 1)
      bytes[intBetween(this.random, 0, bytes.length - 1)] = intBetween(this.random, 0, 255);
    const how = intBetween(this.random, 0, 3);
    if (how === 0) return bytes.subarray(0, intBetween(this.random, 0, bytes.length));
    if (how === 1) return Buffer.concat([bytes, bytes.subarray(intBetween(this.random, 0, bytes.length))]);
    return bytes;
  }

  #wound(text: string): string {
    const at = intBetween(this.random, 0, text.length);
    const end = Math.min(text.length, at + intBetween(this.random, 0, 40));
    const lines = text.split("\r\n");
    switch (intBetween(this.random, 0, 7)) {
      case 0:
        return text.slice(0, at) + text.slice(end);
      case 1:
        return text.slice(0, at) + pick(this.random, tokens) + text.slice(at);
      case 2:
        return text.slice(0, at) + pick(this.random, tokens) + text.slice(end);
      case 3:
        return text.slice(0, at) + text.slice(at, end).repeat(intBetween(this.random, 2, 30)) + text.slice(end);
      case 4:
        return text.slice(0, at);
      case 5:
        // A line is gone.
        lines.splice(intBetween(this.random, 0, lines.length - 1), 1);
        return lines.join("\r\n");
      case 6:
        // A line has no value, or one that is not its own.
        return lines
          .with(intBetween(this.random, 0, lines.length - 1), `${pick(this.random, lines).split(":")[0]}:${pick(this.random, tokens)}`)
          .join("\r\n");
      default:
        return text.replace(/\d+/g, (digits) => (intBetween(this.random, 0, 3) === 0 ? pick(this.random, tokens) : digits));
    }
  }
}

/** Runs `count` inputs through something that must not throw. @returns what it threw on, for a message: undefined when on nothing */
export function survives(count: number, next: (index: number) => string | Buffer, take: (input: string | Buffer) => unknown): string | undefined {
  for (let index = 0; index < count; index += 1) {
    const input = next(index);
    try {
      take(input);
    } catch (error) {
      return `seed ${seed}, input ${index}: ${JSON.stringify(input.toString("latin1"))}: ${error instanceof Error ? error.stack : String(error)}`;
    }
  }
  return undefined;
}
