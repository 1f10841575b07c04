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

export interface PhoneView {
  readonly kind: "uri" | "number" | "device";
  readonly nailedUp: boolean;
  readonly uri?: string;
  readonly number?: string;
  readonly trunk?: string;
  readonly callerId?: string;
  readonly username?: string;
  readonly devices: readonly DeviceView[];
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
