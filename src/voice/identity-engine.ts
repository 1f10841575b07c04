import type { Clock } from "../kernel/clock.ts";
import { callerHeaders, type IdentityPolicy, identityHeaders, passportOf } from "./identity.ts";
import type { PassportSigner } from "./identity-ports.ts";
import type { Trunk } from "./trunk.ts";

/** What calls are signed with. */
export interface Identity {
  readonly policy: IdentityPolicy;
  readonly signer: PassportSigner;
}

/** Says on each INVITE who calls, as its trunk wants it. */
export class CallerHeaders {
  readonly #clock: Clock;
  #identity: Identity | undefined;

  /** @param identity left out, nothing is signed */
  constructor(clock: Clock, identity?: Identity) {
    this.#clock = clock;
    this.#identity = identity;
  }

  /** Takes over another key or policy. */
  set(identity: Identity | undefined): void {
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
