import { Fault } from "../kernel/fault.ts";

/** NIST SP 800-63B-4 §3.1.1.2: length, and nothing that everybody tries first; no rules of composition. In characters. */
const shortest = 12;
const longest = 128;

/** What people type when they have to type something. */
const obvious = /^(.)\1*$|^(?:0?1234567890?|abcdefgh|qwert[yz]|password|passwort|letmein|welcome|changeme|iloveyou|carillon|admin)/i;

/** Words that are near at hand for whoever guesses here, beside those of the configuration and the name itself (docs/security.md). */
export const contextWords = [
  ...["carillon", "drachtio", "freeswitch", "callcenter", "callcentre", "campaign", "outbound", "dialer", "dialler"],
  ...["owner", "administrator", "admin", "supervisor", "author", "agent", "integrator", "password", "passwort", "secret", "login", "welcome"],
] as const;

/** Letters that have to be left when such words are taken away: a phrase may hold one, a word with a year may not be all there is. */
const fewestLetters = 8;
/** Of a word or a part of a name: shorter ones stand in too many others. */
const shortestWord = 4;

interface Chooser {
  readonly name: string;
  /** Of the configuration: the company, its products. */
  readonly words: readonly string[];
  /** Whether it stands on the list of those that leaked. */
  readonly known: boolean;
}

/** @throws Fault `password-weak` */
export function checkPassword(password: string, { name, words, known }: Chooser): void {
  const length = [...password].length;
  if (length < shortest || length > longest) throw weak(`has ${shortest} to ${longest} characters`);
  if (obvious.test(password)) throw weak("is none of those that are tried first");
  if (known) throw weak("is none of those that have leaked somewhere, and are tried first");
  const small = password.normalize("NFKC").toLowerCase();
  if (name.length > 2 && small.includes(name.toLowerCase())) throw weak("does not hold the name");
  const near = [...contextWords, ...words, ...name.split(/[._@+-]/)].map((word) => word.toLowerCase()).filter((word) => word.length >= shortestWord);
  const rest = near.sort((a, b) => b.length - a.length).reduce((left, word) => left.replaceAll(word, ""), small);
  if (rest !== small && (rest.match(/\p{L}/gu) ?? []).length < fewestLetters)
    throw weak("is more than a name or a word of this place with digits and signs around it");
}

/** Bytes that are kept of each hash. */
const keptBytes = 5;

/** Whether a hash begins like one of those in a sorted list of beginnings. */
export function isKnownTo(beginnings: Buffer, hash: Buffer): boolean {
  const wanted = hash.subarray(0, keptBytes);
  let [from, to] = [0, beginnings.length / keptBytes];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = Buffer.compare(beginnings.subarray(middle * keptBytes, (middle + 1) * keptBytes), wanted);
    if (order === 0) return true;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}

function weak(rule: string): Fault {
  return new Fault("password-weak", `A password ${rule}; a few words that do not belong together are a good one.`);
}
