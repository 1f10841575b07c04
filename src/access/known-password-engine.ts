import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { checkPassword, isKnownTo } from "./password.ts";

let known: Buffer | undefined;

/** Whether everybody who guesses has it on their list: one of 20,000 that leaked most often of those that are long enough (scripts/known-passwords.cjs). */
export function isKnownPassword(password: string): boolean {
  known ??= readFileSync(new URL("known-passwords.bin", import.meta.url));
  return isKnownTo(known, createHash("sha256").update(password.normalize("NFKC").toLowerCase()).digest());
}

/**
 * Whether somebody may choose it.
 * @param words that whoever guesses tries first here (`access.passwordWords`)
 * @throws Fault `password-weak`
 */
export function checkChosenPassword(password: string, name: string, words: readonly string[]): void {
  checkPassword(password, { name, words, known: isKnownPassword(password) });
}
