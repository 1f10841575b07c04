import { randomBytes } from "node:crypto";
import { Fault } from "../kernel/fault.ts";
import { base32, enrolmentUri, matchingStep, recoveryBytes, recoveryCodes, recoveryHash, recoveryText, seedBytes } from "./totp.ts";
import type { Credentials, Seals, UserStore } from "./user.ts";

/** What a seed is sealed for. */
function placeOf(userId: string): string {
  return `second factor of user ${userId}`;
}

export function seedOf(seals: Seals, { id, sealedSeed }: Pick<Credentials, "id" | "sealedSeed">): Uint8Array | undefined {
  const text = sealedSeed === undefined ? undefined : seals.unseal(placeOf(id), sealedSeed);
  return text === undefined ? undefined : Buffer.from(text, "base64");
}

/** Makes a seed, which is in force once a code of it was given. @throws Fault `second-factor-state`, `secret-key-missing` */
export async function beginSecondFactor(
  users: UserStore,
  seals: Seals,
  user: Credentials,
): Promise<{ readonly secret: string; readonly uri: string }> {
  if (user.secondFactor) throw new Fault("second-factor-state", "There is a second factor already; remove it first.");
  const seed = randomBytes(seedBytes);
  await users.setSeed(user.id, seals.seal(placeOf(user.id), seed.toString("base64")));
  return { secret: base32(seed), uri: enrolmentUri(user.name, seed) };
}

/** @returns the recovery codes, which are shown once @throws Fault `second-factor-state`, `login-refused` */
export async function confirmSecondFactor(users: UserStore, seals: Seals, user: Credentials, code: string, now: number): Promise<readonly string[]> {
  const seed = user.secondFactor ? undefined : seedOf(seals, user);
  if (seed === undefined) throw new Fault("second-factor-state", "Begin first: that gives the secret for your authenticator.");
  const step = matchingStep(seed, code, now, undefined);
  if (step === undefined) throw new Fault("login-refused", "That is not the code of this moment; see whether the clock of your device is right.");
  const texts = Array.from({ length: recoveryCodes }, () => recoveryText(randomBytes(recoveryBytes)));
  await users.enforceSeed(user.id, step, texts.map(recoveryHash));
  return texts;
}

/** Seals seeds with the present key that are sealed with an earlier one. */
export async function resealSeeds(users: UserStore, seals: Seals): Promise<{ readonly resealed: number; readonly unreadable: number }> {
  let [resealed, unreadable] = [0, 0];
  for (const { id, sealedSeed } of await users.seeds()) {
    if (!seals.isStale(sealedSeed)) continue;
    const text = seals.unseal(placeOf(id), sealedSeed);
    if (text === undefined) unreadable += 1;
    else if (await users.reseal(id, sealedSeed, seals.seal(placeOf(id), text))) resealed += 1;
  }
  return { resealed, unreadable };
}
