import { type SealKey, sealKey, unseal } from "../access/seal.ts";
import type { Config } from "../config/schema.ts";
import { readTrunk } from "../config/trunk.ts";
import type { Trunk } from "../voice/trunk.ts";
import type { KeptTrunk } from "../voice/trunk-store-ports.ts";

type Settings = Pick<Config, "identity" | "secret">;

/** A trunk as it is dialled over; what this node cannot use says why. */
export function trunkOf(kept: KeptTrunk, settings: Settings): Trunk {
  const password = passwordOf(kept, settings);
  const { part: trunk, findings } = readTrunk(settingsOf(kept, password), settings.identity);
  if (kept.sealedPassword !== undefined && password === undefined)
    return { ...trunk, unusable: "its password cannot be read on this node: secret.key is not the key that it was sealed with" };
  const said = findings.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  return findings.length > 0 ? { ...trunk, unusable: `it cannot be used on this node: ${said}` } : trunk;
}

/** What a sealed password says; undefined when none of the keys opens it. */
export function passwordOf({ name, sealedPassword }: KeptTrunk, settings: Settings): string | undefined {
  const key = keyOf(settings);
  const keys = [...(key ? [key] : []), ...settings.secret.previousKeys.map(sealKey)];
  return sealedPassword === undefined ? undefined : unseal(keys, passwordPlace(name), sealedPassword);
}

/** The key that passwords are sealed with now. */
export function keyOf({ secret: { key } }: Settings): SealKey | undefined {
  return key === undefined ? undefined : sealKey(key);
}

/** As a configuration would have it. @param password left out, it stands for one that there is */
export function settingsOf({ name, settings, sealedPassword }: Omit<KeptTrunk, "revision">, password = "sealed"): Record<string, unknown> {
  return { ...settings, name, ...(sealedPassword !== undefined && { password }) };
}

/** What the password of a trunk is sealed for. */
export function passwordPlace(name: string): string {
  return `trunk ${name} password`;
}
