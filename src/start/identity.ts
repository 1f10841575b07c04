import { JosePassportSigner } from "../adapter/jose/passport-signer.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { CallerHeaders, type Identity } from "../voice/identity-engine.ts";

/** What calls are signed with; undefined when nothing is. @throws Fault `identity-key-unusable` */
export function identityOf({ identity }: Config): Identity | undefined {
  const { privateKey, certificateUrl, originId, numbers } = identity;
  if (privateKey === undefined || certificateUrl === undefined || originId === undefined) return undefined;
  return { policy: { certificateUrl, originId, numbers }, signer: new JosePassportSigner(privateKey) };
}

/** @throws Fault `identity-key-unusable` */
export function openIdentity(config: Config, clock: Clock): CallerHeaders {
  return new CallerHeaders(clock, identityOf(config));
}
