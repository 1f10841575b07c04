import type { Passport } from "./identity.ts";

/** Has the private key of our certificate. */
export interface PassportSigner {
  /** @returns the PASSporT in its compact form (RFC 8225 §7) */
  sign(passport: Passport): Promise<string>;
}
