/** An agent's telephone as somebody wants it. */
export type NewPhone =
  | { readonly kind: "uri"; readonly nailedUp: boolean; readonly uri: string }
  | { readonly kind: "number"; readonly nailedUp: boolean; readonly number: string; readonly trunk: string; readonly callerId: string }
  /** `password` left out: it stays as it was. */
  | { readonly kind: "device"; readonly nailedUp: boolean; readonly username: string; readonly password?: string };

/** A device that has registered. */
export interface DeviceView {
  readonly contact: string;
  /** From where it did. */
  readonly address: string;
  readonly userAgent: string | undefined;
  /** Epoch ms. */
  readonly registeredAt: number;
  readonly expiresAt: number;
}

/**
 * Whether it can be reached at this moment. `on-the-line`: somebody can be connected at once, or is. `calling`: it is to be kept on the line and is called. `not-there`: it could
 * not be had, or nothing has registered. `registered`: a device that is rung for each call. `unknown`: nobody knows before it is called.
 */
export const phoneReaches = ["on-the-line", "calling", "not-there", "registered", "unknown"] as const;

export interface PhoneReach {
  readonly is: (typeof phoneReaches)[number];
  /** For people. */
  readonly why?: string;
}

export interface PhoneView {
  readonly kind: "uri" | "number" | "device";
  readonly nailedUp: boolean;
  readonly uri?: string;
  readonly number?: string;
  readonly trunk?: string;
  readonly callerId?: string;
  readonly username?: string;
  readonly devices: readonly DeviceView[];
  readonly reach: PhoneReach;
}

/** Agents' telephones, for people who look after them. */
export interface PhoneControl {
  /** @throws Fault `agent-unknown`, `phone-unknown` */
  find(agentId: string): Promise<PhoneView>;
  /** Another telephone than before is called when the agent is on no call. @throws Fault `agent-unknown`, `phone-invalid`, `phone-exists`, `secret-key-missing` */
  set(agentId: string, phone: NewPhone): Promise<PhoneView>;
  /** @throws Fault `agent-unknown`, `phone-unknown` */
  remove(agentId: string): Promise<void>;
  /**
   * Seals passwords with the present key that are sealed with an earlier one. Rejects with Fault `secret-key-missing`.
   * @returns ids of agents whose password is sealed anew, and of those whose password no key opens
   */
  reseal(): Promise<{ readonly resealed: readonly string[]; readonly unreadable: readonly string[] }>;
}
