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
}

/** Lines of a trunk that this node would use. */
export interface LineWish {
  readonly trunk: string;
  /** Of the trunk, over all nodes. */
  readonly maxChannels: number;
  /** So many it has and does not give back. */
  readonly kept: number;
  readonly wanted: number;
}

/** The limits of trunks over all nodes of a database. */
export interface TrunkLedger {
  /** The next `count` moments of a trunk, not before so many ms. Rejects when the database is away */
  starts(trunk: string, maxCps: number, count: number, notBeforeMs: number): Promise<Starts>;
  /** @returns how many lines of each trunk this node may use from now on: never fewer than it keeps. Rejects when the database is away */
  lines(wishes: readonly LineWish[]): Promise<ReadonlyMap<string, number>>;
}
