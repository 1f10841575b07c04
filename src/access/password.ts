import { Fault } from "../kernel/fault.ts";

/** NIST SP 800-63B-4 §3.1.1.2: length, and nothing that everybody tries first; no rules of composition. In characters. */
const shortest = 12;
const longest = 128;

/** What people type when they have to type something. */
const obvious = /^(.)\1*$|^(?:0?1234567890?|abcdefgh|qwert[yz]|password|passwort|letmein|welcome|changeme|iloveyou|carillon|admin)/i;

/** @throws Fault `password-weak` */
export function checkPassword(password: string, name: string): void {
  const length = [...password].length;
  if (length < shortest || length > longest) throw weak(`has ${shortest} to ${longest} characters`);
  if (obvious.test(password)) throw weak("is none of those that are tried first");
  if (name.length > 2 && password.toLowerCase().includes(name.toLowerCase())) throw weak("does not hold the name");
}

function weak(rule: string): Fault {
  return new Fault("password-weak", `A password ${rule}; a few words that do not belong together are a good one.`);
}
