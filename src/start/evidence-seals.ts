import { randomBytes } from "node:crypto";
import { isSealedWith, nonceBytes, type SealKey, seal, sealKey, unseal } from "../access/seal.ts";
import type { EvidenceSeals } from "../adapter/postgres/repository/evidence-key.ts";
import type { Config } from "../config/schema.ts";

/** What the key of the hashes of people is sealed and opened with: `secret.key`, and the earlier ones to open. */
export function evidenceSealsOf({ secret }: Pick<Config, "secret">): EvidenceSeals {
  const present = secret.key === undefined ? undefined : sealKey(secret.key);
  const keys: readonly SealKey[] = [...(present ? [present] : []), ...secret.previousKeys.map(sealKey)];
  return {
    seal: present && ((place, text) => seal(present, place, text, randomBytes(nonceBytes))),
    unseal: (place, sealed) => unseal(keys, place, sealed),
    isStale: (sealed) => present === undefined || !isSealedWith(present, sealed),
  };
}
