import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isLeaked } from "./leaked-password-engine.ts";
import type { PasswordRules } from "./options.ts";
import { checkPassword, isKnownTo } from "./password.ts";

let known: Buffer | undefined;

/** Whether everybody who guesses has it on their list: one of 20,000 that leaked most often of those that are long enough (scripts/known-passwords.cjs). */
export function isKnownPassword(password: string): boolean {
  known ??= readFileSync(new URL("known-passwords.bin", import.meta.url));
  return isKnownTo(known, createHash("sha256").update(password.normalize("NFKC").toLowerCase()).digest());
}

/** Whether somebody may choose it. Rejects with Fault `password-weak`, and when the list of those that leaked cannot be read. */
export async function checkChosenPassword(password: string, name: string, { passwordWords, leakedPasswords }: PasswordRules): Promise<void> {
  const known = isKnownPassword(password) || (leakedPasswords !== undefined && (await isLeaked(leakedPasswords, password)));
  checkPassword(password, { name, words: passwordWords, known });
}
