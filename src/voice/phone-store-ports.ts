import type { AgentState } from "../agent/state.ts";
import type { Phone } from "./phone.ts";

/** An agent's telephone as it is kept. */
export interface KeptPhone extends Phone {
  readonly agentId: string;
  /** For a device: what its password is, sealed. */
  readonly sealedPassword?: string;
}

/** An agent whose program is connected to this node. */
export interface Seat {
  readonly agentId: string;
  readonly state: AgentState;
  readonly reason: string | undefined;
  readonly phone: Phone | undefined;
}

/** What another process needs to end a leg to a telephone. */
export interface KeptLeg {
  /** As in `LegName`. */
  readonly dialogId: string;
  readonly agentId: string;
  readonly mediaServer: string;
  readonly endpointId: string;
  /** Known once its INVITE has left, and wanted until it is answered. */
  readonly transactionId?: string;
  /** Until it is answered: when it stops ringing by itself (epoch ms). */
  readonly ringsUntil?: number;
  /** For whom it is on the line. */
  readonly attemptId?: string;
}

/** The legs to telephones that are up or ring, so that somebody else can end them. */
export interface PhoneLegs {
  /** Writes or writes over. */
  keep(leg: KeptLeg): Promise<void>;
  forget(dialogId: string): Promise<void>;
  /** Those of processes that are dead, from now on this one's. */
  takeDead(): Promise<readonly KeptLeg[]>;
}

export interface PhoneStore extends PhoneLegs {
  phone(agentId: string): Promise<KeptPhone | undefined>;
  /** @throws Fault `agent-unknown`, `phone-exists` (another agent's device has that user name) */
  set(phone: KeptPhone): Promise<void>;
  /** @returns false when there is none */
  remove(agentId: string): Promise<boolean>;
  /** Passwords of devices, as they are sealed. */
  sealed(): Promise<readonly { readonly agentId: string; readonly sealedPassword: string }[]>;
  /** @returns false when it was another one by then */
  reseal(agentId: string, before: string, sealedPassword: string): Promise<boolean>;
  /** Every agent whose program is connected to this node, or was until a moment ago. */
  seats(): Promise<readonly Seat[]>;
}
