import { JosePassportSigner } from "../adapter/jose/passport-signer.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { CallerHeaders } from "../voice/identity-engine.ts";

/** @throws Fault `identity-key-unusable` */
export function openIdentity({ identity }: Config, clock: Clock): CallerHeaders {
  const { privateKey, certificateUrl, originId, numbers } = identity;
  if (privateKey === undefined || certificateUrl === undefined || originId === undefined) return new CallerHeaders(clock);
  return new CallerHeaders(clock, { policy: { certificateUrl, originId, numbers }, signer: new JosePassportSigner(privateKey) });
}
