import { createPrivateKey, type KeyObject } from "node:crypto";
import { CompactSign } from "jose";
import { Fault } from "../../kernel/fault.ts";
import type { Passport } from "../../voice/identity.ts";
import type { PassportSigner } from "../../voice/identity-ports.ts";

const advice = "identity.privateKey must hold the PEM text of an EC P-256 key: openssl ecparam -name prime256v1 -genkey -noout";

/** Signs with ES256, the one algorithm of RFC 8225 §5.3. */
export class JosePassportSigner implements PassportSigner {
  readonly #key: KeyObject;

  /** @param pem PKCS 8 or SEC 1. @throws Fault `identity-key-unusable` */
  constructor(pem: string) {
    try {
      this.#key = createPrivateKey(pem);
    } catch (error) {
      // The system's own message may quote the key.
      throw new Fault(
        "identity-key-unusable",
        `The key to sign calls with cannot be read (${(error as NodeJS.ErrnoException).code ?? "no PEM"}). ${advice}`,
      );
    }
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = this.#key;
    if (type !== "ec" || details?.namedCurve !== "prime256v1")
      throw new Fault("identity-key-unusable", `The key to sign calls with is ${details?.namedCurve ?? type}. ${advice}`);
  }

  sign({ header, payload }: Passport): Promise<string> {
    return new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader(header).sign(this.#key);
  }
}
