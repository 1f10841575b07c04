import { randomBytes } from "node:crypto";
import { Logins } from "../access/login-engine.ts";
import { isSealedWith, nonceBytes, type SealKey, seal, sealKey, unseal } from "../access/seal.ts";
import type { Seals } from "../access/user.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { keyOf } from "./kept-trunk.ts";
import { privacyApi } from "./privacy.ts";

type Secrets = Pick<Config, "identity" | "secret">;

/** Who asks, what they may see, what is kept of people, and what is written down of what they did. */
export function accessParts(
  stores: Pick<Stores, "keys" | "groups" | "audit" | "changes" | "users" | "sessions" | "guard" | "privacy">,
  config: Secrets & Pick<Config, "access" | "retention" | "masking">,
  clock: Clock,
  log: Log,
): Pick<ApiParts, "keys" | "groups" | "audit" | "changes" | "users" | "sessions" | "seals" | "logins" | "passwordRules" | "privacy" | "masking"> {
  const { keys, groups, audit, changes, users, sessions, guard } = stores;
  const seals = sealsOf(config);
  const own = privacyApi(stores, config);
  const { secondFactor, ...passwordRules } = config.access;
  const logins = new Logins({ users, sessions, guard, seals, secondFactor, clock, log });
  return { ...own, keys, groups, audit, changes, users, sessions, seals, logins, passwordRules };
}

/** Seals with the key of the configuration, and opens with the earlier ones too. */
export function sealsOf(config: Secrets): Seals {
  const key = keyOf(config);
  const keys: readonly SealKey[] = [...(key ? [key] : []), ...config.secret.previousKeys.map(sealKey)];
  return {
    seal(place, text) {
      if (!key) throw new Fault("secret-key-missing", keyMissing);
      return seal(key, place, text, randomBytes(nonceBytes));
    },
    unseal: (place, sealed) => unseal(keys, place, sealed),
    isStale: (sealed) => key === undefined || !isSealedWith(key, sealed),
  };
}

const keyMissing =
  "A second factor is kept only sealed, and this node has no key: give every node the same secret.key (CARILLON_SECRET_KEY_FILE), made with openssl rand -base64 32.";
