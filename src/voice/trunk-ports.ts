/** Where a trunk is asked something, as SIP URIs. */
export interface TrunkQuestion {
  readonly method: "OPTIONS" | "REGISTER";
  /** Request-URI. */
  readonly uri: string;
  /** Who asks: From, and of a REGISTER also To. */
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: { readonly username: string; readonly password: string };
  /** Nothing is waited for longer than that. */
  readonly timeoutMs: number;
}

/** What came back. */
export interface TrunkAnswer {
  /** Final SIP status; 408 when nothing came in time, 503 when there is no way there. */
  readonly status: number;
  readonly phrase: string;
  /** Nobody at the far end said so. */
  readonly madeUp: boolean;
  /** What was in the way on our side, for people. */
  readonly note?: string;
  /** Seconds: for how long a REGISTER is good, by its Contact or its Expires. */
  readonly expiresS?: number;
  /** Seconds: Min-Expires of a 423. */
  readonly minExpiresS?: number;
}

/** Requests to trunks that are no calls. */
export interface TrunkRequests {
  /** Whether anything can be asked now. */
  readonly ready: boolean;
  /** @returns undefined when it could not be sent for a reason that is not the trunk's. Never rejects */
  ask(question: TrunkQuestion): Promise<TrunkAnswer | undefined>;
}

/** Moments on a trunk, one after the other. */
export interface Starts {
  /** In how many ms the first call may leave. */
  readonly firstInMs: number;
  /** Between one and the next. */
  readonly stepMs: number;
  /** A step after the last of them (ms by the ledger's own clock): where those of the next question begin when nobody else has asked in between, and no time has gone by. */
  readonly endsAt: number;
}

/** What a node has and wants of a trunk's lines. */
export interface LineHolder {
  /** It may use so many. */
  readonly lines: number;
  readonly wanted: number;
  /** So many are needed by people who are on the line: those they have, and those that they wait for. 0 when nobody waits. */
  readonly needed: number;
}

/** Lines of a trunk that this node would use. */
export interface LineWish extends Pick<LineHolder, "wanted" | "needed"> {
  readonly trunk: string;
  /** Of the trunk, over all nodes. */
  readonly maxChannels: number;
  /** So many it has and does not give back. */
  readonly kept: number;
  /** As many as may be used from now on, where the others leave them. */
  readonly asked: number;
}

/** Who has what of a trunk's lines. */
export interface LineGrant {
  /** This node and the others that have or want any, in an order that is the same on all nodes. */
  readonly holders: readonly LineHolder[];
  /** Which of them this node is. */
  readonly own: number;
}

/** The limits of trunks over all nodes of a database. */
export interface TrunkLedger {
  /** The next `count` moments of a trunk, not before so many ms. Rejects when the database is away */
  starts(trunk: string, maxCps: number, count: number, notBeforeMs: number): Promise<Starts>;
  /** @returns by trunk: this node has no fewer lines than it keeps. Rejects when the database is away */
  lines(wishes: readonly LineWish[]): Promise<ReadonlyMap<string, LineGrant>>;
}
