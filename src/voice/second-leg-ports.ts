/** `transfer`: to a number for the person of an attempt; `phone`: to the telephone of an agent or a supervisor. */
export const secondLegKinds = ["transfer", "phone"] as const;

/** A leg over a trunk beside that to the person of an attempt: what the carrier charges for it, too. */
export interface SecondLeg {
  /** As in `LegName`. */
  readonly dialogId: string;
  readonly trunk: string;
  readonly kind: (typeof secondLegKinds)[number];
  /** For whose sake; none where it is for nobody in particular, as that to a telephone that is kept on the line. */
  readonly attemptId?: string;
  /** Of a telephone: the agent's whose it is, or to whom whoever it belongs to listens. */
  readonly agentId?: string;
  /** When it was about to leave, was answered, and was over (epoch ms). */
  readonly beganAt: number;
  readonly answeredAt?: number;
  readonly endedAt?: number;
}

export interface SecondLegStore {
  /** Writes or writes over; one that has ended stays as it is. */
  keep(leg: SecondLeg): Promise<void>;
  /** It was never answered: it costs nothing. */
  forget(dialogId: string): Promise<void>;
  /** Those of processes that are dead end when whoever cleared up had ended them: a transfer with its attempt, a telephone when it is not noted as a leg any more. */
  endLeft(now: number): Promise<void>;
}
