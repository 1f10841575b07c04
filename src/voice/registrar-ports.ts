/** Where a device can be reached, as it has registered (RFC 3261 §10). */
export interface Binding {
  /** Its Contact URI, as it gave it. */
  readonly contact: string;
  /** SIP URI of the address from which it registered: through it devices behind NAT are reached. */
  readonly proxy: string;
  /** The signalling server over which it did; undefined when there is only one. */
  readonly via?: string;
  readonly callId: string;
  readonly cseq: number;
  readonly userAgent?: string;
  /** Epoch ms. */
  readonly registeredAt: number;
  readonly expiresAt: number;
}

/** Whose devices register under a user name. */
export interface Account {
  readonly agentId: string;
  readonly sealedPassword: string;
}

/** A right answer to a challenge may be given once. */
export interface UsedNonce {
  readonly nonce: string;
  /** How often the nonce was used, by the one who uses it. */
  readonly count: number;
  /** Epoch ms. */
  readonly holdsUntil: number;
}

/** What a REGISTER comes to: the bindings that there are to be, or an answer that says why nothing has changed. */
export type Rebinding = { readonly bindings: readonly Binding[] } | { readonly refused: RegistrationAnswer };

export interface RegistrarStore {
  account(username: string): Promise<Account | undefined>;
  /** Those that have not run out. */
  bindings(agentId: string): Promise<readonly Binding[]>;
  /** Whether this use of it is new, over all nodes; then it is not any more. */
  useNonce(used: UsedNonce): Promise<boolean>;
  /**
   * Changes the bindings of an agent, with nobody else doing so at the same time.
   * @param decide given those that have not run out, gives those that there are to be
   * @returns what it gave
   */
  rebind(agentId: string, decide: (bindings: readonly Binding[]) => Rebinding): Promise<Rebinding>;
}

/** One REGISTER, as it came. */
export interface Registration {
  readonly callId: string;
  readonly cseq: number;
  /** User part of To: for whom (RFC 3261 §10.3 step 5). */
  readonly user: string | undefined;
  /** Contact headers, joined with commas; undefined when there is none. */
  readonly contacts: string | undefined;
  readonly expires: string | undefined;
  readonly authorization: string | undefined;
  readonly requires: string | undefined;
  readonly userAgent: string | undefined;
  readonly source: { readonly address: string; readonly port: number; readonly transport: string };
  readonly via: string | undefined;
}

export interface RegistrationAnswer {
  readonly status: number;
  readonly phrase?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Takes REGISTERs off the network. */
export interface RegisterSource {
  /** Every one is given to `onRegister`, which never rejects, from now on. */
  takeRegisters(onRegister: (registration: Registration) => Promise<RegistrationAnswer>): void;
}
