/** Who asks, and the key: keys of different callers have nothing to do with each other. */
export interface RequestKey {
  /** As `callerKey` of access/role.ts writes it. */
  readonly owner: string;
  /** From the header Idempotency-Key. */
  readonly key: string;
}

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a key stands for. `request` tells one request from another. */
export type KeyState =
  | { readonly state: "taken" }
  /** A living process works on a request with this key. */
  | { readonly state: "busy" }
  | { readonly state: "answered"; readonly request: string; readonly answer: KeptAnswer };

/** Keeps answers for 24 hours, for the same request sent again. What a dead process had taken and not answered is free again. */
export interface AnswerKeeper {
  /** Takes the key, unless somebody has it. */
  take(key: RequestKey, request: string): Promise<KeyState>;
  /** The answer to the request that took the key. */
  keep(key: RequestKey, request: string, answer: KeptAnswer): Promise<void>;
  /** The request came to nothing and may be sent again. */
  giveBack(key: RequestKey): Promise<void>;
}
