import type { Clock } from "../kernel/clock.ts";
import { callerHeaders, type IdentityPolicy, identityHeaders, passportOf } from "./identity.ts";
import type { PassportSigner } from "./identity-ports.ts";
import type { Trunk } from "./trunk.ts";

/** Says on each INVITE who calls, as its trunk wants it. */
export class CallerHeaders {
  readonly #clock: Clock;
  readonly #identity: { readonly policy: IdentityPolicy; readonly signer: PassportSigner } | undefined;

  /** @param identity left out, nothing is signed */
  constructor(clock: Clock, identity?: { readonly policy: IdentityPolicy; readonly signer: PassportSigner }) {
    this.#clock = clock;
    this.#identity = identity;
  }

  /** @param to as in E.164, like the caller id */
  async of(trunk: Trunk, to: string, callerId: string): Promise<Readonly<Record<string, string>>> {
    const plain = callerHeaders(trunk, callerId);
    if (!this.#identity || trunk.signIdentity !== true) return plain;
    const { policy, signer } = this.#identity;
    const now = this.#clock.now();
    const passport = passportOf(to, callerId, policy, now);
    return passport ? { ...plain, ...identityHeaders(await signer.sign(passport), policy, now) } : plain;
  }
}
